// Implicit ends in the browser (RFC 6749 §4.2.2): the answer stands in the fragment, which no server is sent. This
// script reads it, judges it, takes it out of the address bar, calls the API, and tells the record what it saw:
// the names, and the SHA-256 of the values. The values themselves stay here.

const page = document.getElementById("implicit");
const { issuer, resource, redirect, record } = page.dataset;
const byId = (id) => document.getElementById(id);
const show = (...ids) => ids.forEach((id) => (byId(id).hidden = false));

const fragment = location.hash.slice(1);
const answer = new URLSearchParams(fragment);
const sentState = sessionStorage.getItem("implicit-state");
sessionStorage.removeItem("implicit-state"); // good once

page.hidden = false;
if (fragment) {
  // First of all: out of the address bar and the history.
  history.replaceState(null, "", location.pathname);
  await judge();
} else {
  show("nothing");
}

async function judge() {
  byId("url-sent").textContent = redirect;
  byId("url-kept").textContent = `#${fragment}`;
  byId("url-after").textContent = redirect;
  show("arrived", "judged", "told");

  const once = [...answer.keys()].every((name) => answer.getAll(name).length === 1);
  const state = answer.get("state");
  const checks = [
    check("state.matches", once && sentState !== null && state === sentState,
      "the state that this tab was sent away with, once", state ? "a state" : "no state"),
  ];
  if (passed(checks)) {
    checks.push(check("iss.matches", answer.get("iss") === issuer, issuer, answer.get("iss") ?? "no iss"));
  }
  if (passed(checks)) {
    const token = answer.get("access_token");
    checks.push(check("authorization.succeeded", token !== null && !answer.has("error"),
      "a token", answer.get("error") ?? (token ? "a token" : "neither")));
  }
  for (const id of ["iss.matches", "authorization.succeeded"]) {
    if (!checks.some((made) => made.id === id)) {
      checks.push({ id, outcome: "not_reached", expected: "", got: "" });
    }
  }
  checks.forEach(paint);

  const told = tell(checks);
  if (passed(checks)) accept(answer.get("access_token"));
  else refuse(checks);
  await told;
}

function check(id, held, expected, got) {
  if (held && id === "state.matches") got = "that state";
  return { id, outcome: held ? "passed" : "failed", expected, got };
}

function passed(checks) {
  return checks.every((made) => made.outcome === "passed");
}

function paint(made) {
  const line = document.querySelector(`[data-check="${made.id}"]`);
  line.classList.add(`check-${made.outcome.replace("_", "-")}`);
  if (made.outcome === "failed") line.querySelector(".verdict").textContent = `${made.expected} ≠ ${made.got}`;
}

function refuse(checks) {
  const failed = checks.find((made) => made.outcome === "failed").id;
  const error = answer.get("error");
  const reason = failed === "state.matches" ? "if-state"
    : failed === "iss.matches" ? "if-iss"
    : error === "access_denied" ? "if-denied" : "if-other";
  document.querySelector(`#refused .${reason}`).hidden = false;
  byId("error-code").textContent = error ?? "";
  byId("error-description").textContent = answer.get("error_description") ?? "";
  show("refused");
}

function accept(token) {
  const parts = token.split(".");
  const spans = document.querySelectorAll("#token .token span");
  if (parts.length === 3) {
    parts.forEach((part, index) => (spans[index].textContent = part));
    explain(claims(parts[1]));
  } else {
    document.querySelector("#token .token").textContent = token;
  }
  byId("call-photos").addEventListener("click", () => call("/photos", token));
  byId("call-me").addEventListener("click", () => call("/me", token));
  show("token", "api");
}

// Read, not believed: a client cannot verify what is not meant for it.
function claims(payload) {
  const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

function explain(members) {
  const sentences = byId("claim-sentences").content;
  for (const [name, value] of Object.entries(members)) {
    const line = document.createElement("div");
    const term = line.appendChild(document.createElement("dt"));
    term.appendChild(document.createElement("code")).textContent = name;
    const detail = line.appendChild(document.createElement("dd"));
    const shown = detail.appendChild(document.createElement("code"));
    shown.className = "value";
    shown.textContent = typeof value === "string" ? value : JSON.stringify(value);
    const moment = ["exp", "iat", "auth_time"].includes(name);
    if (moment) detail.append(` ${new Date(value * 1000).toISOString().replace(".000Z", " UTC").replace("T", " ")}`);
    const sentence = sentences.querySelector(`[data-claim="${CSS.escape(name)}"]`);
    if (sentence) {
      const said = detail.appendChild(document.createElement("span"));
      said.className = "muted small sentence";
      said.textContent = sentence.textContent;
    }
    byId("claims").append(line);
  }
}

// From this page to another origin: the browser asks the API first whether it may (CORS).
async function call(path, token) {
  const bearer = { headers: { authorization: `Bearer ${token}`, accept: "application/json" } };
  byId("photos").replaceChildren();
  byId("api-away").hidden = true;
  try {
    const response = await fetch(resource + path, bearer);
    const body = await response.text();
    byId("api-status").textContent = response.status;
    byId("api-status").className = `status status-${Math.floor(response.status / 100)}xx`;
    byId("api-url").textContent = resource + path;
    byId("api-status").parentElement.hidden = false;
    byId("api-body").textContent = laidOut(body);
    byId("api-details").hidden = false;
    byId("api-details").open = !response.ok;
    if (response.ok && path === "/photos") await draw(JSON.parse(body), bearer);
  } catch {
    byId("api-away").hidden = false;
  }
}

function laidOut(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

async function draw(listed, bearer) {
  for (const photo of listed.photos ?? listed) {
    const item = document.createElement("li");
    item.className = "photo";
    const url = new URL(photo.picture, resource);
    if (url.origin === new URL(resource).origin) {
      const picture = await fetch(url, bearer);
      const image = item.appendChild(document.createElement("img"));
      image.alt = ""; // the caption beside it says the same
      image.src = `data:image/svg+xml,${encodeURIComponent(await picture.text())}`;
    }
    const caption = item.appendChild(document.createElement("p"));
    caption.className = "caption";
    caption.textContent = photo.caption;
    byId("photos").append(item);
  }
}

async function tell(checks) {
  const parameters = [];
  for (const [name, value] of answer) parameters.push({ name, sha256_hex: await sha256(value) });
  // `page` names the request that brought this page, so that the record can put both into one flow.
  const report = { event: "fragment_received", page: page.dataset.page, url: redirect, parameters, checks };
  try {
    await fetch(record, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(report),
    });
  } catch {
    // The record is a watcher: the flow does not depend on it.
  }
}

async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
