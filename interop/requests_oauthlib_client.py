"""requests-oauthlib: authorization code with PKCE, refresh, client credentials, password (legacy)."""

import json
import os

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the demo speaks http on loopback

from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from person import authorize

where = json.loads(os.environ["GRANTSCOPE"])
token_url = where["auth_server"] + "/token"

client = OAuth2Session("web", redirect_uri=where["client_app"] + "/callback", scope=["photos:read"], pkce="S256")
url, state = client.authorization_url(where["auth_server"] + "/authorize")
callback = authorize(url, "bob", "bob-password")
token = client.fetch_token(token_url, authorization_response=callback, client_secret="web-secret")
assert client.get(where["resource_server"] + "/photos").status_code == 200
refreshed = client.refresh_token(token_url, refresh_token=token["refresh_token"], auth=HTTPBasicAuth("web", "web-secret"))
assert refreshed["access_token"] != token["access_token"]

machine = OAuth2Session(client=BackendApplicationClient("service", scope=["stats:read"]))
machine.fetch_token(token_url, auth=HTTPBasicAuth("service", "service-secret"))
assert machine.get(where["resource_server"] + "/stats").status_code == 200

trusted = OAuth2Session(client=LegacyApplicationClient("trusted", scope=["photos:read"]))
trusted.fetch_token(token_url, username="alice", password="alice-password", auth=HTTPBasicAuth("trusted", "trusted-secret"))
assert trusted.get(where["resource_server"] + "/photos").status_code == 200
try:
    trusted.fetch_token(token_url, username="alice", password="wrong", auth=HTTPBasicAuth("trusted", "trusted-secret"))
except InvalidGrantError:
    pass
else:
    raise AssertionError("a wrong password was accepted")

denied = OAuth2Session("web", redirect_uri=where["client_app"] + "/callback", scope=["profile"], pkce="S256")
url, _ = denied.authorization_url(where["auth_server"] + "/authorize", prompt="consent")
assert "error=access_denied" in authorize(url, "bob", "bob-password", allow=False)
print("requests-oauthlib: authorization code + PKCE, refresh, client credentials, password, denial: all hold")
