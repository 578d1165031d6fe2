// A person with a plain browser: opens a URL, signs in, consents, and is sent back to the client.
// Nothing but the pages' stable ids is known here (#username, #password, #login-submit, #consent-allow,
// #device-submit, #device-confirm).

const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  const entities = { "&amp;": "&", "&quot;": '"', "&#34;": '"', "&#38;": "&", "&#39;": "'", "&lt;": "<", "&gt;": ">" };
  return found ? found[1].replace(/&(amp|quot|#34|#38|#39|lt|gt);/g, (entity) => entities[entity]) : undefined;
};

function form(html, id) {
  for (const [whole, opening, inside] of html.matchAll(/(<form\b[^>]*>)([\s\S]*?)<\/form>/g)) {
    const tags = [...inside.matchAll(/<(?:input|button)\b[^>]*>/g)].map(([tag]) => tag);
    const pressed = tags.find((tag) => attribute(tag, "id") === id);
    if (!pressed) continue;
    const fields = tags
      .filter((tag) => attribute(tag, "name") && attribute(tag, "type") !== "submit" && !tag.startsWith("<button"))
      .filter((tag) => !/type="(checkbox|radio)"/.test(tag) || /\schecked/.test(tag))
      .map((tag) => [attribute(tag, "name"), attribute(tag, "value") ?? ""]);
    if (attribute(pressed, "name")) fields.push([attribute(pressed, "name"), attribute(pressed, "value") ?? ""]);
    return { action: attribute(opening, "action") ?? "", fields };
  }
  return undefined;
}

/** A browser with a jar of cookies: follows nothing by itself. */
function browser() {
  const jar = new Map();
  return async (target, init = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { accept: "text/html", cookie, ...init.headers };
    const answer = await fetch(target, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      jar.set(name, value);
    }
    return answer;
  };
}

/** Goes from a device's verification URI to the page that says it is connected. */
export async function confirm(url, username, password) {
  const go = browser();
  let here = url.toString();
  let answer = await go(here);
  for (let step = 0; step < 12; step += 1) {
    if (answer.status >= 300 && answer.status < 400) {
      here = new URL(answer.headers.get("location"), here).toString();
      answer = await go(here);
      continue;
    }
    const html = await answer.text();
    if (html.includes('id="device-result"')) return;
    if (answer.status !== 200) throw new Error(`${answer.status} at ${here}: ${html.slice(0, 500)}`);
    const found = form(html, "device-submit") ?? form(html, "login-submit") ?? form(html, "device-confirm");
    if (!found) throw new Error(`no form to fill in at ${here}`);
    const filled = found.fields.map(([name, value]) => [name, { username, password }[name] ?? value]);
    here = new URL(found.action, here).toString();
    answer = await go(here, { method: "POST", body: new URLSearchParams(filled), headers: { origin: new URL(here).origin } });
  }
  throw new Error("too many steps");
}

/** Walks from an authorization URL to the redirect back to the client; returns that redirect's URL. */
export async function authorize(url, username, password) {
  const back = new URL(url).searchParams.get("redirect_uri");
  const go = browser();
  let here = url.toString();
  let answer = await go(here);
  for (let step = 0; step < 10; step += 1) {
    if (answer.status >= 300 && answer.status < 400) {
      here = new URL(answer.headers.get("location"), here).toString();
      if (here.startsWith(back)) return new URL(here);
      answer = await go(here);
      continue;
    }
    const html = await answer.text();
    if (answer.status !== 200) throw new Error(`${answer.status} at ${here}: ${html.slice(0, 500)}`);
    const found = form(html, "login-submit") ?? form(html, "consent-allow");
    if (!found) throw new Error(`no form to fill in at ${here}`);
    const filled = found.fields.map(([name, value]) => [name, { username, password }[name] ?? value]);
    here = new URL(found.action, here).toString();
    answer = await go(here, { method: "POST", body: new URLSearchParams(filled), headers: { origin: new URL(here).origin } });
  }
  throw new Error("too many steps");
}
