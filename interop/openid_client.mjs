// openid-client (npm): every feature that it has and this server offers.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { SignJWT, createRemoteJWKSet, jwtVerify } from "jose";
import * as client from "openid-client";
import { ledger } from "./ledger.mjs";
import { Person } from "./person.mjs";
import { ES256, Ed25519, PS256, callback, issuer, later, ownKey, privateKey, scope, wait, where } from "./world.mjs";

const holds = ledger("openid-client");
const insecure = { execute: [client.allowInsecureRequests] }; // the demo speaks http on loopback
const alice = new Person("alice");
const photos = new URL(`${where.resource_server}/photos`);

const discover = (id, metadata, authentication, at = issuer) => client.discovery(at, id, metadata, authentication, insecure);
const register = (metadata, authentication = client.ClientSecretBasic()) =>
  client.dynamicClientRegistration(issuer, { redirect_uris: [callback], ...metadata }, authentication, insecure);

/** Signs alice in; the tokens, and the callback that brought the code. */
async function signIn(config, { parameters = {}, checks = {}, options = {}, build = client.buildAuthorizationUrl, person = alice } = {}) {
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  const url = await build(config, {
    redirect_uri: callback,
    scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...parameters,
  });
  const back = await person.authorize(url, parameters.redirect_uri ?? callback);
  const expected = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, ...checks };
  const tokens = await client.authorizationCodeGrant(config, back, expected, undefined, options);
  return { tokens, back, expected };
}

const shows = async (config, token, options) =>
  assert.equal((await client.fetchProtectedResource(config, token, photos, "GET", undefined, undefined, options)).status, 200);

let web;
await holds("discovery", async () => {
  web = await discover("web", "web-secret");
  assert.equal(web.serverMetadata().issuer, where.auth_server);
  const oauth = await client.discovery(issuer, "web", "web-secret", undefined, { ...insecure, algorithm: "oauth2" });
  assert.deepEqual(oauth.serverMetadata(), web.serverMetadata());
  assert.equal((await discover("web", "web-secret", undefined, later)).serverMetadata().issuer, later.href);
});

