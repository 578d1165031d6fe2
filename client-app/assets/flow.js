// A flow that is open while it runs: fetches the exchanges that arrived, in one request for all of them, and puts each
// in its place, in the drawing (#diagram) and, where there is one, in the list (#exchanges). What is already there is
// neither fetched again nor moved. See live.js for the events, steps.js for what is looked at.

/** The most exchanges of one request, and the most that are drawn in one by one: more at once simply appear. */
const AT_ONCE = 50;
const ONE_BY_ONE = 5;
/** The most exchanges of a flow that is not long. */
const LONG = 60;

document.addEventListener("record:exchanges", ({ target, detail }) => {
  if (target.id === "diagram") bring(target, detail.ids, detail.again);
});
document.addEventListener("record:joined", ({ detail }) => {
  const flow = document.getElementById("diagram").dataset.flow;
  const joined = flow.slice(0, flow.lastIndexOf("/") + 1) + detail.flow;
  if (document.getElementById("exchanges")) location.replace(joined);
});
document.addEventListener("record:cleared", () => {
  if (document.getElementById("exchanges")) location.assign(document.getElementById("diagram").dataset.flow.replace(/\/[^/]+$/, ""));
});
document.addEventListener("record:reset", () => document.getElementById("exchanges") && location.reload());

let last = Promise.resolve();

/** One batch after the other, so that none overtakes the one before. */
function bring(root, ids, again) {
  last = last.then(async () => {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = ids.slice(at, at + AT_ONCE);
      try {
        const pieces = await fetched(root, some);
        if (pieces) await place(root, pieces);
      } catch {
        again(some);
      }
    }
  });
}

async function fetched(root, ids) {
  const list = document.getElementById("exchanges") ? "&list=1" : "";
  const url = `${root.dataset.flow}/pieces?view=${root.dataset.view}&of=${ids.join(",")}${list}`;
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.getElementById("pieces");
}

async function place(root, pieces) {
  const { cast, total } = pieces.dataset;
  const list = document.getElementById("exchanges");
  const fresh = [];
  const calm = pieces.querySelectorAll(".rows > li, .board.wide .hop").length <= ONE_BY_ONE;
  pieces.querySelectorAll(".timeline > li, .hop, .number-of").forEach((item) => item.classList.toggle("is-new", calm));
  for (const item of [...pieces.querySelectorAll(".timeline > li")]) {
    if (list && placeInOrder(list, item, document.getElementById(item.id))) fresh.push(item.id.slice(2));
  }
  if (cast !== root.dataset.cast) await redraw(root);
  else if (root.dataset.view === "map") {
    if (!placeOnMap(root, pieces)) await redraw(root);
  } else {
    const rows = root.querySelector(".rows");
    for (const row of [...pieces.querySelectorAll(".rows > li")]) {
      placeInOrder(rows, row, rows.querySelector(`[data-x="${row.dataset.x}"]`));
    }
  }
  root.dataset.total = total;
  number(root);
  countSoon(root, list);
  root.dispatchEvent(new CustomEvent("flow:changed", { bubbles: true, detail: { fresh } }));
}

/** Puts an item where it belongs by the time at which it began; true if it is new. */
function placeInOrder(list, item, known) {
  const began = Number(item.dataset.started);
  document.adoptNode(item);
  if (known) {
    keepFocus(known, item);
    if (known.classList.contains("is-now")) item.classList.add("is-now");
    item.classList.remove("is-new");
    known.remove();
  }
  // What arrives is most often the newest.
  let after = list.lastElementChild;
  while (after && Number(after.dataset.started) > began) after = after.previousElementSibling;
  list.insertBefore(item, after ? after.nextElementSibling : list.firstElementChild);
  item.dispatchEvent(new CustomEvent("record:added", { bubbles: true }));
  return !known;
}

/** Focus stays where it was. */
function keepFocus(old, item) {
  if (!old.contains(document.activeElement)) return;
  const stops = (root) => [...root.querySelectorAll("a[href]:not([tabindex])")];
  const at = stops(old).indexOf(document.activeElement);
  queueMicrotask(() => stops(item)[at]?.focus({ preventScroll: true }));
}

