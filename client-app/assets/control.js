// Breakpoints, live: asks every second whether anything changed, and shows it. Short questions, not a stream: a
// browser opens few connections to one server, and many tabs may stand here.
//
// #control      the overview: its piece is fetched anew as the server rendered it
// #control-bar  the same in a line, on the pages of a flow
// [data-one]    one request that waits: once it is decided, in whatever tab, its page is shown anew

const EVERY_MS = 1000;
const overview = document.querySelector("#control");
const one = document.querySelector("[data-one]");

async function text(url) {
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  return answer.ok ? answer.text() : null;
}

/** Puts the element of this id as another page has it in its own place. */
async function renew(url, id) {
  const html = await text(url);
  const fresh = html && new DOMParser().parseFromString(html, "text/html").getElementById(id);
  const old = document.getElementById(id);
  if (!fresh || !old || old.contains(document.activeElement)) return;
  old.replaceWith(document.adoptNode(fresh));
}

async function look() {
  if (one) {
    // The page that holds a browser says that it is still there: one that is silent was left, and lets go.
    const held = "held" in one.dataset ? `?held=${document.hidden ? "hidden" : "watched"}` : "";
    const answer = await fetch(one.dataset.one + held);
    const state = answer.ok ? (await answer.json()).state : "gone";
    if (state !== "waiting") location.reload();
    return;
  }
  if (overview) {
    const known = document.getElementById("control");
    const { number } = await (await fetch(known.dataset.state)).json();
    if (String(number) !== known.dataset.liveNumber) await renew(location.href, "control");
  }
  const bar = document.getElementById("control-bar");
  if (bar) await renew(`${bar.dataset.bar}?back=${encodeURIComponent(bar.dataset.back)}`, "control-bar");
}

let busy = false;
async function ask() {
  if (busy) return;
  busy = true;
  try {
    await look();
  } catch {
    // The client app is away for a moment; the next question will tell.
  }
  busy = false;
}
setInterval(ask, EVERY_MS);
addEventListener("visibilitychange", ask);
// A page that comes out of the browser's memory may show what is long decided.
addEventListener("pageshow", (event) => event.persisted && ask());

// One key for each button that names one; not while somebody writes.
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const button = document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});
