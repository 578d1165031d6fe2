// Keeps the link to this page's settings true while scopes are ticked. It writes the names of the ticked scopes and
// nothing else of the form. Without this script the link carries the settings with which the page was opened.

const link = document.getElementById("settings-link");
const form = document.getElementById("run-form") ?? document.getElementById("implicit-form");

function name(box) {
  return box.name === "scope" ? box.value : box.name.slice("scope.".length);
}

function update() {
  const boxes = [...form.querySelectorAll('input[type="checkbox"]')];
  const scopes = boxes.filter((box) => box.checked && box.name.startsWith("scope")).map(name);
  const url = new URL(link.href);
  url.searchParams.set("scope", scopes.join(" "));
  link.href = url.href;
}

if (link && form) form.addEventListener("change", update);
