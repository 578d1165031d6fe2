// Implicit begins in the browser (RFC 6749 §4.2.1): this script makes the state, keeps it in this tab, and goes to the
// auth server. No server of the print shop takes part.

const form = document.getElementById("implicit-form");

function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const state = random();
  // One use, this tab only: the callback takes it out again.
  sessionStorage.setItem("implicit-state", state);
  const url = new URL(form.dataset.authorize);
  url.search = new URLSearchParams({
    response_type: "token",
    client_id: form.dataset.client,
    redirect_uri: form.dataset.redirect,
    scope: new FormData(form).getAll("scope").join(" "),
    state,
  }).toString();
  location.assign(url);
});

form.querySelector("button").disabled = false;
