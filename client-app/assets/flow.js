// Fills the flow pages while they are open: listens to the record's stream (server-sent events) and fetches each
// new piece as HTML that the server rendered and escaped. No captured text is ever made into HTML here.
//
// A list says what it wants by attributes: data-stream (the events) and data-pieces (where its pieces are).

const list = document.querySelector("[data-stream]");
const isFlow = list.id === "exchanges";
const pieces = list.dataset.pieces;
const base = pieces.slice(0, pieces.indexOf("/flows"));

// --- pieces

/** One element of a page that this server rendered; null when it is gone. */
async function piece(url, selector) {
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector(selector);
}

/** Puts a list item in its place: instead of its older self, else by the time at which it began. */
function place(item) {
  localise(item);
  const known = document.getElementById(item.id);
  if (known) {
    keepFocus(known, item);
    known.replaceWith(item);
    return;
  }
  item.classList.add("is-new");
  if (isFlow) {
    const began = Number(item.dataset.started);
    const later = [...list.children].find((other) => Number(other.dataset.started) > began);
    list.insertBefore(item, later ?? null);
  } else {
    const newer = [...list.children].find((other) => other.id < item.id);
    list.insertBefore(item, newer ?? null);
  }
}

/** Focus stays where it was. */
function keepFocus(old, item) {
  if (old.contains(document.activeElement)) queueMicrotask(() => item.querySelector("a")?.focus());
}

// Pieces are fetched one after the other, each at most once at a time: what happens meanwhile waits in the set.
const wanted = new Set();
let busy = false;

async function want(name) {
  wanted.add(name);
  if (busy) return;
  busy = true;
  while (wanted.size > 0) {
    const [next] = wanted;
    wanted.delete(next);
    try {
      await bring(next);
    } catch {
      // The connection is lost; the stream will say so, and begin again.
    }
  }
  busy = false;
}

async function bring(name) {
  if (name === "summary") {
    const head = await piece(`${pieces}/summary`, "#head");
    if (head) {
      localise(head);
      document.getElementById("head").replaceWith(head);
    }
  } else {
    const url = isFlow ? `${pieces}/exchanges/${name}` : `${pieces}/${name}/row`;
    const item = await piece(url, "li");
    if (item) place(item);
    if (!isFlow) document.querySelector("[data-empty]").hidden = list.children.length > 0;
  }
}

// --- the stream

const live = document.querySelector("[data-live]");

function say(up) {
  live.hidden = false;
  live.classList.toggle("is-up", up);
  live.classList.toggle("is-down", !up);
  const words = up ? live.dataset.up : live.dataset.down;
  if (live.textContent !== words) live.textContent = words;
}

const stream = new EventSource(list.dataset.stream);
stream.addEventListener("open", () => say(true));
stream.addEventListener("error", () => say(false));
stream.addEventListener("exchange", (event) => {
  want(JSON.parse(event.data).exchange.id);
  want("summary");
});
stream.addEventListener("flow", (event) => want(JSON.parse(event.data).id));
stream.addEventListener("joined", (event) => {
  const { flow, joined } = JSON.parse(event.data);
  if (isFlow) location.replace(`${pieces.slice(0, pieces.lastIndexOf("/"))}/${flow}`);
  else document.getElementById(`f-${joined}`)?.remove();
});
stream.addEventListener("cleared", () => (isFlow ? location.assign(`${base}/flows`) : location.reload()));
// Too much was missed: the server shows the whole anew.
stream.addEventListener("reset", () => location.reload());
addEventListener("pagehide", () => stream.close());

// --- the rest

/** Times in the reader's own zone. */
function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    time.title = time.textContent;
    const language = document.documentElement.lang;
    time.textContent = today ? at.toLocaleTimeString(language) : at.toLocaleString(language);
  }
}
localise(document);

const clear = document.querySelector("[data-clear]");
if (clear) {
  clear.hidden = list.children.length === 0;
  clear.addEventListener("click", async () => {
    if (confirm(clear.dataset.sure)) await fetch(clear.dataset.clear, { method: "DELETE" });
  });
}
