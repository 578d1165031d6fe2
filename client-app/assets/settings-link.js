// Keeps the link to this page's settings true while they are changed. It writes the names of the ticked scopes, how the
// request travels and whether tokens are bound to a key, and nothing else of the form. Without this script the link
// carries the settings with which the page was opened.

const link = document.getElementById("settings-link");
const form = document.getElementById("run-form") ?? document.getElementById("implicit-form");

function name(box) {
  return box.name === "scope" ? box.value : box.name.slice("scope.".length);
}

// A setting that is as usual is left out.
function say(url, name, value) {
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
}

function update() {
  const boxes = [...form.querySelectorAll('input[type="checkbox"]')];
  const scopes = boxes.filter((box) => box.checked && box.name.startsWith("scope")).map(name);
  const url = new URL(link.href);
  url.searchParams.set("scope", scopes.join(" "));
  const delivery = form.querySelector('input[name="delivery"]:checked');
  say(url, "delivery", delivery?.value === "address" ? undefined : delivery?.value);
  say(url, "bound", form.querySelector('input[name="bound"]')?.checked ? "yes" : undefined);
  link.href = url.href;
}

if (link && form) form.addEventListener("change", update);
