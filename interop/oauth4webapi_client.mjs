// oauth4webapi: RFC 8414 discovery, a public client's authorization code with PKCE, client credentials and device.

import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { authorize, confirm } from "./person.mjs";

const where = JSON.parse(process.env.GRANTSCOPE);
const insecure = { [oauth.allowInsecureRequests]: true }; // the demo speaks http on loopback

const issuer = new URL(where.auth_server);
const discovered = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: "oauth2" });
const server = await oauth.processDiscoveryResponse(issuer, discovered);

const client = { client_id: "spa" };
const redirect_uri = `${where.client_app}/callback/spa`;
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const url = new URL(server.authorization_endpoint);
url.search = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri,
  response_type: "code",
  scope: "photos:read",
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
}).toString();
const callback = await authorize(url, "alice", "alice-password");
const parameters = oauth.validateAuthResponse(server, client, callback, state);
const answer = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), parameters, redirect_uri, verifier, insecure);
const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer);
const photos = await oauth.protectedResourceRequest(tokens.access_token, "GET", new URL(`${where.resource_server}/photos`), undefined, undefined, insecure);
assert.equal(photos.status, 200);

const machine = { client_id: "service" };
const granted = await oauth.clientCredentialsGrantRequest(server, machine, oauth.ClientSecretBasic("service-secret"), { scope: "stats:read" }, insecure);
const service = await oauth.processClientCredentialsResponse(server, machine, granted);
const stats = await oauth.protectedResourceRequest(service.access_token, "GET", new URL(`${where.resource_server}/stats`), undefined, undefined, insecure);
assert.equal(stats.status, 200);
const tv = { client_id: "tv" };
const begun = await oauth.deviceAuthorizationRequest(server, tv, oauth.None(), { scope: "photos:read" }, insecure);
const asked = await oauth.processDeviceAuthorizationResponse(server, tv, begun);
const poll = () => oauth.deviceCodeGrantRequest(server, tv, oauth.None(), asked.device_code, insecure);
await assert.rejects(async () => oauth.processDeviceCodeResponse(server, tv, await poll()), { error: "authorization_pending" });
await assert.rejects(async () => oauth.processDeviceCodeResponse(server, tv, await poll()), { error: "slow_down" });
await confirm(asked.verification_uri_complete, "alice", "alice-password");
const connected = await oauth.processDeviceCodeResponse(server, tv, await poll());
const shown = await oauth.protectedResourceRequest(connected.access_token, "GET", new URL(`${where.resource_server}/photos`), undefined, undefined, insecure);
assert.equal(shown.status, 200);
console.log("oauth4webapi: RFC 8414 discovery, a public client's code + PKCE, client credentials, device: all hold");
