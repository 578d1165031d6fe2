"""The table of README.md: client × feature, as the run that has just ended wrote it into the ledger.

`table.py LEDGER README` compares, and fails where they differ; with `--write` it writes the table. Both sides must say
the same: a feature that stands in the table was tried, and a feature that was tried stands in the table.
"""

import json
import sys

BEGIN, END = "<!-- the table: held true by interop/run -->\n", "<!-- end of the table -->\n"
# The rows, in order. What a client holds and no row names is an error.
FEATURES = [
    "discovery",
    "resource metadata (RFC 9728)",
    "registration",
    "code",
    "code + PKCE",
    "implicit (legacy)",
    "id_token",
    "id_token token",
    "code id_token",
    "form_post",
    "a person's no",
    "iss (RFC 9207)",
    "ID token",
    "ID token algorithms",
    "prompt, max_age, auth_time",
    "userinfo",
    "signed userinfo",
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
    "PAR",
    "JAR",
    "DPoP",
    "FAPI 2.0",
    "resource indicators",
    "refresh, rotated",
    "client credentials",
    "password (legacy)",
    "device",
    "token exchange",
    "JWT bearer",
    "JWT access tokens (RFC 9068)",
    "introspection",
    "revocation",
    "step-up",
    "logout",
    "back-channel logout token",
]
CLIENTS = [
    "openid-client",
    "oauth4webapi",
    "jose",
    "oidc-client-ts",
    "simple-oauth2",
    "Authlib",
    "requests-oauthlib",
    "oauthlib",
    "requests_oauth2client",
    "x/oauth2",
    "go-oidc",
]


def table(held):
    """The table as Markdown."""
    unknown = {feature for _, feature in held} - set(FEATURES) | {client for client, _ in held} - set(CLIENTS)
    assert not unknown, f"no row or column for {sorted(unknown)}"
    rows = [["", *CLIENTS], ["---", *[":-:" for _ in CLIENTS]]]
    for feature in FEATURES:
        cells = ["✓" if (client, feature) in held else "" for client in CLIENTS]
        assert "✓" in cells, f"nobody tried {feature}"
        rows.append([feature, *cells])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main(ledger, readme, *options):
    with open(ledger, encoding="utf-8") as book:
        entries = [json.loads(line) for line in book]
    made = table({(entry["client"], entry["feature"]) for entry in entries})
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    told, after = rest.split(END)
    if "--write" in options:
        with open(readme, "w", encoding="utf-8") as file:
            file.write(before + BEGIN + made + END + after)
    elif told != made:
        sys.exit(f"interop/README.md does not tell what was tried:\n\n{made}\nWrite it with: WRITE=1 bash interop/run")
    print(f"the table holds: {len(entries)} trials")


main(*sys.argv[1:])
