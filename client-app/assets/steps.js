// What is looked at: one step of a flow, in the drawing, on its card and in the list; the keys that move it; the chips,
// which light up every place where their value appears; the voice that says what is new. Needs no answer of the server
// but to draw the other view. See diagram.html for the elements.

const root = () => document.getElementById("diagram");
const hopsOf = (x) => root().querySelectorAll(`.hop[data-x="${CSS.escape(x)}"]`);
const numbersOf = (x) => root().querySelectorAll(`.number-of[data-x="${CSS.escape(x)}"]`);

/** The ids of the exchanges in order, as drawn. */
const order = () => [...root().querySelectorAll(".board.wide .hop, .rows > .hop")].map((hop) => hop.dataset.x);

let following = true; // the newest step is looked at, until somebody steps back
let paused = false;

// --- one step

function current() {
  return root().querySelector(".hop.is-now")?.dataset.x ?? null;
}

function lookAt(x, { scroll = false } = {}) {
  const ids = order();
  const at = ids.indexOf(x);
  if (at < 0) return;
  for (const hop of root().querySelectorAll(":is(.hop, .number-of).is-now")) hop.classList.remove("is-now");
  for (const hop of [...hopsOf(x), ...numbersOf(x)]) hop.classList.add("is-now");
  say(x);
  fillCard(x, at, ids.length);
  const item = document.getElementById(`x-${x}`);
  document.querySelector(".exchange.is-looked-at")?.classList.remove("is-looked-at");
  item?.classList.add("is-looked-at");
  root().dataset.now = at + 1;
  for (const link of root().querySelectorAll("[data-move]")) {
    link.disabled = !ids[at + Number(link.dataset.move)];
  }
  if (scroll && root().dataset.view === "sequence") hopsOf(x)[0].scrollIntoView({ block: "nearest" });
}

/** The caption on the map. */
function say(x) {
  for (const hop of hopsOf(x)) {
    const saying = hop.closest("svg")?.querySelector(".saying");
    if (!saying) continue;
    const [across, above, below] = hop.dataset.spot.split(" ").map(Number);
    const [asked, answered] = saying.children;
    asked.textContent = hop.dataset.asked;
    answered.textContent = hop.dataset.answered;
    asked.setAttribute("x", across);
    answered.setAttribute("x", across);
    asked.setAttribute("y", above);
    answered.setAttribute("y", below);
    saying.classList.toggle("failed", hop.classList.contains("failed"));
  }
}

const cards = new Map();

