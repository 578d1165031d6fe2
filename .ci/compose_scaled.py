"""The scaled profile, tried from outside through nginx with the standard library alone.

What has one winner has one through three auth servers, a session of one is known to all, the record says who
answered, and a server that is killed in the middle costs a client one retry at most.

Usage: compose_scaled.py ROUNDS REPLICA-TO-KILL-COMMAND... (the command kills one auth server)
"""

import base64
import hashlib
import http.client
import json
import re
import secrets
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

AUTH, API, APP = "http://localhost:9000", "http://localhost:9001", "http://localhost:8080"
CALLBACK = APP + "/callback"
SCOPE = "openid photos:read offline_access"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
RACERS = 12


class Answer:
    """Status, headers and body of one answer."""

    def __init__(self, url, response):
        self.url, self.status, self.body = url, response.status, response.read()
        self.headers = response.headers

    def json(self):
        return json.loads(self.body)


def ask(method, url, form=None, headers=None):
    """One request on a connection of its own; follows nothing."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    headers = dict(headers or {})
    body = urlencode(form) if form is not None else None
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        path = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, path or "/", body, headers)
        return Answer(url, connection.getresponse())
    finally:
        connection.close()


def basic(client, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()}


WEB, RESOURCE = basic("web", "web-secret"), basic("resource-server", "resource-server-secret")
SERVICE = basic("service", "service-secret")


class Forms(HTMLParser):
    """The forms of a page: fields, and buttons by their ids."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.feed(page.body.decode())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append({"action": attributes.get("action", ""), "fields": [], "buttons": {}})
        elif tag in ("input", "button") and self.forms:
            form, kind = self.forms[-1], attributes.get("type", "submit" if tag == "button" else "text")
            pair = (attributes.get("name"), attributes.get("value", ""))
            if kind == "submit":
                form["buttons"][attributes.get("id")] = pair
            elif pair[0] and (kind not in ("checkbox", "radio") or "checked" in attributes):
                form["fields"].append(pair)


class Browser:
    """Cookies, forms and redirects, up to where the client app begins."""

    def __init__(self, send=ask):
        self.cookies, self.send = {}, send

    def once(self, method, url, form=None):
        headers = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 (compose)"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            headers["Origin"] = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        answer = self.send(method, url, form, headers)
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def go(self, method, url, form=None):
        """Follows redirects to a page of the auth server, or returns the redirect that leaves it."""
        answer = self.once(method, url, form)
        while answer.status in (302, 303):
            target = urljoin(answer.url, answer.headers["Location"])
            if not target.startswith(AUTH):
                return answer
            answer = self.once("GET", target)
        return answer

    def press(self, page, button, **answers):
        for form in Forms(page).forms:
            if button in form["buttons"]:
                name, value = form["buttons"][button]
                fields = [(known, answers.get(known, given)) for known, given in form["fields"]]
                fields += [(name, value)] if name else []
                return self.go("POST", urljoin(page.url, form["action"]), fields)
        raise AssertionError(f"no {button} at {page.url} ({page.status}): {page.body[:600]}")

    def agree(self, url):
        """Signs in and consents where it is asked; the code."""
        page = self.go("GET", url)
        if b"login-submit" in page.body:
            page = self.press(page, "login-submit", username="alice", password="alice-password")
        if b"consent-allow" in page.body:
            page = self.press(page, "consent-allow")
        return code_in(page)


def code_in(answer):
    query = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
    assert "code" in query, f"{answer.url}: {answer.status} {query} {answer.body[:600]}"
    return query["code"][0]


def authorization(verifier):
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return {
        "response_type": "code", "client_id": "web", "redirect_uri": CALLBACK, "scope": SCOPE,
        "state": secrets.token_hex(8), "code_challenge": challenge, "code_challenge_method": "S256",
    }


def redemption(code, verifier):
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}


def new_code(browser):
    verifier = secrets.token_urlsafe(48)
    return redemption(browser.agree(AUTH + "/authorize?" + urlencode(authorization(verifier))), verifier)


def token(form, headers=WEB, send=ask):
    return send("POST", AUTH + "/token", form, headers)


def tokens(browser):
    answer = token(new_code(browser))
    assert answer.status == 200, answer.body
    return answer.json()


def is_live(refresh_token):
    return ask("POST", AUTH + "/introspect", {"token": refresh_token}, WEB).json()["active"]


def race(act):
    """All racers at once; their answers. A 5xx fails the race."""
    barrier = threading.Barrier(RACERS)

    def run(number):
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(run, range(RACERS)))
    for answer in answers:
        assert answer.status < 500, (answer.status, answer.body)
    return answers


def won(answers):
    return [answer.json() for answer in answers if answer.status == 200]


def races(rounds):
    browser = Browser()
    tokens(browser)
    for _ in range(rounds):
        form = new_code(browser)
        assert len(won(race(lambda _: token(form)))) == 1, "a code"

        first = tokens(browser)["refresh_token"]
        form = {"grant_type": "refresh_token", "refresh_token": first}
        successors = {body["refresh_token"] for body in won(race(lambda _: token(form)))}
        assert len(successors) == 1, f"a refresh token has {len(successors)} successors"
        assert is_live(successors.pop())

        first = tokens(browser)["refresh_token"]
        form = {"grant_type": "refresh_token", "refresh_token": first}
        revoke = lambda: ask("POST", AUTH + "/revoke", {"token": first}, WEB)
        answers = race(lambda number: token(form) if number else revoke())
        assert answers[0].status == 200, answers[0].body
        alive = [body["refresh_token"] for body in won(answers[1:]) if is_live(body["refresh_token"])]
        assert not alive and not is_live(first), "a token outlived its revocation"

        pushed = ask("POST", AUTH + "/par", authorization(secrets.token_urlsafe(48)), WEB).json()["request_uri"]
        url = AUTH + "/authorize?" + urlencode({"client_id": "web", "request_uri": pushed})
        answers = race(lambda _: browser.once("GET", url))
        codes = [answer for answer in answers if "code=" in answer.headers.get("Location", "")]
        assert len(codes) == 1, f"a pushed request was answered {len(codes)} times"

        asked = ask("POST", AUTH + "/device_authorization", {"client_id": "tv", "scope": "openid photos:read"}).json()
        page = browser.go("GET", AUTH + "/device")
        page = browser.press(page, "device-submit", user_code=asked["user_code"])
        browser.press(page, "device-confirm")
        form = {"grant_type": DEVICE_CODE, "device_code": asked["device_code"], "client_id": "tv"}
        assert len(won(race(lambda _: token(form, {})))) == 1, "a device code"
    print(f"compose: {rounds} rounds of five races through three auth servers, one winner each, no 5xx")


