"""What a client says of itself to the gateway of the scaled profile, and nobody may believe.

Two callers with addresses of their own: forged X-Forwarded-For, Forwarded and X-Real-IP neither free one of them from
a limit nor put it on the other; a replica that is asked past the gateway believes them as little; the record and the
log keep the real address and the gateway's own request id; forged hosts are refused or change nothing.

Usage: compose_forged.py COMPOSE-PROJECT (it must run on the machine of the Docker engine)
"""

import functools
import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from urllib.parse import urlencode, urlsplit

from compose_scaled import API, APP, AUTH, SERVICE, Answer, Browser, ask

NET = os.environ.get("GRANTSCOPE_SCALED_NET", "172.30.90")
REPLICA = NET + ".11"
# Wrong passwords for one account from one address that are answered as usual (`[limits] login_per_account`).
PASSWORDS = 10
EVIL = "evil.example"


def docker(*arguments):
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True)


def container(project, service):
    of = [f"label=com.docker.compose.project={project}", f"label=com.docker.compose.service={service}"]
    [found] = docker("ps", "-q", *(word for label in of for word in ("--filter", label))).stdout.split()
    return found


class Caller:
    """This machine in one of the gateway's networks: its address there, and the gateway's."""

    def __init__(self, project, network):
        [gateway] = json.loads(docker("inspect", container(project, "gateway")).stdout)
        place = gateway["NetworkSettings"]["Networks"][f"{project}_{network}"]
        self.address, self.gateway = place["Gateway"], place["IPAddress"]

    def send(self, forged, method, url, form=None, headers=None, at=None):
        """As `ask`, but from this address (to a replica past the gateway: `at`), with `forged` headers besides."""
        parts = urlsplit(url)
        to, source = at or self.gateway, (self.address, 0)
        connection = http.client.HTTPConnection(to, parts.port, timeout=20, source_address=source)
        headers = {"Host": parts.netloc, **(headers or {}), **forged}
        body = urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, headers)
            return Answer(url, connection.getresponse())
        finally:
            connection.close()

    def guess(self, forged, password="guess", at=None):
        """The status of a password of bob's, typed in a browser that has never been there."""
        browser = Browser(functools.partial(self.send, forged, at=at))
        page = browser.once("GET", AUTH + "/login")
        assert page.status == 200, (page.status, page.body[:600])
        return browser.press(page, "login-submit", username="bob", password=password).status


def forgery(address):
    """Everything by which a proxy might name the client's address, with this one in it."""
    return {
        "X-Forwarded-For": address, "Forwarded": f"for={address};host={EVIL};proto=https", "X-Real-IP": address,
        "True-Client-IP": address, "X_Forwarded_For": address, "Via": f"1.1 {address}",
    }


def limits(project, one, other):
    """One guesses at bob's password, and says each time that it is somebody else."""
    names = [other.address, "127.0.0.1", one.gateway, f"{other.address}, {one.gateway}", "198.51.100.7", "unknown"]
    for attempt in range(PASSWORDS):
        status = one.guess(forgery(names[attempt % len(names)]))
        assert status == 422, f"guess {attempt}: {status}"
    for name in names:
        assert one.guess(forgery(name), "bob-password") == 429, f"freed by saying {name}"
        # Past the gateway: the address is the connection's.
        assert one.guess(forgery(name), "bob-password", REPLICA) == 429, f"freed at a replica by {name}"
    counted = docker(
        "exec", container(project, "postgres"), "psql", "-U", "grantscope", "-d", "auth_server", "-Atc",
        "SELECT DISTINCT split_part(key, ' ', 2) FROM limits WHERE key LIKE 'login-a%' AND count > 0",
    ).stdout.split()
    assert counted == [one.address], f"guesses are counted of {counted}, they came from {one.address}"
    status = other.guess({}, "bob-password")
    assert status < 400, f"{other.address} was locked out by what {one.address} said: {status}"