const shop = { redirect_uri: `${where.client_app}/callback` };
let tokens;
await holds("code + PKCE", async () => {
  ({ tokens } = await signIn(web, { parameters: shop }));
  await shows(web, tokens.access_token);
  const spa = await discover("spa", undefined, client.None());
  await signIn(spa, { parameters: { redirect_uri: `${where.client_app}/callback/spa` } });
});
await holds("ID token", async () => {
  assert.equal(tokens.claims().iss, where.auth_server);
  assert.equal(tokens.claims().aud, "web");
});
await holds("userinfo", async () => {
  const userinfo = await client.fetchUserInfo(web, tokens.access_token, tokens.claims().sub);
  assert.equal(userinfo.email, "alice@example.com");
  await assert.rejects(client.fetchUserInfo(web, tokens.access_token, "somebody else"));
});
await holds("refresh, rotated", async () => {
  const refreshed = await client.refreshTokenGrant(web, tokens.refresh_token);
  assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
  assert.equal(refreshed.claims().sub, tokens.claims().sub);
  await shows(web, refreshed.access_token);
  tokens = { ...refreshed, id_token: tokens.id_token };
});
await holds("introspection", async () => {
  const api = await discover("resource-server", "resource-server-secret");
  const told = await client.tokenIntrospection(api, tokens.access_token);
  assert.ok(told.active && told.client_id === "web" && told.scope.includes("photos:read"), JSON.stringify(told));
});
await holds("revocation", async () => {
  await client.tokenRevocation(web, tokens.refresh_token);
  assert.equal((await client.tokenIntrospection(web, tokens.access_token)).active, false);
  await assert.rejects(client.refreshTokenGrant(web, tokens.refresh_token), { error: "invalid_grant" });
});
await holds("iss (RFC 9207)", async () => {
  const other = await discover("web", "web-secret", undefined, later);
  const build = (config, asked) => client.buildAuthorizationUrl(web, asked);
  const mixedUp = ({ cause }) => /unexpected "iss"/.test(cause?.message);
  await assert.rejects(signIn(other, { parameters: shop, build }), mixedUp);
});
await holds("a person's no", async () => {
  const { response_type, ...asked } = { ...shop, scope: "openid", prompt: "consent", code_challenge: "x".repeat(43), code_challenge_method: "S256" };
  const back = await alice.authorize(client.buildAuthorizationUrl(web, asked), asked.redirect_uri, { allow: false });
  await assert.rejects(client.authorizationCodeGrant(web, back), { error: "access_denied" });
});
await holds("prompt, max_age, auth_time", async () => {
  const before = (await signIn(web, { parameters: { ...shop, max_age: "600" }, checks: { maxAge: 600 } })).tokens.claims().auth_time;
  const silent = (await signIn(web, { parameters: { ...shop, prompt: "none" } })).tokens.claims().auth_time;
  assert.equal(silent, before);
  const parameters = { ...shop, prompt: "none", code_challenge: "x".repeat(43), code_challenge_method: "S256" };
  const back = await new Person("bob").authorize(client.buildAuthorizationUrl(web, parameters), parameters.redirect_uri);
  await assert.rejects(client.authorizationCodeGrant(web, back), { error: "login_required" });
});
await holds("logout", async () => {
  const visitor = new Person("bob");
  const { tokens } = await signIn(web, { parameters: shop, person: visitor });
  const url = client.buildEndSessionUrl(web, { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${where.client_app}/signed-out`, state: "bye" });
  const back = await visitor.signOut(url, `${where.client_app}/signed-out`);
  assert.equal(back.searchParams.get("state"), "bye");
});

await holds("registration", async () => {
  const config = await register({ client_name: "A new one", response_types: ["code"] });
  assert.ok(config.clientMetadata().client_id && config.clientMetadata().client_secret);
  await assert.rejects(register({ redirect_uris: ["javascript:alert(1)"] }), { error: "invalid_redirect_uri" });
  // OpenID Connect's own defaults: no PKCE of confidential clients, RS256.
  const nonce = client.randomNonce();
  const back = await alice.authorize(client.buildAuthorizationUrl(config, { redirect_uri: callback, scope, nonce }), callback);
  const { id_token } = await client.authorizationCodeGrant(config, back, { expectedNonce: nonce });
  assert.equal(JSON.parse(Buffer.from(id_token.split(".")[0], "base64url")).alg, "RS256");
});
for (const [method, authentication] of [
  ["client_secret_basic", client.ClientSecretBasic],
  ["client_secret_post", client.ClientSecretPost],
  ["client_secret_jwt", client.ClientSecretJwt],
  ["none", client.None],
]) {
  await holds(method, async () => {
    const metadata = { token_endpoint_auth_method: method, grant_types: ["authorization_code", "refresh_token"] };
    const made = (await register(metadata, client.None())).clientMetadata();
    const config = await discover(made.client_id, made, authentication(made.client_secret));
    await client.refreshTokenGrant(config, (await signIn(config)).tokens.refresh_token);
  });
}
await holds("private_key_jwt", async () => {
  for (const [alg, parameters] of [ES256, PS256, Ed25519]) {
    const { key, jwks } = await ownKey(alg, parameters);
    const metadata = { token_endpoint_auth_method: "private_key_jwt", jwks };
    const config = await register(metadata, client.PrivateKeyJwt(key));
    await signIn(config);
    const other = await ownKey(alg, parameters);
    const stranger = await discover(config.clientMetadata().client_id, config.clientMetadata(), client.PrivateKeyJwt(other.key));
    await assert.rejects(signIn(stranger), { error: "invalid_client" });
  }
});
await holds("ID token algorithms", async () => {
  for (const alg of ["RS256", "PS256", "ES256", "EdDSA"]) {
    await signIn(await register({ id_token_signed_response_alg: alg }));
  }
});
await holds("signed userinfo", async () => {
  const config = await register({ userinfo_signed_response_alg: "ES256" });
  const { tokens } = await signIn(config);
  client.enableNonRepudiationChecks(config);
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).name, "Alice Liddell Martin");
});
await holds("code id_token", async () => {
  const config = await register({ response_types: ["code id_token"], grant_types: ["authorization_code", "implicit"] });
  client.useCodeIdTokenResponseType(config);
  const { back } = await signIn(config);
  assert.ok(back.hash.includes("id_token="), back.href);
});
await holds("id_token", async () => {
  const config = await register({ response_types: ["id_token"], grant_types: ["implicit"] });
  client.useIdTokenResponseType(config);
  const [nonce, state] = [client.randomNonce(), client.randomState()];
  const url = client.buildAuthorizationUrl(config, { redirect_uri: callback, scope: "openid email", nonce, state });
  const back = await alice.authorize(url, callback);
  assert.equal((await client.implicitAuthentication(config, back, nonce, { expectedState: state })).email, "alice@example.com");
  await assert.rejects(client.implicitAuthentication(config, back, "another", { expectedState: state }));
});
await holds("form_post", async () => {
  const { back } = await signIn(await register({}), { parameters: { response_mode: "form_post" } });
  assert.equal(back.method, "POST");
  const config = await register({ response_types: ["code id_token"], grant_types: ["authorization_code", "implicit"] });
  client.useCodeIdTokenResponseType(config);
  await signIn(config, { parameters: { response_mode: "form_post" } });
});
await holds("PAR", async () => {
  const config = await register({ require_pushed_authorization_requests: true });
  await signIn(config, { build: client.buildAuthorizationUrlWithPAR });
  const plain = await alice.authorize(client.buildAuthorizationUrl(config, { redirect_uri: callback, scope }), callback);
  assert.equal(plain.searchParams.get("error"), "invalid_request");
});
await holds("JAR", async () => {
  for (const [alg, parameters] of [ES256, Ed25519]) {
    const { key, jwks } = await ownKey(alg, parameters);
    const config = await register({ jwks, request_object_signing_alg: alg });
    await signIn(config, { build: (config, asked) => client.buildAuthorizationUrlWithJAR(config, asked, key) });
    await signIn(config, {
      build: async (config, asked) => {
        const url = await client.buildAuthorizationUrlWithJAR(config, asked, key);
        return client.buildAuthorizationUrlWithPAR(config, url.searchParams);
      },
    });
  }
});
await holds("DPoP", async () => {
  for (const alg of ["ES256", "PS256", "Ed25519"]) {
    const config = await register({ dpop_bound_access_tokens: true, grant_types: ["authorization_code", "refresh_token"] });
    const options = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair(alg)) };
    const { tokens } = await signIn(config, { options });
    assert.equal(tokens.token_type, "dpop");
    await shows(config, tokens.access_token, options);
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, options);
    await client.fetchUserInfo(config, refreshed.access_token, tokens.claims().sub, options);
    await assert.rejects(shows(config, refreshed.access_token));
  }
});
await holds("resource indicators", async () => {
  const parameters = new URLSearchParams(Object.entries({ ...shop, scope: "photos:read", code_challenge_method: "S256" }));
  for (const resource of [where.resource_server, "https://archive.example/api"]) parameters.append("resource", resource);
  const verifier = client.randomPKCECodeVerifier();
  parameters.set("code_challenge", await client.calculatePKCECodeChallenge(verifier));
  const back = await alice.authorize(client.buildAuthorizationUrl(web, parameters), shop.redirect_uri);
  const granted = await client.authorizationCodeGrant(web, back, { pkceCodeVerifier: verifier }, { resource: where.resource_server });
  await shows(web, granted.access_token);
  const narrow = await client.refreshTokenGrant(web, granted.refresh_token, { resource: "https://archive.example/api" });
  await assert.rejects(shows(web, narrow.access_token));
});
let machine;
await holds("client credentials", async () => {
  machine = await discover("service", "service-secret", client.ClientSecretBasic("service-secret"));
  const granted = await client.clientCredentialsGrant(machine, { scope: "stats:read" });
  const stats = new URL(`${where.resource_server}/stats`);
  assert.equal((await client.fetchProtectedResource(machine, granted.access_token, stats, "GET")).status, 200);
});
await holds("device", async () => {
  const tv = await discover("tv", undefined, client.None());
  const asked = await client.initiateDeviceAuthorization(tv, { scope: "openid profile photos:read" });
  const polled = client.pollDeviceAuthorizationGrant(tv, asked);
  await alice.connect(asked.verification_uri_complete);
  const connected = await polled;
  assert.equal(connected.claims().aud, "tv");
  await shows(tv, connected.access_token);
});
await holds("token exchange", async () => {
  const { tokens } = await signIn(web, { parameters: shop });
  const lab = await discover("print-lab", "print-lab-secret");
  const exchanged = await client.genericGrantRequest(lab, "urn:ietf:params:oauth:grant-type:token-exchange", {
    subject_token: tokens.access_token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    actor_token: (await client.clientCredentialsGrant(lab)).access_token,
    actor_token_type: "urn:ietf:params:oauth:token-type:access_token",
    audience: where.resource_server,
    scope: "photos:read",
  });
  assert.equal(exchanged.issued_token_type, "urn:ietf:params:oauth:token-type:access_token");
  await shows(lab, exchanged.access_token);
});
await holds("JWT bearer", async () => {
  const { key, kid } = await privateKey("album");
  const assertion = new SignJWT({ jti: crypto.randomUUID() }).setProtectedHeader({ alg: "EdDSA", kid });
  const signed = await assertion.setIssuer("album").setSubject("alice-0001").setAudience(where.auth_server).setIssuedAt().setExpirationTime("1m").sign(key);
  const album = await discover("album", "album-secret");
  const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  await shows(album, (await client.genericGrantRequest(album, grant, { assertion: signed })).access_token);
  await assert.rejects(client.genericGrantRequest(album, grant, { assertion: signed }), { error: "invalid_grant" });
});
await holds("step-up", async () => {
  const config = await discover("web", "web-secret", undefined, later);
  const visitor = new Person("alice");
  const asked = { redirect_uri: `${where.client_app}/r/later/callback`, scope: "openid photos:read photos:write" };
  const base = new URL(`${where.resource_server}/r/later/photos`);
  const first = (await signIn(config, { parameters: asked, person: visitor })).tokens;
  const [photo] = (await (await client.fetchProtectedResource(config, first.access_token, base, "GET")).json()).photos;
  await wait(400);
  const [old] = [(await signIn(config, { parameters: asked, person: visitor })).tokens];
  const remove = (token) => client.fetchProtectedResource(config, token, new URL(`${base}/${photo.id}`), "DELETE");
  const { max_age, acr_values } = await remove(old.access_token).then(
    () => assert.fail("an old sign-in was enough"),
    (error) => error.cause.find((challenge) => challenge.parameters.error === "insufficient_user_authentication").parameters,
  );
  const stronger = { ...asked, max_age, acr_values };
  const renewed = (await signIn(config, { parameters: stronger, checks: { maxAge: Number(max_age) }, person: visitor })).tokens;
  assert.equal((await remove(renewed.access_token)).status, 204);
});
await holds("FAPI 2.0", async () => {
  const bank = await discover("bank", undefined, client.PrivateKeyJwt(await privateKey("bank")));
  const options = { DPoP: client.getDPoPHandle(bank, await client.randomDPoPKeyPair("ES256")) };
  const parameters = { ...shop, scope: "openid photos:read offline_access", prompt: "consent" };
  const build = (config, asked) => client.buildAuthorizationUrlWithPAR(config, asked, options);
  const { tokens } = await signIn(bank, { parameters, options, build });
  await shows(bank, tokens.access_token, options);
  const refreshed = await client.refreshTokenGrant(bank, tokens.refresh_token, undefined, options);
  assert.ok([undefined, tokens.refresh_token].includes(refreshed.refresh_token), "a rotated refresh token");
  await assert.rejects(signIn(bank, { parameters, build }), { error: "invalid_request" });
});

// Logout tokens are verified with jose: openid-client leaves them to it.
await ledger("jose")("back-channel logout token", async () => {
  const server = createServer();
  const told = new Promise((resolve) => {
    server.once("request", async (request, answer) => {
      let body = "";
      for await (const part of request) body += part;
      answer.end();
      resolve(new URLSearchParams(body).get("logout_token"));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const uri = `http://127.0.0.1:${server.address().port}/logout`;
  const config = await register({ backchannel_logout_uri: uri, backchannel_logout_session_required: true, post_logout_redirect_uris: [callback] });
  const visitor = new Person("bob");
  const { tokens } = await signIn(config, { person: visitor });
  await visitor.signOut(client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: callback }), callback);
  const { jwks_uri } = config.serverMetadata();
  const { payload } = await jwtVerify(await told, createRemoteJWKSet(new URL(jwks_uri)), {
    issuer: where.auth_server,
    audience: config.clientMetadata().client_id,
    typ: "logout+jwt",
    requiredClaims: ["iat", "exp", "jti", "sid", "events"],
  });
  assert.equal(payload.sid, tokens.claims().sid);
  assert.deepEqual(payload.events, { "http://schemas.openid.net/event/backchannel-logout": {} });
  assert.equal(payload.nonce, undefined);
  server.close();
});
console.log("openid-client: every feature holds");
