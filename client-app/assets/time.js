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
// What arrives from the record may have happened after a jump that this page does not know of yet.
document.addEventListener("record:exchanges", () => ask({}).catch(() => {}));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) ask({}).catch(() => {});
});

// --- what ages

/** The place of a moment on the line of a box, in percent: see lifetime/axis.rs. */
function place(knots, seconds) {
  const after = knots.findIndex(([moment]) => moment > seconds);
  if (after === 0) return 0;
  if (after < 0) return knots.at(-1)[1];
  const [[from, left], [to, right]] = [knots[after - 1], knots[after]];
  return left + ((right - left) * (seconds - from)) / (to - from);
}

/** Moves "now" over the bars of a box, and tells what expires meanwhile. */
function showLives(box) {
  const knots = box.dataset.knots.split(" ").map((knot) => knot.split(":").map(Number));
  const at = now() / 1000;
  const here = place(knots, at);
  for (const line of box.querySelectorAll(".life-now")) {
    line.setAttribute("x1", `${here}%`);
    line.setAttribute("x2", `${here}%`);
  }
  const flag = box.querySelector(".life-now-text");
  flag?.setAttribute("x", `${here}%`);
  flag?.setAttribute("text-anchor", here < 4 ? "start" : here > 96 ? "end" : "middle");
  for (const life of box.querySelectorAll('.life[data-state="live"][data-expires]')) {
    const left = Number(life.dataset.expires) - Math.floor(at);
    const spent = life.querySelector(".life-spent");
    const end = place(knots, Math.min(at, Number(life.dataset.expires)));
    spent.setAttribute("width", `${Math.max(0, end - parseFloat(spent.getAttribute("x")))}%`);
    const words = left > 0 ? box.dataset.left.replace("#", span(left)) : "";
    const told = life.querySelector(".life-left");
    if (told.textContent !== words) told.textContent = words;
    if (left <= 0) expire(life, box);
  }
}

function expire(life, box) {
  life.dataset.state = "expired";
  life.classList.replace("life-live", "life-expired");
  life.querySelector(".life-state").textContent = box.dataset.expired;
  const news = document.getElementById("lives-news");
  if (news) news.textContent = news.dataset.expired.replace("#", life.querySelector(".life-name").textContent);
}

/** A token's last minutes on the page of a run. */
function showProgress(bar) {
  const left = Math.max(0, Number(bar.dataset.until) - Math.floor(now() / 1000));
  if (bar.value === left) return;
  bar.value = left;
  bar.classList.toggle("is-late", left < bar.max / 5);
  const told = bar.closest("section").querySelector("[data-over]");
  told.textContent = left > 0 ? told.dataset.left.replace("#", span(left)) : told.dataset.over;
}

function tick() {
  showFace();
  document.querySelectorAll("[data-knots]").forEach(showLives);
  document.querySelectorAll("progress[data-until]").forEach(showProgress);
}

// The bars of a run, from the page of its flow: that flow is known only once its exchanges have arrived.
for (const box of document.querySelectorAll("[data-lives-of]")) {
  fetch(box.dataset.livesOf, { headers: { accept: "text/html" } })
    .then(async (answer) => {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const lives = answer.ok && page.getElementById("lives");
      if (lives) {
        box.replaceWith(document.adoptNode(lives));
        // live.js shows its times in the reader's zone.
        lives.dispatchEvent(new CustomEvent("record:added", { bubbles: true }));
      }
      tick();
    })
    .catch(() => {});
}

setInterval(tick, 250);
tick();
