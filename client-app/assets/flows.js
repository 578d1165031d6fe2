// The list of flows: puts each row that changed in its place. The rows are HTML from this server; see live.js.

const list = document.getElementById("flows");
const { pieces } = list.dataset;
const wanted = new Set();
let busy = false;

document.addEventListener("record:flow", (event) => want(event.detail.id));
document.addEventListener("record:joined", (event) => document.getElementById(`f-${event.detail.joined}`)?.remove());
document.addEventListener("record:cleared", () => location.reload());
document.addEventListener("record:reset", () => location.reload());

/** Rows are fetched one after the other, each at most once at a time. */
async function want(id) {
  wanted.add(id);
  if (busy) return;
  busy = true;
  while (wanted.size > 0) {
    const [next] = wanted;
    wanted.delete(next);
    try {
      await bring(next);
    } catch {
      wanted.add(next);
      await new Promise((later) => setTimeout(later, 1000));
    }
  }
  busy = false;
}

async function bring(id) {
  const answer = await fetch(`${pieces}/${id}/row`, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const row = document.adoptNode(page.querySelector("li"));
  const known = document.getElementById(row.id);
  if (known) {
    const tick = "input[name=flow]";
    row.querySelector(tick).checked = known.querySelector(tick).checked;
    known.replaceWith(row);
  } else {
    row.classList.add("is-new");
    const newer = [...list.children].find((other) => other.id < row.id);
    list.insertBefore(row, newer ?? null);
  }
  row.dispatchEvent(new CustomEvent("record:added", { bubbles: true }));
  document.querySelector("[data-empty]").hidden = list.children.length > 0;
}

const clear = document.querySelector("[data-clear]");
clear.hidden = list.children.length === 0;
clear.addEventListener("click", async () => {
  if (confirm(clear.dataset.sure)) await fetch(clear.dataset.clear, { method: "DELETE" });
});
