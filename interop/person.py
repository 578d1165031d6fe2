"""A person with a plain browser: opens a URL, signs in, consents, and is sent back to the client.

Nothing but the pages' stable ids is known here (#username, #password, #login-submit, #consent-allow,
#device-submit, #device-confirm).
"""

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


class Forms(HTMLParser):
    """The forms of a page: where each goes, its fields and the ids in it."""

    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append({"action": attributes.get("action", ""), "fields": [], "ids": {}})
        elif tag in ("input", "button") and self.forms:
            form = self.forms[-1]
            if "id" in attributes:
                form["ids"][attributes["id"]] = attributes
            kind = attributes.get("type", "submit" if tag == "button" else "text")
            ticked = kind not in ("checkbox", "radio") or "checked" in attributes
            if attributes.get("name") and kind != "submit" and ticked:
                form["fields"].append([attributes["name"], attributes.get("value", "")])


def authorize(url, username, password, allow=True):
    """Walks from an authorization URL to the redirect back to the client; returns that redirect's URL."""
    browser = requests.Session()
    browser.headers["Accept"] = "text/html"
    client = None
    answer = browser.get(url, allow_redirects=False)
    for _ in range(10):
        if answer.is_redirect:
            target = urljoin(answer.url, answer.headers["Location"])
            client = client or _redirect_uri(url)
            if target.startswith(client):
                return target
            answer = browser.get(target, allow_redirects=False)
            continue
        assert answer.status_code == 200, f"{answer.status_code} at {answer.url}: {answer.text[:500]}"
        page = Forms()
        page.feed(answer.text)
        button = "consent-allow" if allow else "consent-deny"
        for form in page.forms:
            if "login-submit" in form["ids"]:
                answers = {"username": username, "password": password}
                pressed = form["ids"]["login-submit"]
                break
            if button in form["ids"]:
                answers, pressed = {}, form["ids"][button]
                break
        else:
            raise AssertionError(f"no form to fill in at {answer.url}")
        fields = [(name, answers.get(name, value)) for name, value in form["fields"]]
        if pressed.get("name"):
            fields.append((pressed["name"], pressed.get("value", "")))
        action = urljoin(answer.url, form["action"])
        answer = browser.post(action, data=fields, headers={"Origin": _origin(action)}, allow_redirects=False)
    raise AssertionError("too many steps")


def confirm(url, username, password):
    """Goes from a device's verification URI to the page that says it is connected."""
    browser = requests.Session()
    browser.headers["Accept"] = "text/html"
    answer = browser.get(url)
    for button in ("device-submit", "login-submit", "device-confirm"):
        assert answer.status_code == 200, f"{answer.status_code} at {answer.url}: {answer.text[:500]}"
        page = Forms()
        page.feed(answer.text)
        form = next(form for form in page.forms if button in form["ids"])
        answers = {"username": username, "password": password}
        fields = [(name, answers.get(name, value)) for name, value in form["fields"]]
        pressed = form["ids"][button]
        if pressed.get("name"):
            fields.append((pressed["name"], pressed.get("value", "")))
        action = urljoin(answer.url, form["action"])
        answer = browser.post(action, data=fields, headers={"Origin": _origin(action)})
    assert 'id="device-result"' in answer.text, answer.text[:500]


def _redirect_uri(url):
    from urllib.parse import parse_qs, urlsplit

    return parse_qs(urlsplit(url).query)["redirect_uri"][0]


def _origin(url):
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
