// oauth4webapi (npm): every feature that it has and this server offers, request by request.

import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { ledger } from "./ledger.mjs";
import { Person } from "./person.mjs";
import { ES256, Ed25519, PS256, callback, issuer, later, ownKey, privateKey, scope, where } from "./world.mjs";

const holds = ledger("oauth4webapi");
const insecure = { [oauth.allowInsecureRequests]: true }; // the demo speaks http on loopback
const alice = new Person("alice");
const photos = new URL(`${where.resource_server}/photos`);

async function discover(at, algorithm) {
  return oauth.processDiscoveryResponse(at, await oauth.discoveryRequest(at, { ...insecure, algorithm }));
}

let server;
await holds("discovery", async () => {
  server = await discover(issuer, "oidc");
  assert.deepEqual(await discover(issuer, "oauth2"), server);
  for (const algorithm of ["oidc", "oauth2"]) assert.equal((await discover(later, algorithm)).issuer, later.href);
});
await holds("resource metadata (RFC 9728)", async () => {
  const at = new URL(where.resource_server);
  const found = await oauth.processResourceDiscoveryResponse(at, await oauth.resourceDiscoveryRequest(at, insecure));
  assert.deepEqual(found.authorization_servers, [where.auth_server]);
});

async function register(metadata) {
  const asked = { redirect_uris: [callback], ...metadata };
  return oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(server, asked, insecure));
}

/** An authorization request as parameters, with what its answer is checked by. */
async function request(client, more) {
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
  const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
  const asked = { client_id: client.client_id, redirect_uri: callback, response_type: "code", scope, code_challenge, code_challenge_method: "S256", state, nonce, ...more };
  return { asked, verifier, state, nonce };
}

function urlOf(parameters) {
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams(parameters).toString();
  return url;
}

const redeem = async (client, authentication, answer, { asked, verifier, nonce }, options = {}) =>
  oauth.processAuthorizationCodeResponse(
    server,
    client,
    await oauth.authorizationCodeGrantRequest(server, client, authentication, answer, asked.redirect_uri, verifier, { ...insecure, ...options }),
    { expectedNonce: nonce, requireIdToken: true },
  );

/** Signs alice in by a code; the tokens. */
async function signIn(client, authentication, more, options) {
  const made = await request(client, more);
  const back = await alice.authorize(urlOf(made.asked), made.asked.redirect_uri);
  return redeem(client, authentication, oauth.validateAuthResponse(server, client, back, made.state), made, options);
}

const show = (token, options) => oauth.protectedResourceRequest(token, "GET", photos, undefined, undefined, { ...insecure, ...options });
const shows = async (token, options) => assert.equal((await show(token, options)).status, 200);
const renew = async (client, authentication, token, options = {}) =>
  oauth.processRefreshTokenResponse(server, client, await oauth.refreshTokenGrantRequest(server, client, authentication, token, { ...insecure, ...options }));

