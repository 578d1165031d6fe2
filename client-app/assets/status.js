// Keeps the "up" state of the three services live. Without scripts the page shows the state at its loading.

const list = document.getElementById("services");
const PAUSE_MS = 5000;

async function look() {
  if (document.hidden) return;
  try {
    const response = await fetch(list.dataset.status, { headers: { accept: "application/json" } });
    const { services } = await response.json();
    for (const service of services) show(service.service, service.up);
  } catch {
    // The client app itself is away: then so is this page's news of the others.
    show("client-app", false);
  }
}

function show(name, up) {
  const mark = list.querySelector(`[data-service="${CSS.escape(name)}"] .live`);
  if (!mark || mark.classList.contains("is-up") === up) return;
  mark.classList.toggle("is-up", up);
  mark.classList.toggle("is-down", !up);
  mark.textContent = up ? list.dataset.up : list.dataset.down;
}

if (list) setInterval(look, PAUSE_MS);
