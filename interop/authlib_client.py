"""Authlib: every feature that it has as a client and this server offers."""

import os
import time
from urllib.parse import parse_qs, urlsplit

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the demo speaks http on loopback

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oauth2.rfc7591 import ClientMetadataClaims
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc8414 import get_well_known_url as oauth_url
from authlib.oidc.core import CodeIDToken, HybridIDToken, ImplicitIDToken, UserInfo
from authlib.oidc.discovery import OpenIDProviderMetadata
from authlib.oidc.discovery import get_well_known_url as openid_url
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from ledger import Ledger
from person import Person
from world import API, APP, ARCHIVE, CALLBACK, ISSUER, KEYS, METADATA, refused, register

holds = Ledger("Authlib")
alice = Person("alice")
TOKEN = METADATA["token_endpoint"]
AUTHORIZE = METADATA["authorization_endpoint"]
SCOPE = "openid profile email photos:read"

with holds("discovery"):
    for issuer in (ISSUER, ISSUER + "/r/later"):
        found = requests.get(openid_url(issuer, external=True)).json()
        OpenIDProviderMetadata(found).validate()
        assert found == requests.get(oauth_url(issuer, external=True)).json()
        AuthorizationServerMetadata(found).validate()
        assert found["issuer"] == issuer


def keys():
    """The provider's keys, as they are now: one that was made since is there, too."""
    return KeySet.import_key_set(requests.get(METADATA["jwks_uri"]).json())