/** Adds exchanges to both maps; false where one would lie in another's slot, because the order was another. */
function placeOnMap(root, pieces) {
  for (const kind of ["wide", "narrow"]) {
    const board = root.querySelector(`.board.${kind}`);
    const [hops, numbers] = [board.querySelector(".hops"), board.querySelector(".numbers")];
    for (const hop of [...pieces.querySelectorAll(`.board.${kind} .hop`)]) {
      const same = `[data-x="${hop.dataset.x}"]`;
      const known = hops.querySelector(same);
      const slots = hop.dataset.slots.split(" ");
      const taken = [...hops.children].some((other) => other !== known
        && other.dataset.slots.split(" ").some((slot) => slots.includes(slot)));
      if (taken || (known && known.dataset.slots !== hop.dataset.slots)) return false;
      const number = Number(hop.dataset.number);
      const at = [...hops.children].findIndex((other) => (known ? other === known : Number(other.dataset.number) >= number));
      put(numbers, pieces.querySelector(`.board.${kind} .number-of${same}`), at, known);
      put(hops, hop, at, known);
    }
  }
  return true;
}

/** Puts an arrow or its number before the one at `at`, at the end for -1, or in its place. */
function put(group, item, at, replaces) {
  const there = group.children[at] ?? null;
  document.adoptNode(item);
  if (!replaces) {
    group.insertBefore(item, there);
    return;
  }
  item.classList.toggle("is-now", there.classList.contains("is-now"));
  item.classList.remove("is-new");
  there.replaceWith(item);
}

/** Fetches the whole drawing: when a party joins, or when the order within a band changed. */
async function redraw(root) {
  const url = `${root.dataset.flow}/diagram?view=${root.dataset.view}`;
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("diagram");
  const known = new Set([...root.querySelectorAll(".hop")].map((hop) => hop.dataset.x));
  for (const hop of fresh.querySelectorAll(".hop, .number-of")) hop.classList.toggle("is-new", !known.has(hop.dataset.x));
  root.querySelector("[data-drawing]").replaceWith(document.adoptNode(fresh.querySelector("[data-drawing]")));
  root.dataset.cast = fresh.dataset.cast;
}

/** Steps are numbered by their place, here as in the record. */
function number(root) {
  for (const group of root.querySelectorAll(".rows, .hops")) {
    const isMap = group.matches(".hops");
    const numbers = isMap ? group.parentElement.querySelector(".numbers") : group;
    [...group.children].forEach((hop, at) => {
      const number = String(at + 1);
      if (hop.dataset.number === number) return;
      hop.dataset.number = number;
      hop.querySelector("a[aria-label]")?.setAttribute("aria-label", number);
      for (const badge of numbers.children[at].querySelectorAll(".badge-number")) badge.textContent = number;
    });
    if (isMap) fold(group, numbers);
    else group.classList.toggle("is-long", group.children.length > LONG);
  }
}

/** Of those that lie on the same line of the map the newest is shown, as the server draws it. */
function fold(hops, numbers) {
  const taken = new Set();
  for (let at = hops.children.length - 1; at >= 0; at -= 1) {
    const hop = hops.children[at];
    const lines = hop.dataset.on.split(" ");
    const folded = lines.some((line) => taken.has(line));
    for (const drawn of [hop, numbers.children[at]]) drawn.classList.toggle("is-folded", folded);
    if (!folded) for (const line of lines) taken.add(line);
  }
}

let counting = 0;

/** `Step 4 of 9.` in the list: once, when a burst is over. */
function countSoon(root, list) {
  clearTimeout(counting);
  if (list) counting = setTimeout(() => count(root, list), 150);
}

function count(root, list) {
  const { stepOf } = root.dataset;
  const total = list.children.length;
  list.classList.toggle("is-long", total > LONG);
  [...list.children].forEach((item, at) => {
    const words = stepOf.replace("{n}", at + 1).replace("{total}", total);
    const said = item.querySelector(".step-of");
    if (said && said.textContent !== words) said.textContent = words;
  });
}
