// One exchange, opened: its tabs switch without a reload (the ARIA tabs pattern), and commands can be copied.
// Without this module the tabs are plain links to the same page.

// --- tabs

const list = document.querySelector("[data-tabs]");
const tabs = [...list.querySelectorAll("a")];

/** Shows one panel; the address follows, so that a reload and a shared link open the same tab. */
function choose(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.dataset.panel).hidden = !chosen;
  }
  history.replaceState(null, "", tab.href);
  for (const link of document.querySelectorAll(".neighbours a")) {
    const url = new URL(link.href);
    url.searchParams.set("tab", new URL(tab.href).searchParams.get("tab"));
    link.href = url.href;
  }
}

list.setAttribute("role", "tablist");
list.setAttribute("aria-label", list.parentElement.getAttribute("aria-label"));
for (const tab of tabs) {
  const panel = document.getElementById(tab.dataset.panel);
  tab.parentElement.setAttribute("role", "presentation");
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", panel.id);
  tab.setAttribute("aria-selected", String(tab.hasAttribute("aria-current")));
  tab.tabIndex = tab.hasAttribute("aria-current") ? 0 : -1;
  tab.removeAttribute("aria-current");
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-labelledby", tab.id);
  panel.tabIndex = 0;
  tab.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(tab);
  });
}

list.addEventListener("keydown", (event) => {
  const at = tabs.indexOf(document.activeElement);
  const last = tabs.length - 1;
  const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last, " ": at }[event.key];
  if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  tabs[to].focus();
  choose(tabs[to]);
});

// A link inside the page to something in another panel opens that panel.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  const panel = target?.closest(".panel[hidden]");
  if (panel) choose(tabs.find((tab) => tab.dataset.panel === panel.id));
});

// --- copying

/** Selects what cannot be put on the clipboard for us (no permission, no secure context). */
function select(element) {
  const selection = getSelection();
  selection.removeAllRanges();
  const range = document.createRange();
  range.selectNodeContents(element);
  selection.addRange(range);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const status = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      status.textContent = button.dataset.copied;
    } catch {
      select(source);
      status.textContent = button.dataset.selected;
    }
  });
}
