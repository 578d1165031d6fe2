"""A person with a plain browser: opens a URL, signs in, consents, and is sent back to the client.

Nothing but the pages' stable ids is known here (#username, #password, #login-submit, #consent-allow, #consent-deny,
#device-submit, #device-confirm, #device-result, #form-post, #logout-confirm, #logout-continue).
"""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import requests


class Page(HTMLParser):
    """What a page offers: its forms (where each goes, its fields, the ids in it), and its links by id."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            ids = {attributes["id"]: {}} if "id" in attributes else {}
            self.forms.append({"action": attributes.get("action", ""), "fields": [], "ids": ids})
        elif tag == "a" and "id" in attributes:
            self.links[attributes["id"]] = attributes.get("href", "")
        elif tag in ("input", "button") and self.forms:
            form = self.forms[-1]
            if "id" in attributes:
                form["ids"][attributes["id"]] = attributes
            kind = attributes.get("type", "submit" if tag == "button" else "text")
            ticked = kind not in ("checkbox", "radio") or "checked" in attributes
            if attributes.get("name") and kind != "submit" and ticked:
                form["fields"].append([attributes["name"], attributes.get("value", "")])

    def form(self, button):
        return next((form for form in self.forms if button in form["ids"]), None)


class Person:
    """Somebody with an account, and a browser that keeps its cookies."""

    def __init__(self, username, password=None):
        self.typed = {"username": username, "password": password or f"{username}-password"}
        self.browser = requests.Session()
        self.browser.headers["Accept"] = "text/html"

    def authorize(self, url, callback=None, allow=True):
        """Walks from an authorization URL to the redirect back to the client: that redirect's URL, or, where the
        answer is posted, what is posted as (URL, fields)."""
        callback = callback or parse_qs(urlsplit(url).query)["redirect_uri"][0]
        home = lambda url: url.startswith(callback)
        return self._walk(url, home, ["login-submit", "consent-allow" if allow else "consent-deny"])

    def connect(self, url):
        """Goes from a device's verification URI to the page that says it is connected."""
        self._walk(url, lambda url: False, ["device-submit", "login-submit", "device-confirm"], 'id="device-result"')

    def sign_out(self, url, callback):
        """Signs out, and goes back to the client."""
        return self._walk(url, lambda url: url.startswith(callback), ["logout-confirm"])

    def _walk(self, url, arrived, buttons, last="\0"):
        answer = self.browser.get(url, allow_redirects=False)
        for _ in range(14):
            if answer.is_redirect:
                target = urljoin(answer.url, answer.headers["Location"])
                if arrived(target):
                    return target
                answer = self.browser.get(target, allow_redirects=False)
                continue
            assert answer.status_code == 200, f"{answer.status_code} at {answer.url}: {answer.text[:500]}"
            if last in answer.text:
                return answer.url
            page = Page(answer.text)
            posted = page.form("form-post")
            if posted and arrived(posted["action"]):
                return posted["action"], dict(posted["fields"])
            if arrived(page.links.get("logout-continue", "")):
                return page.links["logout-continue"]
            found = [(page.form(button), button) for button in buttons if page.form(button)]
            assert found, f"no form to fill in at {answer.url}"
            form, button = found[0]
            fields = [(name, self.typed.get(name, value)) for name, value in form["fields"]]
            pressed = form["ids"][button]
            if pressed.get("name"):
                fields.append((pressed["name"], pressed.get("value", "")))
            action = urljoin(answer.url, form["action"])
            parts = urlsplit(action)
            headers = {"Origin": f"{parts.scheme}://{parts.netloc}"}
            answer = self.browser.post(action, data=fields, headers=headers, allow_redirects=False)
        raise AssertionError("too many steps")