/** The card is drawn by the server; one that was shown before is shown at once. */
async function fillCard(x, at, total) {
  const words = root().dataset.stepOf.replace("{n}", at + 1).replace("{total}", total);
  const show = (card) => {
    if (current() !== x) return;
    card.querySelector(".step-of").textContent = words;
    root().querySelector("[data-card]").replaceChildren(...[...card.cloneNode(true).childNodes]);
  };
  if (cards.has(x)) return show(cards.get(x));
  try {
    const answer = await fetch(`${root().dataset.flow}/card?of=${x}`, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const card = page.querySelector("[data-card]");
    cards.set(x, document.adoptNode(card));
    show(card);
  } catch {
    // Without a connection the list below still says it.
  }
}

function move(by) {
  const ids = order();
  const at = ids.indexOf(current());
  const next = Math.min(Math.max(at + by, 0), ids.length - 1);
  if (ids[next] === undefined) return;
  following = next === ids.length - 1;
  lookAt(ids[next], { scroll: true });
  announce(ids[next]);
}

/** What is said of a step is what stands in the list. */
function announce(x) {
  const item = document.getElementById(`x-${x}`);
  const voice = document.querySelector("[data-voice]");
  if (!item || !voice) return;
  const said = [".step-of", ".sentence"].map((part) => item.querySelector(part)?.textContent.trim() ?? "");
  voice.textContent = said.join(" ");
}

function open() {
  const link = root().querySelector("[data-card] .open-link");
  if (link) location.assign(link.href);
}

// --- what is new

document.addEventListener("flow:changed", ({ detail }) => {
  cards.clear(); // more may have become known of what was shown
  const ids = order();
  const known = ids.includes(current());
  if (ids.length > 0) lookAt(following || !known ? ids.at(-1) : current());
  if (detail.fresh.length > 0) announce(detail.fresh.at(-1));
});

// --- the other view, without leaving the page

document.addEventListener("click", async (event) => {
  const go = event.target.closest("#diagram [data-go]");
  if (go && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    await turnTo(go.dataset.go);
  }
  const step = event.target.closest("#diagram [data-move]");
  if (step) {
    event.preventDefault();
    move(Number(step.dataset.move));
  }
});

async function turnTo(view) {
  const { flow, now } = root().dataset;
  const at = current();
  try {
    const answer = await fetch(`${flow}/diagram?view=${view}&step=${now}`, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("diagram");
    root().querySelector("[data-drawing]").replaceWith(document.adoptNode(fresh.querySelector("[data-drawing]")));
    root().querySelector(".views").replaceWith(document.adoptNode(fresh.querySelector(".views")));
    root().dataset.view = view;
    root().dataset.cast = fresh.dataset.cast;
    root().classList.replace(view === "map" ? "view-sequence" : "view-map", `view-${view}`);
    if (document.getElementById("exchanges")) {
      const here = new URL(location.href);
      here.searchParams.set("view", view);
      history.replaceState(null, "", here);
    }
    root().querySelector(`[data-go="${view}"]`).focus({ preventScroll: true });
    if (at) lookAt(at);
  } catch {
    location.assign(`${flow}?view=${view}`);
  }
}

// --- pause

function pause(button) {
  paused = !paused;
  const words = button.textContent;
  button.textContent = button.dataset.words;
  button.dataset.words = words;
  button.setAttribute("aria-pressed", paused);
  root().classList.toggle("is-paused", paused);
  document.dispatchEvent(new CustomEvent("record:pause", { detail: { paused } }));
}

// --- keys

const help = document.querySelector("[data-keys-help]");

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !root()) return;
  const { target } = event;
  if (target.closest("input, textarea, select, [contenteditable], dialog")) return;
  // On a page of a grant the diagram is a guest: Space and Enter stay the page's own.
  const onControl = target.closest("a, button, summary") || !document.getElementById("exchanges");
  const button = root().querySelector("[data-pause]");
  const does = {
    n: () => move(1), j: () => move(1), p: () => move(-1), k: () => move(-1),
    o: open, Enter: onControl ? null : open,
    " ": onControl || !button ? null : () => pause(button), ".": button && (() => pause(button)),
    m: () => turnTo(root().dataset.view === "map" ? "sequence" : "map"),
    "?": help && (() => help.showModal()),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

// --- chips: the same value, wherever it appears

function light(value) {
  for (const lit of document.querySelectorAll(".is-lit")) lit.classList.remove("is-lit");
  root()?.classList.toggle("has-lit", Boolean(value));
  if (!value) return;
  const same = CSS.escape(value);
  for (const chip of document.querySelectorAll(`.chip[data-value="${same}"]`)) chip.classList.add("is-lit");
  for (const place of document.querySelectorAll(`:is(.hop, .number-of, .exchange)[data-values~="${same}"]`)) {
    place.classList.add("is-lit");
  }
}
for (const [begins, ends] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(begins, (event) => {
    const chip = event.target.closest?.(".chip[data-value]");
    if (chip) light(chip.dataset.value);
  });
  document.addEventListener(ends, (event) => event.target.closest?.(".chip[data-value]") && light(null));
}

// --- beginning

/** With scripts the links to other steps become buttons. */
function buttons() {
  for (const link of root().querySelectorAll("[data-move]:not(button)")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "step-link";
    button.dataset.move = link.dataset.move;
    button.title = button.ariaLabel = link.title;
    button.textContent = link.dataset.move === "1" ? "›" : "‹";
    button.disabled = link.matches("span");
    link.replaceWith(button);
  }
}

function begin() {
  if (!root()) return;
  buttons();
  following = root().dataset.now === root().dataset.total;
  const button = root().querySelector("[data-pause]");
  if (button && button.hidden) {
    button.hidden = false;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => pause(button));
  }
  const keys = root().querySelector("[data-keys]");
  if (keys && help) {
    keys.hidden = false;
    keys.addEventListener("click", () => help.showModal());
  }
}
// A link to an exchange leads to its step, too.
function turnToTarget() {
  if (!location.hash.startsWith("#x-") || !root()) return;
  following = false;
  lookAt(location.hash.slice(3));
}
addEventListener("hashchange", turnToTarget);

document.addEventListener("record:added", ({ target }) => target.id === "diagram" && begin());
begin();
turnToTarget();