def retried(method, url, form=None, headers=None):
    """What a client does that tries once more: after no answer, and after one that asks for it."""
    try:
        answer = ask(method, url, form, headers)
        if answer.status not in (502, 503, 504):
            return answer
        mended["answers"] += 1
    except (OSError, http.client.HTTPException):
        mended["connections"] += 1
    time.sleep(0.3)
    answer = ask(method, url, form, headers)
    assert answer.status < 500, (url, answer.status, answer.body)
    return answer


mended = {"answers": 0, "connections": 0, "sign-ins": 0}


def kill_under_load(kill, seconds=12.0):
    """Everything goes on while one auth server is killed, and after."""
    until, counts = time.monotonic() + seconds, {"service": 0, "refresh": 0, "sign in": 0, "api": 0}
    lock = threading.Lock()

    def count(what):
        with lock:
            counts[what] += 1

    def of_service():
        while time.monotonic() < until:
            answer = token({"grant_type": "client_credentials"}, SERVICE, retried)
            assert answer.status == 200, answer.body
            count("service")

    def of_refresh():
        # Grace makes a refresh that is tried again the same refresh (RFC 9700 §4.14.2).
        current = tokens(Browser(retried))
        while time.monotonic() < until:
            answer = token({"grant_type": "refresh_token", "refresh_token": current["refresh_token"]}, WEB, retried)
            assert answer.status == 200, answer.body
            current = answer.json()
            bearer = {"Authorization": "Bearer " + current["access_token"]}
            assert retried("GET", API + "/photos", None, bearer).status == 200
            count("refresh")
            count("api")

    def of_people():
        while time.monotonic() < until:
            try:
                sign_in()
            except AssertionError:
                # What was done once though its answer was lost cannot be done again (a code, a form): the person
                # begins anew, which is their one retry.
                mended["sign-ins"] += 1
                sign_in()
            count("sign in")

    def sign_in():
        answer = token(new_code(Browser(retried)), WEB, retried)
        assert answer.status == 200, answer.body

    workers = [of_service, of_service, of_refresh, of_refresh, of_people]
    with ThreadPoolExecutor(len(workers)) as pool:
        running = [pool.submit(work) for work in workers]
        time.sleep(seconds / 3)
        subprocess.run(kill, check=True, stdout=subprocess.DEVNULL)
        for worker in running:
            worker.result()
    print(f"compose: one auth server killed under load: {counts}, mended by one retry: {mended}")


def who_answered():
    """The replicas behind the newest flow of the print shop, as its record names them."""
    for _ in range(50):
        hops = ask("GET", f"{APP}/api/flows/{code_flows()[0]['id']}").json()["exchanges"]
        steps = [(hop["path"], hop["notes"]["replica"]) for hop in hops if "replica" in hop.get("notes", {})]
        servers = {name for _, name in steps if name.startswith("auth-server-")}
        if len(servers) >= 2 and any(path == "/token" for path, _ in steps):
            break
        time.sleep(0.1)
    for path, name in steps:
        print("  ", name, path)
    assert len(servers) >= 2, f"one server answered everything: {steps}"
    assert all(re.fullmatch(r"(auth|resource)-server-\d", name) for _, name in steps), steps


def one_flow_three_servers():
    """Sign in on one, consent on another, redeem on a third: with as many requests in between as it takes."""
    steps = ["POST /login", "POST /consent", "POST /token"]
    for between in range(3):
        before = {flow["id"] for flow in code_flows()}
        verifier = secrets.token_urlsafe(48)
        request = {**authorization(verifier), "prompt": "consent"}
        code = Browser().agree(AUTH + "/authorize?" + urlencode(request))
        for _ in range(between):
            assert ask("GET", AUTH + "/jwks").status == 200
        answer = token(redemption(code, verifier))
        assert answer.status == 200, answer.body
        answered = {}
        for _ in range(50):
            new = [flow["id"] for flow in code_flows() if flow["id"] not in before]
            hops = ask("GET", f"{APP}/api/flows/{new[0]}").json()["exchanges"] if new else []
            answered = {f"{hop['method']} {hop['path']}": hop.get("notes", {}).get("replica") for hop in hops}
            if all(answered.get(step) for step in steps):
                break
            time.sleep(0.1)
        servers = [answered.get(step) for step in steps]
        if len(set(servers) - {None}) == 3:
            print("compose: signed in, consented and redeemed on", *servers)
            return
    raise AssertionError(f"never on three servers: {answered}")


def code_flows():
    return ask("GET", APP + "/api/flows?grant=authorization_code").json()["flows"]


if __name__ == "__main__":
    who_answered()
    one_flow_three_servers()
    races(int(sys.argv[1]))
    kill_under_load(sys.argv[2:])
