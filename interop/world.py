"""Where the trials take place, for all clients of Python."""

import json
import os

import requests

WHERE = json.loads(os.environ["GRANTSCOPE"])
ISSUER, APP, API = WHERE["auth_server"], WHERE["client_app"], WHERE["resource_server"]
METADATA = requests.get(ISSUER + "/.well-known/openid-configuration").json()
# Where answers go: nothing listens there, the person's browser stops at it.
CALLBACK = "http://localhost:7/callback"
ARCHIVE = "https://archive.example/api"
with open(os.environ["KEYS"], encoding="utf-8") as file:
    KEYS = json.load(file)


def register(**metadata):
    """A client of one's own, by plain JSON: for libraries that do not register themselves (RFC 7591)."""
    answer = requests.post(METADATA["registration_endpoint"], json={"redirect_uris": [CALLBACK], **metadata})
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(trial, *errors):
    """`trial` raises one of these errors, which comes back."""
    try:
        trial()
    except errors as error:
        return error
    raise AssertionError("it was accepted")