def identity(token, claims_of, client_id, nonce, **more):
    """The claims of an ID token, verified as Authlib does it for its web integrations."""
    verified = jwt.decode(token["id_token"], keys(), algorithms=["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])
    options = {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": client_id}}
    params = {"nonce": nonce, "client_id": client_id, **{k: v for k, v in token.items() if k in ("access_token", "code")}, **more}
    claims = claims_of(verified.claims, verified.header, options, params)
    claims.validate(leeway=5)
    return claims


def sign_in(session, person=alice, authorize=None, **more):
    """Signs somebody in by a code; the tokens, and the claims of the ID token."""
    verifier, nonce = generate_token(48), generate_token()
    asked = {**more, **(authorize or {})}
    url, state = session.create_authorization_url(AUTHORIZE, code_verifier=verifier, nonce=nonce, **asked)
    back = person.authorize(url, session.redirect_uri)
    token = session.fetch_token(TOKEN, authorization_response=back, code_verifier=verifier, state=state)
    claims = identity(token, CodeIDToken, session.client_id, nonce, max_age=asked.get("max_age")) if "id_token" in token else None
    return token, claims


def session(client_id, secret=None, method=None, redirect_uri=CALLBACK, scope=SCOPE):
    return OAuth2Session(
        client_id, secret, scope=scope, redirect_uri=redirect_uri, code_challenge_method="S256",
        token_endpoint=TOKEN, token_endpoint_auth_method=method,
    )  # fmt: skip


web = session("web", "web-secret", redirect_uri=APP + "/callback")
with holds("code + PKCE", "ID token"):
    token, claims = sign_in(web)
    assert token["token_type"] == "Bearer" and token["expires_in"] > 0, token
    assert web.get(API + "/photos").status_code == 200
    sign_in(session("spa", method="none", redirect_uri=APP + "/callback/spa", scope="openid photos:read"))
with holds("userinfo"):
    told = UserInfo(web.get(METADATA["userinfo_endpoint"]).json())
    assert told.sub == claims["sub"] and told.email == "alice@example.com", told
with holds("refresh, rotated"):
    old = token["refresh_token"]
    token = web.refresh_token(TOKEN, refresh_token=old)
    assert token["refresh_token"] != old
    assert web.get(API + "/photos").status_code == 200
    # A token that has expired is renewed without being asked.
    web.token = {**token, "expires_at": int(time.time()) - 1}
    assert web.get(API + "/photos").status_code == 200
    assert web.token["access_token"] != token["access_token"]
with holds("introspection"):
    api = OAuth2Session("resource-server", "resource-server-secret")
    told = api.introspect_token(METADATA["introspection_endpoint"], token=web.token["access_token"]).json()
    assert told["active"] and told["client_id"] == "web", told
with holds("revocation"):
    assert web.revoke_token(METADATA["revocation_endpoint"], token=web.token["refresh_token"]).status_code == 200
    told = web.introspect_token(METADATA["introspection_endpoint"], token=web.token["access_token"])
    assert told.json() == {"active": False}, told.text
with holds("prompt, max_age, auth_time"):
    _, before = sign_in(web, max_age=600)
    _, silent = sign_in(web, prompt="none", max_age=600)
    assert before["auth_time"] == silent["auth_time"], (before, silent)
with holds("registration"):
    # Authlib has the claims of a registration, which the answer must satisfy.
    made = register(client_name="A new one", grant_types=["authorization_code", "refresh_token"])
    ClientMetadataClaims(made, {}, {}, METADATA).validate()
for method in ("client_secret_basic", "client_secret_post", "none"):
    with holds(method):
        made = register(token_endpoint_auth_method=method)
        sign_in(session(made["client_id"], made.get("client_secret"), method))
with holds("client_secret_jwt"):
    made = register(token_endpoint_auth_method="client_secret_jwt")
    own = session(made["client_id"], made["client_secret"], "client_secret_jwt")
    own.register_client_auth_method(ClientSecretJWT(TOKEN))
    sign_in(own)
with holds("private_key_jwt"):
    for alg, key in (
        ("PS256", RSAKey.generate_key(2048, {"kid": "one"})),
        ("ES256", ECKey.generate_key("P-256", {"kid": "one"})),
        ("EdDSA", OKPKey.generate_key("Ed25519", {"kid": "one"})),
    ):
        made = register(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key.as_dict(private=False)]})
        own = session(made["client_id"], key, "private_key_jwt")
        own.register_client_auth_method(PrivateKeyJWT(TOKEN, headers={"kid": "one"}, alg=alg))
        sign_in(own)
with holds("ID token algorithms"):
    for alg in ("RS256", "PS256", "ES256", "EdDSA"):
        made = register(id_token_signed_response_alg=alg)
        sign_in(session(made["client_id"], made["client_secret"]))
with holds("signed userinfo"):
    made = register(userinfo_signed_response_alg="EdDSA")
    own = session(made["client_id"], made["client_secret"])
    _, claims = sign_in(own)
    answer = own.get(METADATA["userinfo_endpoint"])
    told = jwt.decode(answer.text, keys(), algorithms=["EdDSA", "Ed25519"]).claims
    assert told["sub"] == claims["sub"] and told["aud"] == made["client_id"], told


def front(response_type, **more):
    """What comes back in the fragment, of a client that registered for it."""
    grants = ["authorization_code", "implicit"] if "code" in response_type else ["implicit"]
    made = register(response_types=[response_type], grant_types=grants)
    own, nonce = session(made["client_id"], made["client_secret"]), generate_token()
    url, state = own.create_authorization_url(AUTHORIZE, response_type=response_type, nonce=nonce, **more)
    back = alice.authorize(url, CALLBACK)
    assert back.startswith(CALLBACK + "#"), back
    return own, back, state, nonce


with holds("code id_token"):
    own, back, state, nonce = front("code id_token")
    sent = {name: value[0] for name, value in parse_qs(urlsplit(back).fragment).items()}
    identity(sent, HybridIDToken, own.client_id, nonce)
    own.fetch_token(TOKEN, code=sent["code"], state=state)
with holds("id_token"):
    own, back, state, nonce = front("id_token", scope="openid email")
    sent = {name: value[0] for name, value in parse_qs(urlsplit(back).fragment).items()}
    verified = jwt.decode(sent["id_token"], keys(), algorithms=["RS256"])
    assert verified.claims["nonce"] == nonce and verified.claims["email"] == "alice@example.com"
with holds("id_token token"):
    own, back, state, nonce = front("id_token token")
    token = own.token_from_fragment(back, state)
    identity(token, ImplicitIDToken, own.client_id, nonce)
    assert own.get(API + "/photos").status_code == 200
with holds("form_post"):
    made = register()
    own, nonce = session(made["client_id"], made["client_secret"]), generate_token()
    url, state = own.create_authorization_url(AUTHORIZE, response_mode="form_post", nonce=nonce)
    where, sent = alice.authorize(url, CALLBACK)
    assert where == CALLBACK and sent["state"] == state and sent["iss"] == ISSUER, sent
    identity(own.fetch_token(TOKEN, code=sent["code"]), CodeIDToken, own.client_id, nonce)
with holds("resource indicators"):
    token, _ = sign_in(web, resource=ARCHIVE)
    assert jwt.decode(token["access_token"], keys(), algorithms=["ES256"]).claims["aud"] in (ARCHIVE, [ARCHIVE])
    assert web.get(API + "/photos").status_code == 401
with holds("client credentials"):
    machine = OAuth2Session("service", "service-secret", scope="stats:read", token_endpoint_auth_method="client_secret_post")
    machine.fetch_token(TOKEN, grant_type="client_credentials")
    assert machine.get(API + "/stats").status_code == 200
    assert machine.get(API + "/photos").status_code == 403
with holds("password (legacy)"):
    trusted = OAuth2Session("trusted", "trusted-secret", scope="photos:read")
    trusted.fetch_token(TOKEN, username="alice", password="alice-password")
    assert trusted.get(API + "/photos").status_code == 200
    wrong = lambda: trusted.fetch_token(TOKEN, username="alice", password="wrong")
    assert refused(wrong, OAuthError).error == "invalid_grant"
with holds("device"):
    device = OAuth2Session("tv", token_endpoint_auth_method="none")
    asked = requests.post(METADATA["device_authorization_endpoint"], data={"client_id": "tv", "scope": "openid photos:read"}).json()
    poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": asked["device_code"]}
    assert refused(lambda: device.fetch_token(TOKEN, **poll), OAuthError).error == "authorization_pending"
    alice.connect(asked["verification_uri_complete"])
    device.fetch_token(TOKEN, **poll)
    assert device.get(API + "/photos").status_code == 200
with holds("token exchange"):
    token, _ = sign_in(web)
    lab = OAuth2Session("print-lab", "print-lab-secret")
    actor = lab.fetch_token(TOKEN, grant_type="client_credentials")["access_token"]
    kind = "urn:ietf:params:oauth:token-type:access_token"
    lab.fetch_token(
        TOKEN, grant_type="urn:ietf:params:oauth:grant-type:token-exchange", audience=API,
        subject_token=token["access_token"], subject_token_type=kind, actor_token=actor, actor_token_type=kind,
    )  # fmt: skip
    assert lab.get(API + "/photos").status_code == 200
with holds("JWT bearer"):
    key = KEYS["album"]
    assertion = AssertionSession(
        TOKEN, issuer="album", subject="alice-0001", audience=ISSUER, scope="photos:read",
        key=OKPKey.import_key(key).as_pem(private=True), header={"alg": "EdDSA", "kid": key["kid"]},
        claims={"jti": generate_token()}, client_id="album",
    )  # fmt: skip
    assertion.auth = ("album", "album-secret")
    assert assertion.get(API + "/photos").status_code == 200
print("Authlib: every feature holds")
