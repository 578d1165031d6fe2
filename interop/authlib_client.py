"""Authlib: discovery, authorization code with PKCE and OpenID Connect, refresh, client credentials, device."""

import json
import os

from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet
import requests

from person import authorize, confirm

where = json.loads(os.environ["GRANTSCOPE"])
metadata = requests.get(where["auth_server"] + "/.well-known/openid-configuration").json()
assert metadata["issuer"] == where["auth_server"]

client = OAuth2Session(
    "web",
    "web-secret",
    scope="openid profile photos:read",
    redirect_uri=where["client_app"] + "/callback",
    code_challenge_method="S256",
    token_endpoint=metadata["token_endpoint"],
)
verifier, nonce = generate_token(48), generate_token()
url, state = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
callback = authorize(url, "alice", "alice-password")
token = client.fetch_token(metadata["token_endpoint"], authorization_response=callback, code_verifier=verifier, state=state)
assert token["token_type"] == "Bearer" and token["expires_in"] > 0, token

keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"]).json())
claims = jwt.decode(token["id_token"], keys, algorithms=["ES256", "RS256"]).claims
assert claims["iss"] == metadata["issuer"] and claims["aud"] in ("web", ["web"]) and claims["nonce"] == nonce, claims

photos = client.get(where["resource_server"] + "/photos")
assert photos.status_code == 200, photos.text
userinfo = client.get(metadata["userinfo_endpoint"])
assert userinfo.json()["sub"] == claims["sub"], userinfo.text

old = token["refresh_token"]
refreshed = client.refresh_token(metadata["token_endpoint"], refresh_token=old)
assert refreshed["refresh_token"] != old
assert client.get(where["resource_server"] + "/photos").status_code == 200

machine = OAuth2Session("service", "service-secret", scope="stats:read", token_endpoint_auth_method="client_secret_post")
machine.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
stats = machine.get(where["resource_server"] + "/stats")
assert stats.status_code == 200, stats.text
assert machine.get(where["resource_server"] + "/photos").status_code == 403
answer = machine.introspect_token(metadata["introspection_endpoint"], token=machine.token["access_token"])
assert answer.json()["active"] is True, answer.text
machine.revoke_token(metadata["revocation_endpoint"], token=machine.token["access_token"])
answer = machine.introspect_token(metadata["introspection_endpoint"], token=machine.token["access_token"])
assert answer.json() == {"active": False}, answer.text
device = OAuth2Session("tv", token_endpoint_auth_method="none")
asked = requests.post(metadata["device_authorization_endpoint"], data={"client_id": "tv", "scope": "openid photos:read"}).json()
poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": asked["device_code"]}
try:
    device.fetch_token(metadata["token_endpoint"], **poll)
    raise AssertionError("tokens although nobody has confirmed")
except OAuthError as pending:
    assert pending.error == "authorization_pending", pending
confirm(asked["verification_uri_complete"], "alice", "alice-password")
device.fetch_token(metadata["token_endpoint"], **poll)
assert device.get(where["resource_server"] + "/photos").status_code == 200
print("Authlib: authorization code + PKCE, OpenID Connect, refresh, client credentials, device, introspection, revocation: all hold")