def record(one, forged):
    """What the auth server says that it received, of a call with forged headers from `one`."""
    before = {flow["id"] for flow in flows()}
    form = {"grant_type": "client_credentials"}
    answer = one.send(forged, "POST", AUTH + "/token", form, SERVICE)
    assert answer.status == 200, answer.body
    for _ in range(50):
        new = [flow["id"] for flow in flows() if flow["id"] not in before]
        if new:
            break
        time.sleep(0.1)
    [flow] = new
    [hop] = [hop for hop in ask("GET", f"{APP}/api/flows/{flow}").json()["exchanges"] if hop["path"] == "/token"]
    return ask("GET", f"{APP}/api/exchanges/{hop['id']}").json()


def flows():
    return ask("GET", APP + "/api/flows?grant=client_credentials").json()["flows"]


def kept(project, one, other):
    """The record and the logs, of a call with forged headers."""
    number = secrets.token_hex(16)
    says = {"X-Request-Id": number, "X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https"}
    exchange = record(one, {**forgery(other.address), **says})
    assert exchange["notes"]["replica"].startswith("auth-server-"), exchange["notes"]
    said = {}
    for header in exchange["request"]["headers"]:
        said.setdefault(header["name"].lower(), []).append(header["value"])
    assert said["x-forwarded-for"] == [one.address], said
    assert [number] != said["x-request-id"], "a stranger's request id got through"
    for name in ("forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto"):
        assert name not in said, f"{name}: {said[name]}"
    logs = ""
    for service in ("auth-server-1", "auth-server-2", "auth-server-3"):
        said = docker("logs", container(project, service))
        logs += said.stdout + said.stderr
    assert number not in logs, "a stranger's request id is in the log"
    assert "proxy_request_id" in logs, "the gateway's request id is not in the log"


def hosts(one):
    """Foreign hosts are refused; what proxies say of hosts and schemes changes nothing."""
    metadata = AUTH + "/.well-known/oauth-authorization-server"
    plain = one.send({}, "GET", metadata)
    assert plain.status == 200 and plain.json()["issuer"] == AUTH, plain.body
    says = {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443",
            "X-Forwarded-Prefix": "/evil", "Forwarded": f"host={EVIL};proto=https", "X-Original-URL": "/jwks",
            "X-Rewrite-URL": "/jwks", "X-Host": EVIL}
    forged = one.send(says, "GET", metadata)
    assert forged.json() == plain.json(), forged.body
    for url in (AUTH + "/login", AUTH + "/device"):
        page = [one.send(more, "GET", url, None, {"Accept": "text/html"}) for more in ({}, says)]
        assert page[0].status == page[1].status, url
        cookies = [sorted(name_and_attributes(answer)) for answer in page]
        assert cookies[0] == cookies[1], cookies
        assert EVIL.encode() not in page[1].body and EVIL not in str(page[1].headers), url
    for url in (metadata, API + "/photos"):
        port = urlsplit(url).port
        foreign = [EVIL, f"{EVIL}:{port}", "localhost", "localhost:1", f"localhost.{EVIL}:{port}"]
        for host in [*foreign, f"{one.gateway}:{port}"]:
            answer = one.send({"Host": host, "X-Forwarded-Host": f"localhost:{port}"}, "GET", url)
            assert answer.status == 421, f"{url} as {host}: {answer.status}"
    # Metrics are for a program on the same machine, which nobody is who comes through the gateway.
    answer = one.send(forgery("127.0.0.1"), "GET", AUTH + "/metrics")
    assert answer.status == 404, answer.status
    answer = one.send(forgery("127.0.0.1"), "GET", AUTH + "/metrics", at=REPLICA)
    assert answer.status == 404, answer.status


def name_and_attributes(answer):
    """The cookies that an answer sets, without their values."""
    for cookie in answer.headers.get_all("Set-Cookie") or []:
        name, _, rest = cookie.partition("=")
        yield name + ";" + rest.partition(";")[2]


if __name__ == "__main__":
    project = sys.argv[1]
    one, other = Caller(project, "replicas"), Caller(project, "default")
    assert one.address and other.address and one.address != other.address
    hosts(one)
    kept(project, one, other)
    limits(project, one, other)
    print(f"compose: forged by {one.address}: its address, hosts and request ids are believed by nobody behind the gateway")
