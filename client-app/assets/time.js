// The realm's clock, ticking, and what ages by it: bars of lifetimes, with the times that are left.
// The servers decide by their own clock; this only shows what it says. Without scripts the page shows the moment of
// its loading, and the buttons are plain forms.

const bar = document.getElementById("clock");
const LOOK_MS = 5000;

// The realm's time at one moment of this page, and since when it has been running.
const clock = { nowMs: Number(bar.dataset.now), at: performance.now(), paused: bar.classList.contains("is-paused") };

/** The realm's time in milliseconds. */
function now() {
  return clock.paused ? clock.nowMs : clock.nowMs + performance.now() - clock.at;
}

/** A span in its two largest units, in the reader's language. */
function span(seconds) {
  const parts = [
    ["days", Math.floor(seconds / 86400)],
    ["hours", Math.floor(seconds / 3600) % 24],
    ["minutes", Math.floor(seconds / 60) % 60],
    ["seconds", seconds % 60],
  ];
  const first = Math.min(parts.findIndex(([, count]) => count > 0) >>> 0, 3);
  return parts
    .slice(first, first + 2)
    .filter(([, count], at) => at === 0 || count > 0)
    .map(([unit, count]) => bar.dataset[unit].replace("#", count))
    .join(" ");
}

// --- the face

const face = bar.querySelector("[data-clock-face]");
const ahead = bar.querySelector("[data-clock-ahead]");
const turns = bar.querySelector("form");

/** The time in the reader's own zone, as all times of these pages. */
function showFace() {
  const at = new Date(now());
  const language = document.documentElement.lang;
  const today = at.toDateString() === new Date().toDateString();
  const text = today ? at.toLocaleTimeString(language) : at.toLocaleString(language);
  if (face.textContent === text) return;
  face.textContent = text;
  face.dateTime = at.toISOString();
  face.title = at.toISOString().replace("T", " ").replace(/\..*/, " UTC");
}

/** Takes over what the server says of its clock. */
function take(told) {
  Object.assign(clock, { nowMs: told.now_ms, at: performance.now(), paused: told.paused || told.held });
  bar.classList.toggle("is-paused", clock.paused);
  const [pause, resume] = [turns.querySelector(".clock-pause"), turns.querySelector(".clock-resume")];
  const focused = document.activeElement === (told.paused ? pause : resume);
  pause.hidden = told.paused;
  resume.hidden = !told.paused;
  if (focused) (told.paused ? resume : pause).focus();
  if (ahead.textContent !== told.text) ahead.textContent = told.text;
  tick();
}

async function ask(init) {
  const answer = await fetch(bar.dataset.api, { headers: { accept: "application/json", "content-type": "application/json" }, ...init });
  if (!answer.ok) throw new Error(answer.status);
  take(await answer.json());
}

turns.addEventListener("submit", (event) => {
  const { name, value } = event.submitter ?? {};
  if (!name) return;
  event.preventDefault();
  ask({ method: "POST", body: JSON.stringify({ [name]: JSON.parse(value) }) }).catch(() => {
    // What the server does not do, its own page explains.
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    turns.append(field);
    turns.submit();
  });
});

// Somebody else may turn it: another window, a test, a pause in the middle of a flow.
setInterval(() => {
  if (!document.hidden) ask({}).catch(() => {});
}, LOOK_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) ask({}).catch(() => {});
});

// --- what ages

function tick() {
  showFace();
}

setInterval(tick, 250);
tick();
