"""A whole authorization code flow through the three containers, driven from the host with the standard library.

Then the record of it, as the client app kept it: all three services must have reported their part.
"""

import http.cookiejar
import json
import sys
import time
import urllib.error
import urllib.request
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

HOME = "http://localhost:8080"


class Forms(HTMLParser):
    """The forms of a page: where each goes, its fields and the ids in it."""

    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append({"action": attributes.get("action", ""), "fields": [], "ids": set(), "buttons": {}})
        elif tag in ("input", "button") and self.forms:
            form = self.forms[-1]
            form["ids"].add(attributes.get("id"))
            kind = attributes.get("type", "submit" if tag == "button" else "text")
            if kind == "submit":
                if attributes.get("name"):
                    form["buttons"][attributes.get("id")] = (attributes["name"], attributes.get("value", ""))
            elif attributes.get("name") and (kind not in ("checkbox", "radio") or "checked" in attributes):
                form["fields"].append((attributes["name"], attributes.get("value", "")))


browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
browser.addheaders = [("Accept", "text/html"), ("User-Agent", "Mozilla/5.0 (compose)")]


def submit(page, wanted, pressed=None, **answers):
    """Fills in the form that `wanted` picks out, presses a button by its id, and returns the page it leads to."""
    forms = Forms()
    forms.feed(page.body)
    form = next((form for form in forms.forms if wanted(form)), None)
    assert form, f"no such form at {page.url}"
    fields = [(name, answers.get(name, value)) for name, value in form["fields"]]
    fields += [form["buttons"][pressed]] if pressed in form["buttons"] else []
    target = urljoin(page.url, form["action"])
    parts = urlsplit(target)
    request = urllib.request.Request(target, urlencode(fields).encode())
    # As a browser: the form says where it comes from, what it is redirected to is not told.
    request.add_unredirected_header("Origin", f"{parts.scheme}://{parts.netloc}")
    return open_page(request)


def open_page(request):
    try:
        answer = browser.open(request, timeout=20)
    except urllib.error.HTTPError as error:
        print(error.read().decode()[:2000], file=sys.stderr)
        raise
    answer.body = answer.read().decode()
    return answer


page = open_page(HOME + "/grants/authorization-code")
page = submit(page, lambda form: form["action"].endswith("/grants/authorization-code/run"))
page = submit(page, lambda form: "login-submit" in form["ids"], "login-submit", username="alice", password="alice-password")
if "consent-allow" in page.body:
    page = submit(page, lambda form: "consent-allow" in form["ids"], "consent-allow")
assert "/runs/" in page.url, page.url
page = submit(page, lambda form: ("endpoint", "photos") in form["fields"] or "call-photos" in form["ids"])
assert page.status == 200, page.status

def record():
    """The newest authorization code flow, as the client app kept it."""
    flows = json.load(urllib.request.urlopen(HOME + "/api/flows?grant=authorization_code", timeout=10))
    return json.load(urllib.request.urlopen(f"{HOME}/api/flows/{flows['flows'][0]['id']}", timeout=10))["exchanges"]


def seen(exchanges, path):
    """Who observed the exchange of this path, and from which side."""
    return {(o["party"], o["side"]) for hop in exchanges if hop["path"] == path for o in hop["observers"]}


# The services report in batches: their parts arrive a moment later.
needed = {
    "/token": {("client-app", "sent"), ("auth-server", "received")},
    "/photos": {("client-app", "sent"), ("resource-server", "received")},
    "/jwks": {("resource-server", "sent"), ("auth-server", "received")},
}
for _ in range(50):
    exchanges = record()
    if all(sides <= seen(exchanges, path) for path, sides in needed.items()):
        break
    time.sleep(0.1)
for hop in exchanges:
    print(hop["from"], hop["to"], hop["method"], hop["path"], hop["status"])
for path, sides in needed.items():
    assert sides <= seen(exchanges, path), f"{path} was observed by {seen(exchanges, path)} alone"
token = next(hop for hop in exchanges if hop["path"] == "/token")
assert token["status"] == 200
assert any(check["id"] == "pkce.s256" and check["outcome"] == "passed" for check in token["checks"]), token["checks"]
print("compose: a whole authorization code flow through three containers, and its record from all of them")
