"""requests-oauthlib, and oauthlib below it: every feature that they have as a client and this server offers."""

import os
import time

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the demo speaks http on loopback

import requests
from oauthlib.oauth2 import (
    BackendApplicationClient,
    DeviceClient,
    LegacyApplicationClient,
    MobileApplicationClient,
    ServiceApplicationClient,
    WebApplicationClient,
)
from oauthlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    CustomOAuth2Error,
    InvalidGrantError,
    LoginRequired,
    MismatchingStateError,
)
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from ledger import Ledger
from person import Person
from world import API, APP, ARCHIVE, CALLBACK, ISSUER, KEYS, METADATA, refused, register

holds = Ledger("requests-oauthlib")
plain = Ledger("oauthlib")
bob = Person("bob")
TOKEN, AUTHORIZE = METADATA["token_endpoint"], METADATA["authorization_endpoint"]
SHOP = {"redirect_uri": APP + "/callback", "scope": ["openid", "photos:read"]}
BASIC = HTTPBasicAuth("web", "web-secret")


def photos(session):
    return session.get(API + "/photos").status_code


with holds("code + PKCE"):
    web = OAuth2Session("web", pkce="S256", **SHOP)
    url, state = web.authorization_url(AUTHORIZE)
    token = web.fetch_token(TOKEN, authorization_response=bob.authorize(url), client_secret="web-secret")
    assert photos(web) == 200
    spa = OAuth2Session("spa", pkce="S256", redirect_uri=APP + "/callback/spa", scope=["photos:read"])
    url, _ = spa.authorization_url(AUTHORIZE)
    spa.fetch_token(TOKEN, authorization_response=bob.authorize(url), include_client_id=True)
    assert photos(spa) == 200
    # An answer to another question is refused before anything is sent.
    url, _ = spa.authorization_url(AUTHORIZE)
    back = bob.authorize(url)
    spa.authorization_url(AUTHORIZE)
    refused(lambda: spa.fetch_token(TOKEN, authorization_response=back, include_client_id=True), MismatchingStateError)
with holds("refresh, rotated"):
    renewed = web.refresh_token(TOKEN, refresh_token=token["refresh_token"], auth=BASIC)
    assert renewed["refresh_token"] != token["refresh_token"] and photos(web) == 200
    saved = []
    own = OAuth2Session(
        "web", token={**renewed, "expires_at": time.time() - 1}, auto_refresh_url=TOKEN, token_updater=saved.append,
    )  # fmt: skip
    answer = own.get(API + "/photos", client_id="web", client_secret="web-secret")
    assert answer.status_code == 200 and saved[0]["refresh_token"] != renewed["refresh_token"]
with holds("userinfo"):
    assert own.get(METADATA["userinfo_endpoint"]).json()["sub"] == "bob-0002"
with holds("a person's no"):
    denied = OAuth2Session("web", pkce="S256", **SHOP)
    url, _ = denied.authorization_url(AUTHORIZE, prompt="consent")
    back = bob.authorize(url, allow=False)
    refused(lambda: denied.fetch_token(TOKEN, authorization_response=back), AccessDeniedError)
with holds("prompt, max_age, auth_time"):
    url, _ = denied.authorization_url(AUTHORIZE, prompt="none", max_age=600)
    assert "code=" in bob.authorize(url)
    url, _ = denied.authorization_url(AUTHORIZE, prompt="none")
    back = Person("alice").authorize(url)
    refused(lambda: denied.fetch_token(TOKEN, authorization_response=back), LoginRequired)
for method in ("client_secret_basic", "client_secret_post", "none"):
    with holds(method):
        made = register(token_endpoint_auth_method=method)
        session = OAuth2Session(made["client_id"], redirect_uri=CALLBACK, scope=["photos:read"], pkce="S256")
        url, _ = session.authorization_url(AUTHORIZE)
        secret = made.get("client_secret")
        proof = {
            "client_secret_basic": {"auth": HTTPBasicAuth(made["client_id"], secret)},
            "client_secret_post": {"include_client_id": True, "client_secret": secret},
            "none": {"include_client_id": True},
        }[method]
        session.fetch_token(TOKEN, authorization_response=bob.authorize(url), **proof)
        assert photos(session) == 200
with holds("implicit (legacy)"):
    mobile = OAuth2Session(client=MobileApplicationClient("spa"), redirect_uri=APP + "/callback/implicit", scope=["photos:read"])
    url, _ = mobile.authorization_url(AUTHORIZE)
    token = mobile.token_from_fragment(bob.authorize(url))
    assert "refresh_token" not in token and photos(mobile) == 200
