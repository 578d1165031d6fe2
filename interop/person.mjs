// A person with a plain browser: opens a URL, signs in, consents, and is sent back to the client.
// Nothing but the pages' stable ids is known here (#username, #password, #login-submit, #consent-allow, #consent-deny,
// #device-submit, #device-confirm, #device-result, #form-post, #logout-confirm, #logout-continue).

const ENTITIES = { "&amp;": "&", "&quot;": '"', "&#34;": '"', "&#38;": "&", "&#39;": "'", "&lt;": "<", "&gt;": ">" };

const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return found ? found[1].replace(/&(amp|quot|#34|#38|#39|lt|gt);/g, (entity) => ENTITIES[entity]) : undefined;
};

/** The form that has this id, or that the button with this id belongs to, as it would be sent. */
function form(html, id) {
  for (const [, opening, inside] of html.matchAll(/(<form\b[^>]*>)([\s\S]*?)<\/form>/g)) {
    const tags = [...inside.matchAll(/<(?:input|button)\b[^>]*>/g)].map(([tag]) => tag);
    const pressed = tags.find((tag) => attribute(tag, "id") === id);
    if (!pressed && attribute(opening, "id") !== id) continue;
    const fields = tags
      .filter((tag) => attribute(tag, "name") && attribute(tag, "type") !== "submit" && !tag.startsWith("<button"))
      .filter((tag) => !/type="(checkbox|radio)"/.test(tag) || /\schecked/.test(tag))
      .map((tag) => [attribute(tag, "name"), attribute(tag, "value") ?? ""]);
    if (pressed && attribute(pressed, "name")) fields.push([attribute(pressed, "name"), attribute(pressed, "value") ?? ""]);
    return { action: attribute(opening, "action") ?? "", fields };
  }
  return undefined;
}

export class Person {
  #jar = new Map();

  constructor(username, password = `${username}-password`) {
    this.typed = { username, password };
  }

  async #open(target, init = {}) {
    const cookie = [...this.#jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { accept: "text/html", cookie, ...init.headers };
    const answer = await fetch(target, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      this.#jar.set(name, value);
    }
    return answer;
  }

  /** Goes from `url` to where `arrived` says so (of a URL that the browser is sent to, or of a page's text), pressing
   *  the first of `buttons` that a page has. What a form_post page would send comes back as a request. */
  async #walk(url, arrived, buttons) {
    let here = url.toString();
    let answer = await this.#open(here);
    for (let step = 0; step < 14; step += 1) {
      if (answer.status >= 300 && answer.status < 400) {
        here = new URL(answer.headers.get("location"), here).toString();
        if (arrived({ url: here })) return new URL(here);
        answer = await this.#open(here);
        continue;
      }
      const html = await answer.text();
      if (answer.status !== 200) throw new Error(`${answer.status} at ${here}: ${html.slice(0, 500)}`);
      if (arrived({ html })) return new URL(here);
      const posted = form(html, "form-post");
      if (posted && arrived({ url: posted.action })) {
        return new Request(posted.action, { method: "POST", body: new URLSearchParams(posted.fields) });
      }
      const link = /<a\b[^>]*id="logout-continue"[^>]*>/.exec(html);
      if (link && arrived({ url: attribute(link[0], "href") })) return new URL(attribute(link[0], "href"));
      const found = buttons.map((id) => form(html, id)).find(Boolean);
      if (!found) throw new Error(`no form to fill in at ${here}`);
      const filled = found.fields.map(([name, value]) => [name, this.typed[name] ?? value]);
      here = new URL(found.action, here).toString();
      const headers = { origin: new URL(here).origin };
      answer = await this.#open(here, { method: "POST", body: new URLSearchParams(filled), headers });
    }
    throw new Error("too many steps");
  }

  /** Walks from an authorization URL to the redirect back to `callback`; that redirect's URL, or what is posted. */
  authorize(url, callback, { allow = true } = {}) {
    const back = callback ?? new URL(url).searchParams.get("redirect_uri");
    const home = ({ url }) => url?.startsWith(back) ?? false;
    return this.#walk(url, home, ["login-submit", allow ? "consent-allow" : "consent-deny"]);
  }

  /** Goes from a device's verification URI to the page that says it is connected. */
  connect(url) {
    const done = ({ html }) => html?.includes('id="device-result"') ?? false;
    return this.#walk(url, done, ["device-submit", "login-submit", "device-confirm"]);
  }

  /** Signs out, and goes back to the client. */
  signOut(url, callback) {
    return this.#walk(url, ({ url }) => url?.startsWith(callback) ?? false, ["logout-confirm"]);
  }
}
