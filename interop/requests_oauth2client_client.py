"""requests_oauth2client: every feature that it has and this server offers."""

import attrs
import requests
from jwskate import Jwk, Jwt
from requests_oauth2client import (
    AuthorizationPending,
    AuthorizationResponseError,
    ClientSecretBasic,
    ClientSecretJwt,
    ClientSecretPost,
    DeviceAuthorizationPollingJob,
    DPoPToken,
    InvalidGrant,
    LoginRequired,
    MismatchingIssuer,
    OAuth2AccessTokenAuth,
    OAuth2Client,
    OAuth2ClientCredentialsAuth,
    PrivateKeyJwt,
    PublicApp,
)

from ledger import Ledger
from person import Person
from world import API, APP, ARCHIVE, CALLBACK, ISSUER, KEYS, METADATA, refused, register

holds = Ledger("requests_oauth2client")
alice = Person("alice")
PHOTOS = API + "/photos"


def client(auth, **more):
    # `testing`: the demo speaks http on loopback.
    more = {"redirect_uri": CALLBACK, "issuer": ISSUER, **more}
    return OAuth2Client.from_discovery_endpoint(auth=auth, testing=True, **more)


def sign_in(own, person=alice, scope="openid email photos:read", how=lambda asked: asked, **more):
    """Signs somebody in by a code; the tokens, their ID token verified."""
    asked = own.authorization_request(scope=scope, **more)
    back = person.authorize(how(asked).uri, own.redirect_uri)
    return own.authorization_code(asked.validate_callback(back))


def private_key(of):
    return Jwk({name: value for name, value in KEYS[of].items() if name != "pem"})


def status(token):
    return requests.get(PHOTOS, auth=token).status_code


with holds("discovery"):
    web = client(("web", "web-secret"), redirect_uri=APP + "/callback", id_token_signed_response_alg="ES256")
    assert web.issuer == ISSUER and web.authorization_response_iss_parameter_supported
    assert client(("web", "web-secret"), issuer=ISSUER + "/r/later").issuer == ISSUER + "/r/later"
with holds("code + PKCE", "ID token"):
    token = sign_in(web)
    assert token.id_token.sub == "alice-0001" and status(token) == 200
    spa = client(PublicApp("spa"), redirect_uri=APP + "/callback/spa", id_token_signed_response_alg="ES256")
    sign_in(spa, scope="openid photos:read")
with holds("userinfo"):
    assert web.userinfo(token)["email"] == "alice@example.com"
with holds("refresh, rotated"):
    renewed = web.refresh_token(token)
    assert renewed.refresh_token != token.refresh_token and status(renewed) == 200
    # One that has expired is renewed without being asked.
    auth = OAuth2AccessTokenAuth(web, attrs.evolve(renewed, expires_at=renewed.expires_at.replace(year=2020)))
    assert requests.get(PHOTOS, auth=auth).status_code == 200
    assert auth.token.access_token != renewed.access_token
with holds("introspection"):
    api = client(("resource-server", "resource-server-secret"))
    assert api.introspect_token(auth.token)["client_id"] == "web"
with holds("revocation"):
    assert web.revoke_refresh_token(auth.token) and not web.introspect_token(auth.token)["active"]
    refused(lambda: web.refresh_token(auth.token), InvalidGrant)
with holds("iss (RFC 9207)"):
    back = alice.authorize(web.authorization_request(scope="openid").uri, web.redirect_uri)
    other = client(("web", "web-secret"), issuer=ISSUER + "/r/later").authorization_request()
    same_state = back.replace(back.split("state=")[1].split("&")[0], other.state)
    refused(lambda: other.validate_callback(same_state), MismatchingIssuer)
with holds("a person's no"):
    asked = web.authorization_request(prompt="consent")
    back = alice.authorize(asked.uri, web.redirect_uri, allow=False)
    assert refused(lambda: asked.validate_callback(back), AuthorizationResponseError).error == "access_denied"
with holds("prompt, max_age, auth_time"):
    before = sign_in(web, max_age=600).id_token.auth_time
    assert sign_in(web, prompt="none").id_token.auth_time == before
    asked = web.authorization_request(prompt="none")
    refused(lambda: asked.validate_callback(Person("bob").authorize(asked.uri, web.redirect_uri)), LoginRequired)