const web = { client_id: "web" };
const secret = oauth.ClientSecretBasic("web-secret");
const shop = { redirect_uri: `${where.client_app}/callback` };
let tokens, claims;
await holds("code + PKCE", async () => {
  tokens = await signIn(web, secret, shop);
  await shows(tokens.access_token);
  const spa = { client_id: "spa" };
  await signIn(spa, oauth.None(), { redirect_uri: `${where.client_app}/callback/spa`, scope: "openid photos:read" });
});
await holds("ID token", async () => {
  claims = oauth.getValidatedIdTokenClaims(tokens);
  assert.equal(claims.iss, where.auth_server);
  assert.ok(claims.at_hash && claims.auth_time && claims.acr, JSON.stringify(claims));
});
await holds("JWT access tokens (RFC 9068)", async () => {
  const received = new Request(photos, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const valid = await oauth.validateJwtAccessToken(server, received, where.resource_server, insecure);
  assert.equal(valid.client_id, "web");
});
await holds("userinfo", async () => {
  const answer = await oauth.userInfoRequest(server, web, tokens.access_token, insecure);
  assert.equal((await oauth.processUserInfoResponse(server, web, claims.sub, answer)).email, "alice@example.com");
});
await holds("refresh, rotated", async () => {
  const renewed = await renew(web, secret, tokens.refresh_token);
  assert.notEqual(renewed.refresh_token, tokens.refresh_token);
  tokens = renewed;
});
const api = { client_id: "resource-server" };
const ask = async (client, authentication, token) =>
  oauth.processIntrospectionResponse(server, client, await oauth.introspectionRequest(server, client, authentication, token, insecure));
await holds("introspection", async () => {
  const told = await ask(api, oauth.ClientSecretBasic("resource-server-secret"), tokens.access_token);
  assert.ok(told.active && told.client_id === "web", JSON.stringify(told));
});
await holds("revocation", async () => {
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, web, secret, tokens.refresh_token, insecure));
  assert.deepEqual(await ask(web, secret, tokens.access_token), { active: false });
});
await holds("iss (RFC 9207)", async () => {
  const made = await request(web, shop);
  const back = await alice.authorize(urlOf(made.asked), shop.redirect_uri);
  const other = await discover(later, "oidc");
  assert.throws(() => oauth.validateAuthResponse(other, web, back, made.state), /"iss"/);
});
await holds("a person's no", async () => {
  const { asked, state } = await request(web, { ...shop, prompt: "consent" });
  const back = await alice.authorize(urlOf(asked), shop.redirect_uri, { allow: false });
  assert.throws(() => oauth.validateAuthResponse(server, web, back, state), { error: "access_denied" });
});
await holds("prompt, max_age, auth_time", async () => {
  const made = await request(web, { ...shop, prompt: "none", max_age: "600" });
  const back = await alice.authorize(urlOf(made.asked), shop.redirect_uri);
  const answer = await oauth.authorizationCodeGrantRequest(server, web, secret, oauth.validateAuthResponse(server, web, back, made.state), shop.redirect_uri, made.verifier, insecure);
  await oauth.processAuthorizationCodeResponse(server, web, answer, { expectedNonce: made.nonce, maxAge: 600 });
});
await holds("registration", async () => {
  const client = await register({ client_name: "A new one" });
  assert.equal(client.client_secret_expires_at, 0);
  await signIn(client, oauth.ClientSecretBasic(client.client_secret));
});
for (const [method, authentication] of [
  ["client_secret_basic", oauth.ClientSecretBasic],
  ["client_secret_post", oauth.ClientSecretPost],
  ["client_secret_jwt", oauth.ClientSecretJwt],
  ["none", oauth.None],
]) {
  await holds(method, async () => {
    const client = await register({ token_endpoint_auth_method: method });
    await signIn(client, authentication(client.client_secret));
  });
}
await holds("private_key_jwt", async () => {
  for (const [alg, parameters] of [ES256, PS256, Ed25519]) {
    const { key, jwks } = await ownKey(alg, parameters);
    const client = await register({ token_endpoint_auth_method: "private_key_jwt", jwks });
    await signIn(client, oauth.PrivateKeyJwt(key));
  }
});
await holds("ID token algorithms", async () => {
  for (const alg of ["RS256", "PS256", "ES256", "EdDSA"]) {
    const client = await register({ id_token_signed_response_alg: alg });
    const made = await request(client);
    const back = oauth.validateAuthResponse(server, client, await alice.authorize(urlOf(made.asked), callback), made.state);
    const answer = await oauth.authorizationCodeGrantRequest(server, client, oauth.ClientSecretBasic(client.client_secret), back, callback, made.verifier, insecure);
    await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: made.nonce });
    await oauth.validateApplicationLevelSignature(server, answer, insecure);
  }
});
await holds("signed userinfo", async () => {
  const client = await register({ userinfo_signed_response_alg: "PS256" });
  const { access_token, ...rest } = await signIn(client, oauth.ClientSecretBasic(client.client_secret));
  const answer = await oauth.userInfoRequest(server, client, access_token, insecure);
  await oauth.processUserInfoResponse(server, client, oauth.skipSubjectCheck, answer);
  await oauth.validateApplicationLevelSignature(server, answer, insecure);
});
await holds("code id_token", async () => {
  const client = await register({ response_types: ["code id_token"], grant_types: ["authorization_code", "implicit"] });
  const made = await request(client, { response_type: "code id_token" });
  const back = await alice.authorize(urlOf(made.asked), callback);
  const answer = await oauth.validateCodeIdTokenResponse(server, client, back, made.nonce, made.state, undefined, insecure);
  await redeem(client, oauth.ClientSecretBasic(client.client_secret), answer, made);
  back.hash = back.hash.replace(/code=[^&]*/, "code=another");
  await assert.rejects(oauth.validateCodeIdTokenResponse(server, client, back, made.nonce, made.state, undefined, insecure), /c_hash/);
});
await holds("form_post", async () => {
  const client = await register({ response_types: ["code id_token"], grant_types: ["authorization_code", "implicit"] });
  const made = await request(client, { response_type: "code id_token", response_mode: "form_post" });
  const back = await alice.authorize(urlOf(made.asked), callback);
  const answer = await oauth.validateCodeIdTokenResponse(server, client, back, made.nonce, made.state, undefined, insecure);
  await redeem(client, oauth.ClientSecretBasic(client.client_secret), answer, made);
});
const push = async (client, authentication, parameters, options = {}) =>
  oauth.processPushedAuthorizationResponse(server, client, await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, { ...insecure, ...options }));
