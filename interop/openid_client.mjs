// openid-client: discovery, authorization code with PKCE and OpenID Connect, refresh, client credentials, device.

import assert from "node:assert/strict";
import * as client from "openid-client";
import { authorize, confirm } from "./person.mjs";

const where = JSON.parse(process.env.GRANTSCOPE);
const insecure = { execute: [client.allowInsecureRequests] }; // the demo speaks http on loopback

const config = await client.discovery(new URL(where.auth_server), "web", "web-secret", undefined, insecure);
const code_verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: `${where.client_app}/callback`,
  scope: "openid profile photos:read",
  code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
const callback = await authorize(url, "alice", "alice-password");
const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: code_verifier,
  expectedState: state,
  expectedNonce: nonce,
});
const userinfo = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
assert.equal(userinfo.sub, tokens.claims().sub);
const photos = await client.fetchProtectedResource(config, tokens.access_token, new URL(`${where.resource_server}/photos`), "GET");
assert.equal(photos.status, 200);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
await client.tokenRevocation(config, refreshed.refresh_token);
assert.equal((await client.tokenIntrospection(config, refreshed.access_token)).active, false);

const machine = await client.discovery(new URL(where.auth_server), "service", "service-secret", client.ClientSecretBasic("service-secret"), insecure);
const granted = await client.clientCredentialsGrant(machine, { scope: "stats:read" });
const stats = await client.fetchProtectedResource(machine, granted.access_token, new URL(`${where.resource_server}/stats`), "GET");
assert.equal(stats.status, 200);
const tv = await client.discovery(new URL(where.auth_server), "tv", undefined, client.None(), insecure);
const asked = await client.initiateDeviceAuthorization(tv, { scope: "openid profile photos:read" });
const polled = client.pollDeviceAuthorizationGrant(tv, asked);
await confirm(asked.verification_uri_complete, "alice", "alice-password");
const connected = await polled;
assert.equal(connected.claims().aud, "tv");
const shown = await client.fetchProtectedResource(tv, connected.access_token, new URL(`${where.resource_server}/photos`), "GET");
assert.equal(shown.status, 200);
console.log("openid-client: discovery, authorization code + PKCE, OpenID Connect, refresh, revocation, client credentials, device: all hold");
