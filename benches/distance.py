"""What the distance between an auth server and its PostgreSQL costs: statements and round trips of each operation,
and its latency when every answer of the database takes longer by 0, 1, 10 and 50 ms.

Between the two stands a proxy that holds everything back, half the distance each way, and reads the protocol as it
passes: a statement is an Execute or a simple Query, a round trip is what ends with ReadyForQuery (PostgreSQL
Frontend/Backend Protocol 3.0). Then what each operation leaves behind: rows and bytes of the database, and memory of
the server. Standard library and psql.

Usage: distance.py AUTH-SERVER-PROGRAM postgres://user@host:port/database    (an empty database of its own)
"""

import asyncio
import base64
import glob
import hashlib
import http.client
import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

DISTANCES = (0, 1, 10, 50)
ROUNDS = 15
SCOPE = "openid profile photos:read offline_access"


class Messages:
    """Counts the messages of some types in one direction of the protocol."""

    def __init__(self, counts, wanted, startup):
        self.counts, self.wanted, self.buffer, self.startup = counts, wanted, b"", startup

    def take(self, data):
        self.buffer += data
        while len(self.buffer) >= 5:
            # The first message of a client has no type.
            at = 0 if self.startup else 1
            length = at + int.from_bytes(self.buffer[at : at + 4], "big")
            if len(self.buffer) < length:
                return
            kind = "" if self.startup else chr(self.buffer[0])
            self.startup, self.buffer = False, self.buffer[length:]
            if kind in self.wanted:
                self.counts[kind] += 1


class Distance:
    """The proxy, on a thread of its own."""

    def __init__(self, host, port):
        self.host, self.port, self.milliseconds = host, port, 0
        self.counts = {"E": 0, "Q": 0, "Z": 0}
        self.loop, ready = asyncio.new_event_loop(), threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        ready.wait()

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.listening = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def serve(self, reader, writer):
        there = await asyncio.open_connection(self.host, self.port)
        for end in (writer, there[1]):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(
            self.carry(reader, there[1], Messages(self.counts, {"E", "Q"}, True)),
            self.carry(there[0], writer, Messages(self.counts, {"Z"}, False)),
        )

    async def carry(self, reader, writer, messages):
        """Each piece arrives half the distance later, in order."""
        on_the_way = asyncio.Queue()

        async def arrive():
            while (piece := await on_the_way.get()) is not None:
                due, data = piece
                if (left := due - self.loop.time()) > 0:
                    await asyncio.sleep(left)
                writer.write(data)
                await writer.drain()
            writer.close()

        arriving = asyncio.ensure_future(arrive())
        try:
            while data := await reader.read(65536):
                messages.take(data)
                on_the_way.put_nowait((self.loop.time() + self.milliseconds / 2000, data))
        except OSError:
            pass
        on_the_way.put_nowait(None)
        await asyncio.gather(arriving, return_exceptions=True)


def ask(base, method, path, form=None, headers=None):
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    headers = dict(headers or {})
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, urlencode(form) if form is not None else None, headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