for method, kind in (("client_secret_basic", ClientSecretBasic), ("client_secret_post", ClientSecretPost), ("client_secret_jwt", ClientSecretJwt)):
    with holds(method):
        made = register(token_endpoint_auth_method=method)
        sign_in(client(kind(made["client_id"], made["client_secret"])))
with holds("none"):
    sign_in(client(PublicApp(register(token_endpoint_auth_method="none")["client_id"])))
with holds("private_key_jwt"):
    for alg in ("ES256", "PS256", "EdDSA"):
        key = Jwk.generate(alg=alg).with_kid_thumbprint()
        made = register(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key.public_jwk().to_dict()]})
        sign_in(client(PrivateKeyJwt(made["client_id"], key)))
with holds("ID token algorithms"):
    for alg in ("RS256", "PS256", "ES256", "EdDSA"):
        made = register(id_token_signed_response_alg=alg)
        sign_in(client(ClientSecretBasic(made["client_id"], made["client_secret"]), id_token_signed_response_alg=alg))
with holds("PAR"):
    sign_in(web, how=lambda asked: web.pushed_authorization_request(asked))
with holds("JAR"):
    key = Jwk.generate(alg="ES256").with_kid_thumbprint()
    made = register(jwks={"keys": [key.public_jwk().to_dict()]}, request_object_signing_alg="ES256")
    own = client(ClientSecretBasic(made["client_id"], made["client_secret"]))
    sign_in(own, how=lambda asked: asked.sign(key))
with holds("DPoP"):
    for alg in ("ES256", "PS256", "EdDSA"):
        made = register(dpop_bound_access_tokens=True, grant_types=["authorization_code", "refresh_token"])
        own = client(ClientSecretBasic(made["client_id"], made["client_secret"]), dpop_bound_access_tokens=True, dpop_alg=alg)
        # Without openid: 1.8.0 cannot rebuild a DPoPToken once it has verified the ID token beside it.
        token = sign_in(own, scope="photos:read")
        assert isinstance(token, DPoPToken) and status(token) == 200
        assert status(own.refresh_token(token)) == 200
with holds("FAPI 2.0"):
    bank = client(
        PrivateKeyJwt("bank", private_key("bank"), aud=ISSUER), redirect_uri=APP + "/callback",
        dpop_bound_access_tokens=True, id_token_signed_response_alg="ES256",
    )  # fmt: skip
    token = sign_in(bank, scope="photos:read", how=lambda asked: bank.pushed_authorization_request(asked))
    assert status(token) == 200
with holds("resource indicators"):
    assert status(sign_in(web, resource=ARCHIVE)) == 401
with holds("client credentials"):
    machine = client(("service", "service-secret"))
    auth = OAuth2ClientCredentialsAuth(machine, scope="stats:read")
    assert requests.get(API + "/stats", auth=auth).status_code == 200
with holds("password (legacy)"):
    trusted = client(("trusted", "trusted-secret"))
    assert status(trusted.resource_owner_password("alice", "alice-password", scope="photos:read")) == 200
    refused(lambda: trusted.resource_owner_password("alice", "wrong"), InvalidGrant)
with holds("device"):
    tv = client(PublicApp("tv"), device_authorization_endpoint=METADATA["device_authorization_endpoint"], id_token_signed_response_alg="ES256")
    asked = tv.authorize_device(scope="openid photos:read")
    refused(lambda: tv.device_code(asked), AuthorizationPending)
    alice.connect(asked.verification_uri_complete)
    token = DeviceAuthorizationPollingJob(tv, asked.device_code, interval=1)()
    assert status(token) == 200
with holds("token exchange"):
    lab = client(("print-lab", "print-lab-secret"))
    actor = lab.client_credentials()
    token = lab.token_exchange(subject_token=sign_in(web), actor_token=actor, audience=API)
    assert status(token) == 200
with holds("JWT bearer"):
    album, now = client(("album", "album-secret")), Jwt.timestamp()
    claims = {"iss": "album", "sub": "alice-0001", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": "once"}
    assert status(album.jwt_bearer(Jwt.sign(claims, private_key("album")))) == 200
print("requests_oauth2client: every feature holds")
