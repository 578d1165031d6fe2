// The presenting mode: keys and the live stream lead to another step, whose page is fetched and whose stage is put in
// place of this one, so that full screen stays. Without scripts the links do the same. See live.js for the events.

const stage = () => document.getElementById("stage");
let following = stage().dataset.now === stage().dataset.total;

async function show(url) {
  let page;
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return; // the connection is lost: what is shown stays
  }
  const [before, after] = [stage(), page.getElementById("stage")];
  if (!after) return;
  const known = before.dataset.view === after.dataset.view ? before.dataset.now : "";
  if (after.dataset.now !== known) after.querySelectorAll(":is(.hop, .number-of).is-now").forEach((hop) => hop.classList.add("is-new"));
  // The element that listens stays; what is on it changes.
  before.replaceChildren(...document.adoptNode(after).childNodes);
  before.className = after.className;
  for (const name of ["view", "now", "total"]) before.dataset[name] = after.dataset[name];
  for (const part of [".stage-steps", ".views", "[data-back]"]) {
    const fresh = page.querySelector(part);
    if (fresh) document.querySelector(part).replaceWith(document.adoptNode(fresh));
  }
  following = stage().dataset.now === stage().dataset.total;
  history.replaceState(null, "", url);
  settle();
}

function settle() {
  const says = document.querySelector("[data-following]");
  const words = following ? says.dataset.words : "";
  if (says.textContent !== words) says.textContent = words;
  // The sequence scrolls in its own sheet: the page stays where it is.
  const row = stage().querySelector(".row-of.is-now");
  const sheet = row?.closest(".sheet");
  if (!sheet) return;
  // As it is seen: rows are larger here than they are laid out, and the heads of the lanes stay above them.
  const [seen, heads] = [row, sheet.querySelector(".lane-heads")].map((part) => part.getBoundingClientRect());
  const room = sheet.getBoundingClientRect().bottom - heads.bottom - seen.height;
  sheet.scrollTop += seen.top - heads.bottom - Math.max(room / 2, 0);
}

const query = (view, step) => `?view=${view}${step === undefined ? "" : `&step=${step}`}`;

function move(by) {
  const { now, total, view } = stage().dataset;
  const next = Math.min(Math.max(Number(now) + by, 1), Number(total));
  if (next === Number(now)) return;
  show(query(view, next === Number(total) ? undefined : next));
}

function turn() {
  const { now, total, view } = stage().dataset;
  show(query(view === "map" ? "sequence" : "map", now === total ? undefined : now));
}

function full() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.();
}

document.addEventListener("record:exchanges", () => {
  const { view, now } = stage().dataset;
  show(query(view, following ? undefined : now));
});
document.addEventListener("record:joined", ({ detail }) => location.replace(`../${detail.flow}/present`));
document.addEventListener("record:reset", () => location.reload());

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const onControl = event.target.closest("a, button");
  const does = {
    ArrowRight: () => move(1), ArrowDown: () => move(1), PageDown: () => move(1), n: () => move(1), j: () => move(1),
    " ": onControl ? null : () => move(1),
    ArrowLeft: () => move(-1), ArrowUp: () => move(-1), PageUp: () => move(-1), p: () => move(-1), k: () => move(-1),
    Home: () => move(-Infinity), End: () => move(Infinity),
    m: turn, f: full,
    Escape: () => document.querySelector("[data-back]").click(),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest(".stage-steps a, .views a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.href);
});

document.querySelector("[data-only-script]").hidden = false;
settle();