class Forms(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append({"action": attributes.get("action", ""), "fields": [], "buttons": {}})
        elif tag in ("input", "button") and self.forms:
            pair = (attributes.get("name"), attributes.get("value", ""))
            if attributes.get("type", "submit" if tag == "button" else "text") == "submit":
                self.forms[-1]["buttons"][attributes.get("id")] = pair
            elif pair[0] and (attributes.get("type") not in ("checkbox", "radio") or "checked" in attributes):
                self.forms[-1]["fields"].append(pair)


class Person:
    """Alice's browser at this auth server."""

    def __init__(self, base):
        self.base, self.cookies = base, {}

    def once(self, method, path, form=None):
        headers = {"Accept": "text/html", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if form is not None:
            headers["Origin"] = self.base
        status, answered, body = ask(self.base, method, path, form, headers)
        for cookie in answered.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return status, answered, body

    def go(self, method, path, form=None):
        status, answered, body = self.once(method, path, form)
        while status in (302, 303):
            target = urljoin(self.base + path, answered["Location"])
            if not target.startswith(self.base):
                return path, target, body
            path = target[len(self.base) :]
            status, answered, body = self.once("GET", path)
        return path, None, body

    def press(self, page, button, **answers):
        path, _, body = page
        form = next(form for form in Forms(body.decode()).forms if button in form["buttons"])
        name, value = form["buttons"][button]
        action = urljoin(self.base + path, form["action"])[len(self.base) :]
        fields = [(known, answers.get(known, given)) for known, given in form["fields"]]
        return self.go("POST", action, fields + ([(name, value)] if name else []))


class World:
    """The operations that are measured, each as a client with a warm cache does it."""

    def __init__(self, base, callback):
        self.base, self.callback, self.person = base, callback, Person(base)
        self.web = {"Authorization": "Basic " + base64.b64encode(b"web:web-secret").decode()}
        page = self.person.go("GET", self.authorization()[0])
        page = self.person.press(page, "login-submit", username="alice", password="alice-password")
        self.person.press(page, "consent-allow")

    def authorization(self):
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": "web", "redirect_uri": self.callback, "scope": SCOPE,
            "state": secrets.token_hex(8), "code_challenge": challenge, "code_challenge_method": "S256",
        }
        return "/authorize?" + urlencode(query), verifier, query

    def post(self, path, form, expected=200, headers=None):
        status, _, body = ask(self.base, "POST", path, form, self.web if headers is None else headers)
        assert status == expected, (path, status, body)
        return json.loads(body) if body else {}

    def code(self):
        path, verifier, _ = self.authorization()
        status, answered, body = self.person.once("GET", path)
        assert "code=" in (answered["Location"] or ""), (status, answered["Location"], body[:500])
        return parse_qs(urlsplit(answered["Location"]).query)["code"][0], verifier

    def redeem(self, given):
        form = {"grant_type": "authorization_code", "code": given[0], "redirect_uri": self.callback, "code_verifier": given[1]}
        return self.post("/token", form)

    def tokens(self):
        return self.redeem(self.code())

    def operations(self):
        """Name, what is prepared, what is measured."""
        service = {"Authorization": "Basic " + base64.b64encode(b"service:service-secret").decode()}
        api = {"Authorization": "Basic " + base64.b64encode(b"resource-server:resource-server-secret").decode()}
        refresh = lambda t: self.post("/token", {"grant_type": "refresh_token", "refresh_token": t["refresh_token"]})
        bearer = lambda t: {"Authorization": "Bearer " + t["access_token"]}
        return [
            ("JWKS, discovery", None, lambda _: ask(self.base, "GET", "/jwks")),
            ("client credentials, JWT", None, lambda _: self.post("/token", {"grant_type": "client_credentials"}, headers=service)),
            ("authorization, signed in and consented", None, lambda _: self.code()),
            ("pushed authorization request", None, lambda _: self.post("/par", self.authorization()[2], 201)),
            ("code to tokens", self.code, self.redeem),
            ("refresh with rotation", self.tokens, refresh),
            ("introspection of a JWT", self.tokens, lambda t: self.post("/introspect", {"token": t["access_token"]}, headers=api)),
            ("UserInfo", self.tokens, lambda t: ask(self.base, "GET", "/userinfo", None, bearer(t))),
            ("revocation", self.tokens, lambda t: self.post("/revoke", {"token": t["refresh_token"]})),
        ]


def measure(world, proxy):
    rows = {}
    for milliseconds in DISTANCES:
        for name, prepare, act in world.operations():
            proxy.milliseconds = 0
            act(prepare() if prepare else None)
            prepared = [prepare() if prepare else None for _ in range(ROUNDS)]
            proxy.milliseconds = milliseconds
            taken, trips, statements = [], [], []
            for given in prepared:
                before = dict(proxy.counts)
                begun = time.monotonic()
                act(given)
                taken.append((time.monotonic() - begun) * 1000)
                trips.append(proxy.counts["Z"] - before["Z"])
                statements.append(proxy.counts["E"] + proxy.counts["Q"] - before["E"] - before["Q"])
            row = rows.setdefault(name, {})
            row[milliseconds] = statistics.median(taken)
            # The usual case: what is kept in memory for two seconds is read again in some rounds.
            row["trips"], row["statements"] = statistics.median(trips), statistics.median(statements)
    return rows


def psql(url, query):
    """The rows that a query gives, as lists of text."""
    program = shutil.which("psql") or sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1]
    told = subprocess.run([program, "-AtqX", "-c", query, url], check=True, capture_output=True, text=True)
    return [line.split("|") for line in told.stdout.splitlines()]


