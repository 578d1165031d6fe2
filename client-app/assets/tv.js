// Keeps the TV's screen up to date while it waits. It asks for its own page once a second, puts the part about the
// polls in place of the old one, and goes where the page goes once something is decided. All HTML is the server's.

const PACE = 1000;

async function look() {
  const live = document.getElementById("tv-live");
  if (!live) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store", headers: { accept: "text/html" }, redirect: "manual" });
    if (answer.type === "opaqueredirect") {
      location.reload();
      return;
    }
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("tv-live");
      if (next && next.innerHTML !== live.innerHTML) replace(live, next);
    }
  } catch {
    const status = document.getElementById("tv-status");
    if (status.textContent !== live.dataset.lost) status.textContent = live.dataset.lost;
  }
  setTimeout(look, PACE);
}

/** The status line stays the same element, so that a change of it is read out, and nothing else is. */
function replace(live, next) {
  const status = live.querySelector("#tv-status");
  const said = next.querySelector("#tv-status");
  if (status.textContent !== said.textContent) status.textContent = said.textContent;
  live.querySelector("#tv-left").replaceWith(next.querySelector("#tv-left"));
  live.querySelector(".tv-log")?.remove();
  const log = next.querySelector(".tv-log");
  if (log) live.append(log);
}

setTimeout(look, PACE);
