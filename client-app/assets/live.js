// Keeps a page of the record up to date. It owns the stream (server-sent events) and knows nothing of what it looks like.
//
//   data-stream="URL"                    on an element: listens to this stream while the page is open, and tells the
//                                        element by events that bubble:
//     record:exchanges {ids, again}      exchanges arrived or more became known of them; again(ids) asks to be told anew
//     record:flow {id}                   a flow of the list changed
//     record:joined {flow, joined}       two flows turned out to be one
//     record:cleared, record:reset       the record was cleared; too much was missed
//   data-piece="URL" data-on="exchange"  on any element with an id: after exchanges arrived, the element of this id in
//                                        the HTML at URL takes its place. (#knowledge needs data-piece alone.)
//                                        Nothing more is needed; "record:piece" bubbles from the new element.
//   data-live                            says whether the stream is up, in its own words (data-up, data-down)
//   record:pause {paused}                dispatched on the document by whoever pauses: nothing changes until it ends
//
// Every piece is HTML that the server rendered and escaped. No captured text is ever made into HTML here. What happens in
// a burst is told at once, at most ten times a second and never in the middle of a frame. After a lost connection the
// browser resumes behind the last event it was sent; a piece that could not be fetched is asked for again.

/** The least time between two announcements, and before a lost piece is asked for again, in milliseconds. */
const PACE = 100;
const AGAIN = 1000;

let paused = false;
const roots = new Set();
document.addEventListener("record:pause", (event) => {
  paused = event.detail.paused;
  if (!paused) roots.forEach((flush) => flush());
});

function tell(root, name, detail) {
  root.dispatchEvent(new CustomEvent(`record:${name}`, { bubbles: true, detail }));
}

/** Listens for one element. */
function listen(root) {
  if (root.dataset.listening) return;
  root.dataset.listening = "true";
  const waiting = new Set();
  let planned = false;

  function plan(after = PACE) {
    if (planned || paused || waiting.size === 0) return;
    planned = true;
    setTimeout(() => requestAnimationFrame(flush), after);
  }
  function flush() {
    planned = false;
    if (paused || waiting.size === 0 || !root.isConnected) return;
    const ids = [...waiting];
    waiting.clear();
    const again = (lost) => {
      lost.forEach((id) => waiting.add(id));
      plan(AGAIN);
    };
    tell(root, "exchanges", { ids, again });
    refresh(document);
  }
  roots.add(plan);

  connect(root, {
    exchange: (event) => {
      waiting.add(JSON.parse(event.data).exchange.id);
      plan();
    },
    open: () => plan(),
    flow: (event) => tell(root, "flow", { id: JSON.parse(event.data).id }),
    joined: (event) => tell(root, "joined", JSON.parse(event.data)),
    cleared: () => tell(root, "cleared", {}),
    reset: () => tell(root, "reset", {}),
  });
}

/** Opens the stream, and opens it again where the browser has given up: behind the last event that was heard. */
function connect(root, hears, seen = null) {
  const url = new URL(root.dataset.stream, location.href);
  if (seen) url.searchParams.set("after", seen);
  const stream = new EventSource(url);
  const close = () => stream.close();
  addEventListener("pagehide", close);
  for (const [name, does] of Object.entries(hears)) {
    stream.addEventListener(name, (event) => {
      if (!root.isConnected) return close();
      seen = event.lastEventId || seen;
      does(event);
    });
  }
  stream.addEventListener("open", () => say(true));
  stream.addEventListener("error", () => {
    say(false);
    if (stream.readyState !== EventSource.CLOSED || !root.isConnected) return;
    removeEventListener("pagehide", close);
    setTimeout(() => connect(root, hears, seen), AGAIN);
  });
}

// --- pieces

const busy = new Map();

/** Fetches the pieces anew, each at most once at a time; what changes meanwhile is fetched once more. */
function refresh(scope) {
  for (const element of scope.querySelectorAll('[data-piece][data-on="exchange"], #knowledge[data-piece]')) {
    const { id } = element;
    if (busy.has(id)) busy.set(id, true);
    else renew(id);
  }
}

async function renew(id) {
  busy.set(id, false);
  try {
    const old = document.getElementById(id);
    const answer = await fetch(old.dataset.piece, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(id);
    if (answer.ok && fresh && !old.contains(document.activeElement)) {
      old.replaceWith(document.adoptNode(fresh));
      localise(fresh);
      tell(fresh, "piece", {});
    }
  } catch {
    setTimeout(() => refresh(document), AGAIN);
  }
  const changed = busy.get(id);
  busy.delete(id);
  if (changed) renew(id);
}

// --- words

function say(up) {
  for (const live of document.querySelectorAll("[data-live]")) {
    live.hidden = false;
    live.classList.toggle("is-up", up);
    live.classList.toggle("is-down", !up);
    const words = up ? live.dataset.up : live.dataset.down;
    if (live.textContent !== words) live.textContent = words;
  }
}

/** Times in the reader's own zone. */
function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    time.title = time.textContent;
    const language = document.documentElement.lang;
    time.textContent = today ? at.toLocaleTimeString(language) : at.toLocaleString(language);
  }
}

// Whoever adds a listening element or times later dispatches "record:added" on it.
document.addEventListener("record:added", (event) => {
  localise(event.target);
  if (event.target.matches("[data-stream]")) listen(event.target);
});

localise(document);
// The other modules of the page run first: they wait for what is told here.
addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-stream]").forEach(listen));