def resident(process):
    """KiB of memory that a process holds."""
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def size(url):
    """Rows of each table, and bytes of the whole database with its indexes."""
    psql(url, "VACUUM ANALYZE")
    tables = psql(url, "SELECT relname FROM pg_stat_user_tables WHERE relname NOT LIKE '\\_\\_%'")
    rows = {table: int(psql(url, f"SELECT count(*) FROM {table}")[0][0]) for (table,) in tables}
    total = psql(url, "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables")
    return rows, int(total[0][0])


def growth(world, url, server):
    """What one operation leaves behind, by table, over some two hundred of them."""
    def sign_in(_):
        person = world.person = Person(world.base)
        page = person.go("GET", world.authorization()[0])
        person.press(page, "login-submit", username="alice", password="alice-password")

    measured = [("sign-in, to a code", 40, None, sign_in)]
    for name, prepare, act in world.operations():
        measured.append((name, 200, prepare, act))
    print("| operation | rows that it leaves | bytes, with indexes | server's memory, KiB |")
    print("|---|---|---|---|")
    for name, count, prepare, act in measured:
        prepared = [prepare() if prepare else None for _ in range(count)]
        (rows, total), memory = size(url), resident(server)
        for given in prepared:
            act(given)
        after, grown = size(url)
        left = [f"{(after[table] - rows[table]) / count:g} {table}" for table in after if after[table] != rows[table]]
        bytes_each, kib = (grown - total) / count, (resident(server) - memory) / count
        print(f"| {name} | {', '.join(left) or 'none'} | {bytes_each:.0f} | {kib:.1f} |")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def main(program, url):
    parts = urlsplit(url)
    proxy = Distance(parts.hostname, parts.port or 5432)
    port, callback_port = free_port(), free_port()
    base = f"http://localhost:{port}"
    authority = f"{parts.username or 'postgres'}@127.0.0.1:{proxy.listening}"
    environment = {
        **os.environ, "RUST_LOG": "error",
        "AUTH_SERVER__SERVER__BIND": f"127.0.0.1:{port}",
        "AUTH_SERVER__STORE__URL": f"postgres://{authority}{parts.path}?sslmode=disable",
        "AUTH_SERVER__WIRING__ADDRESSES__AUTH_SERVER": base,
        "AUTH_SERVER__WIRING__ADDRESSES__CLIENT_APP": f"http://localhost:{callback_port}",
    }
    server = subprocess.Popen([program], env=environment)
    try:
        for _ in range(200):
            try:
                if ask(base, "GET", "/readyz")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.05)
        world = World(base, f"http://localhost:{callback_port}/callback")
        report(measure(world, proxy))
        proxy.milliseconds = 0
        print()
        growth(world, url, server)
    finally:
        server.terminate()
        server.wait()


def report(rows):
    print("| operation | statements | round trips | " + " | ".join(f"+ {d} ms" for d in DISTANCES) + " |")
    print("|---|---|---|" + "---|" * len(DISTANCES))
    for name, row in rows.items():
        times = " | ".join(f"{row[d]:.1f} ms" for d in DISTANCES)
        print(f"| {name} | {row['statements']:g} | {row['trips']:g} | {times} |")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