await holds("PAR", async () => {
  const made = await request(web, shop);
  const { request_uri } = await push(web, secret, made.asked);
  const back = await alice.authorize(urlOf({ client_id: "web", request_uri }), shop.redirect_uri);
  await redeem(web, secret, oauth.validateAuthResponse(server, web, back, made.state), made);
});
await holds("JAR", async () => {
  const { key, jwks } = await ownKey(...ES256);
  const client = await register({ jwks, require_signed_request_object: true });
  const authentication = oauth.ClientSecretBasic(client.client_secret);
  const made = await request(client, { max_age: "600", claims: JSON.stringify({ id_token: { auth_time: { essential: true } } }) });
  const object = await oauth.issueRequestObject(server, client, made.asked, key);
  const back = await alice.authorize(urlOf({ client_id: client.client_id, request: object }), callback);
  await redeem(client, authentication, oauth.validateAuthResponse(server, client, back, made.state), made);
  const plain = await alice.authorize(urlOf(made.asked), callback);
  assert.throws(() => oauth.validateAuthResponse(server, client, plain, made.state), { error: "invalid_request" });
});
await holds("DPoP", async () => {
  for (const alg of ["ES256", "PS256", "Ed25519"]) {
    const client = await register({ dpop_bound_access_tokens: true, grant_types: ["authorization_code", "refresh_token"] });
    const authentication = oauth.ClientSecretBasic(client.client_secret);
    const options = { DPoP: oauth.DPoP(client, await oauth.generateKeyPair(alg)) };
    const bound = await signIn(client, authentication, {}, options);
    await shows(bound.access_token, options);
    await shows((await renew(client, authentication, bound.refresh_token, options)).access_token, options);
  }
});
await holds("FAPI 2.0", async () => {
  const bank = { client_id: "bank" };
  const authentication = oauth.PrivateKeyJwt(await privateKey("bank"));
  const options = { DPoP: oauth.DPoP(bank, await oauth.generateKeyPair("ES256")) };
  const made = await request(bank, { ...shop, scope: "openid photos:read" });
  // The first answer brings the nonce without which no proof is accepted (RFC 9449 §8).
  const pushed = () => push(bank, authentication, made.asked, options);
  const { request_uri } = await pushed().catch((error) => (oauth.isDPoPNonceError(error) ? pushed() : Promise.reject(error)));
  const back = await alice.authorize(urlOf({ client_id: "bank", request_uri }), shop.redirect_uri);
  const bound = await redeem(bank, authentication, oauth.validateAuthResponse(server, bank, back, made.state), made, options);
  await shows(bound.access_token, options);
});
await holds("resource indicators", async () => {
  const archive = "https://archive.example/api";
  const made = await request(web, { ...shop, scope: "openid photos:read", resource: archive });
  const back = await alice.authorize(urlOf(made.asked), shop.redirect_uri);
  const meant = await redeem(web, secret, oauth.validateAuthResponse(server, web, back, made.state), made);
  await assert.rejects(show(meant.access_token), oauth.WWWAuthenticateChallengeError);
  const received = new Request(archive, { headers: { authorization: `Bearer ${meant.access_token}` } });
  await oauth.validateJwtAccessToken(server, received, archive, insecure);
});
await holds("client credentials", async () => {
  const machine = { client_id: "service" };
  const answer = await oauth.clientCredentialsGrantRequest(server, machine, oauth.ClientSecretBasic("service-secret"), { scope: "stats:read" }, insecure);
  const granted = await oauth.processClientCredentialsResponse(server, machine, answer);
  const stats = new URL(`${where.resource_server}/stats`);
  assert.equal((await oauth.protectedResourceRequest(granted.access_token, "GET", stats, undefined, undefined, insecure)).status, 200);
  await assert.rejects(show(granted.access_token), oauth.WWWAuthenticateChallengeError);
});
await holds("token exchange", async () => {
  const lab = { client_id: "print-lab" };
  const authentication = oauth.ClientSecretBasic("print-lab-secret");
  const machine = await oauth.clientCredentialsGrantRequest(server, lab, authentication, {}, insecure);
  const parameters = {
    subject_token: (await signIn(web, secret, shop)).access_token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    actor_token: (await oauth.processClientCredentialsResponse(server, lab, machine)).access_token,
    actor_token_type: "urn:ietf:params:oauth:token-type:access_token",
    audience: where.resource_server,
  };
  const grant = "urn:ietf:params:oauth:grant-type:token-exchange";
  const answer = await oauth.genericTokenEndpointRequest(server, lab, authentication, grant, parameters, insecure);
  await shows((await oauth.processGenericTokenEndpointResponse(server, lab, answer)).access_token);
});
await holds("device", async () => {
  const tv = { client_id: "tv" };
  const begun = await oauth.deviceAuthorizationRequest(server, tv, oauth.None(), { scope: "photos:read" }, insecure);
  const asked = await oauth.processDeviceAuthorizationResponse(server, tv, begun);
  const poll = () => oauth.deviceCodeGrantRequest(server, tv, oauth.None(), asked.device_code, insecure);
  await assert.rejects(async () => oauth.processDeviceCodeResponse(server, tv, await poll()), { error: "authorization_pending" });
  await assert.rejects(async () => oauth.processDeviceCodeResponse(server, tv, await poll()), { error: "slow_down" });
  await alice.connect(asked.verification_uri_complete);
  await shows((await oauth.processDeviceCodeResponse(server, tv, await poll())).access_token);
});
console.log("oauth4webapi: every feature holds");
