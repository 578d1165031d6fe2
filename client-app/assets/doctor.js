// What only a browser can tell: whether it reaches each service itself, and whether its clock agrees.
// Asks each service for its vitals (no cookies, nothing secret); the words stand in the page.

const CLOCK_MS = 60_000;

function tell(item, level, text, remedy) {
  item.classList.remove("finding-ok", "finding-unknown", "finding-care", "finding-fault");
  item.classList.add(`finding-${level}`);
  item.dataset.level = level;
  item.querySelector(".finding-level").textContent = item.dataset[level === "ok" ? "wordOk" : level === "care" ? "wordCare" : "wordFault"];
  item.querySelector(".finding-text").textContent = text;
  const line = item.querySelector(".remedy");
  line.hidden = !remedy;
  line.querySelector("span").textContent = remedy || "";
}

async function vitals(url) {
  const begun = Date.now();
  const answer = await fetch(url, { cache: "no-store", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(String(answer.status));
  const signs = await answer.json();
  return { signs, middle: (begun + Date.now()) / 2 };
}

async function reach(item) {
  try {
    const { signs } = await vitals(item.dataset.probe);
    if (signs.service !== item.dataset.service) throw new Error("another service");
    tell(item, "ok", item.dataset.ok);
  } catch {
    tell(item, "fault", item.dataset.fault, item.dataset.remedy);
  }
}

async function clock(item) {
  try {
    const { signs, middle } = await vitals(item.dataset.clock);
    const apart = Math.round((middle - signs.wall_clock_ms) / 1000);
    if (Math.abs(apart) * 1000 < CLOCK_MS) tell(item, "ok", item.dataset.ok);
    else tell(item, "care", item.dataset.care.replace("%", String(apart)), item.dataset.remedy);
  } catch {
    // The client app itself is away: the probe beside this one says so.
  }
}

for (const item of document.querySelectorAll("[data-probe]")) reach(item);
for (const item of document.querySelectorAll("[data-clock]")) clock(item);