with holds("resource indicators"):
    narrow = OAuth2Session("web", pkce="S256", **SHOP)
    url, _ = narrow.authorization_url(AUTHORIZE, resource=ARCHIVE)
    narrow.fetch_token(TOKEN, authorization_response=bob.authorize(url), client_secret="web-secret", resource=ARCHIVE)
    assert photos(narrow) == 401
with holds("client credentials"):
    machine = OAuth2Session(client=BackendApplicationClient("service", scope=["stats:read"]))
    machine.fetch_token(TOKEN, auth=HTTPBasicAuth("service", "service-secret"))
    assert machine.get(API + "/stats").status_code == 200 and photos(machine) == 403
with holds("password (legacy)"):
    trusted = OAuth2Session(client=LegacyApplicationClient("trusted", scope=["photos:read"]))
    proof = HTTPBasicAuth("trusted", "trusted-secret")
    trusted.fetch_token(TOKEN, username="alice", password="alice-password", auth=proof)
    assert photos(trusted) == 200
    refused(lambda: trusted.fetch_token(TOKEN, username="alice", password="wrong", auth=proof), InvalidGrantError)

# oauthlib alone writes requests and reads answers; it is the caller who sends.
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def send(client, body, auth=None):
    return client.parse_request_body_response(requests.post(TOKEN, data=body, headers=FORM, auth=auth).text)


with plain("code + PKCE"):
    client = WebApplicationClient("web")
    verifier = client.create_code_verifier(64)
    challenge = client.create_code_challenge(verifier, "S256")
    url = client.prepare_request_uri(
        AUTHORIZE, redirect_uri=SHOP["redirect_uri"], scope=["photos:read"], state="x",
        code_challenge=challenge, code_challenge_method="S256",
    )  # fmt: skip
    code = client.parse_request_uri_response(bob.authorize(url), state="x")["code"]
    body = client.prepare_request_body(code=code, redirect_uri=SHOP["redirect_uri"], code_verifier=verifier)
    token = send(client, body, BASIC)
    url, headers, _ = client.add_token(API + "/photos")
    assert requests.get(url, headers=headers).status_code == 200
with plain("refresh, rotated"):
    renewed = send(client, client.prepare_refresh_body(refresh_token=token["refresh_token"]), BASIC)
    assert renewed["refresh_token"] != token["refresh_token"]
with plain("revocation"):
    url, headers, body = client.prepare_token_revocation_request(METADATA["revocation_endpoint"], renewed["refresh_token"], "refresh_token")
    assert requests.post(url, headers=headers, data=body, auth=BASIC).status_code == 200
    refused(lambda: send(client, client.prepare_refresh_body(refresh_token=renewed["refresh_token"]), BASIC), InvalidGrantError)
with plain("implicit (legacy)"):
    client = MobileApplicationClient("spa")
    url = client.prepare_request_uri(AUTHORIZE, redirect_uri=APP + "/callback/implicit", scope=["photos:read"], state="x")
    client.parse_request_uri_response(bob.authorize(url), state="x", scope=["photos:read"])
    url, headers, _ = client.add_token(API + "/photos")
    assert requests.get(url, headers=headers).status_code == 200
with plain("password (legacy)"):
    client = LegacyApplicationClient("trusted")
    send(client, client.prepare_request_body("bob", "bob-password", scope="photos:read"), HTTPBasicAuth("trusted", "trusted-secret"))
with plain("client credentials"):
    client = BackendApplicationClient("service")
    send(client, client.prepare_request_body(scope="stats:read"), HTTPBasicAuth("service", "service-secret"))
with plain("device"):
    asked = requests.post(METADATA["device_authorization_endpoint"], data={"client_id": "tv", "scope": "photos:read"}).json()
    client = DeviceClient("tv")
    poll = client.prepare_request_body(device_code=asked["device_code"], include_client_id=True)
    assert refused(lambda: send(client, poll), CustomOAuth2Error).error == "authorization_pending"
    bob.connect(asked["verification_uri_complete"])
    send(client, poll)
with plain("JWT bearer"):
    client = ServiceApplicationClient("album-rsa", private_key=KEYS["album-rsa"]["pem"])
    body = client.prepare_request_body(issuer="album-rsa", subject="alice-0001", audience=ISSUER, scope="photos:read")
    send(client, body, HTTPBasicAuth("album-rsa", "album-secret"))
print("requests-oauthlib and oauthlib: every feature holds")
