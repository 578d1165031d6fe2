// The matrix of who knows what: marks the cells that were learned since the reader looked last. The section itself
// is rendered by the server and put in place by live.js.

const known = new Set();
let first = true;

/** What each cell that is known is called: its value and its knower. */
function cells() {
  return [...document.querySelectorAll("#knowledge .knows")].map((cell) => {
    const value = cell.closest("[data-value]").dataset.value;
    return [`${value} ${cell.cellIndex}`, cell];
  });
}

function mark() {
  for (const [name, cell] of cells()) {
    if (!known.has(name) && !first) cell.classList.add("is-new");
    known.add(name);
  }
  first = false;
}

mark();
// The section is replaced as a whole: look at what holds it.
const holder = document.getElementById("knowledge")?.parentElement;
if (holder) new MutationObserver(mark).observe(holder, { childList: true });

// On the page of its own: where to go when the flow is no longer what it was.
const page = document.getElementById("knowledge-live");
if (page) {
  const { flows } = page.dataset;
  document.addEventListener("record:joined", ({ detail }) => location.replace(`${flows}/${detail.flow}/knowledge`));
  document.addEventListener("record:cleared", () => location.assign(flows));
  document.addEventListener("record:reset", () => location.reload());
}
