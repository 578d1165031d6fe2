// oidc-client-ts (npm), outside of a browser: every feature that it has and this server offers. What browsers alone have
// (frames, pop-ups, storage) stays at home: its OidcClient needs none of it.

import assert from "node:assert/strict";
import { ErrorResponse, InMemoryWebStorage, OidcClient, WebStorageStateStore } from "oidc-client-ts";
import { ledger } from "./ledger.mjs";
import { Person } from "./person.mjs";
import { where } from "./world.mjs";

const holds = ledger("oidc-client-ts");
const alice = new Person("alice");

const settings = {
  authority: where.auth_server,
  client_id: "spa",
  redirect_uri: `${where.client_app}/callback/spa`,
  post_logout_redirect_uri: `${where.client_app}/`,
  scope: "openid profile email photos:read offline_access",
  stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
  loadUserInfo: true,
};
const client = new OidcClient(settings);

async function signIn(own = client, more = {}, person = alice) {
  const { url, state } = await own.createSigninRequest(more);
  const back = await person.authorize(url, own.settings.redirect_uri);
  return own.processSigninResponse(back.href);
}

await holds("discovery", async () => assert.equal(await client.metadataService.getIssuer(), where.auth_server));
let answer;
await holds("code + PKCE", async () => {
  answer = await signIn(client, { state: { page: 7 } });
  assert.deepEqual(answer.userState, { page: 7 });
  const photos = await fetch(`${where.resource_server}/photos`, { headers: { authorization: `Bearer ${answer.access_token}` } });
  assert.equal(photos.status, 200);
});
await holds("ID token", async () => assert.equal(answer.profile.iss, where.auth_server));
await holds("userinfo", async () => assert.equal(answer.profile.email, "alice@example.com"));
await holds("refresh, rotated", async () => {
  const { refresh_token, id_token, session_state, scope, profile } = answer;
  const state = { refresh_token, id_token, session_state, scope, profile, data: undefined };
  const renewed = await client.useRefreshToken({ state });
  assert.notEqual(renewed.refresh_token, refresh_token);
  answer.refresh_token = renewed.refresh_token;
});
await holds("form_post", async () => {
  const { url } = await client.createSigninRequest({ response_mode: "form_post" });
  const posted = await alice.authorize(url, settings.redirect_uri);
  assert.equal(posted.method, "POST");
  await client.processSigninResponse(`${settings.redirect_uri}?${await posted.text()}`);
});
await holds("prompt, max_age, auth_time", async () => {
  const silent = await signIn(client, { prompt: "none", max_age: 600 });
  assert.equal(silent.profile.auth_time, answer.profile.auth_time);
  await assert.rejects(signIn(client, { prompt: "none" }, new Person("bob")), (error) => error instanceof ErrorResponse && error.error === "login_required");
});
await holds("a person's no", async () => {
  const { url } = await client.createSigninRequest({ prompt: "consent" });
  const back = await alice.authorize(url, settings.redirect_uri, { allow: false });
  await assert.rejects(client.processSigninResponse(back.href), { error: "access_denied" });
});
await holds("password (legacy)", async () => {
  const trusted = new OidcClient({ ...settings, client_id: "trusted", client_secret: "trusted-secret", scope: "openid photos:read" });
  const { profile } = await trusted.processResourceOwnerPasswordCredentials({ username: "alice", password: "alice-password" });
  assert.equal(profile.sub, "alice-0001");
});
await holds("resource indicators", async () => {
  const narrow = await signIn(client, { resource: "https://archive.example/api" });
  const photos = await fetch(`${where.resource_server}/photos`, { headers: { authorization: `Bearer ${narrow.access_token}` } });
  assert.equal(photos.status, 401);
});
await holds("revocation", async () => {
  await client.revokeToken(answer.refresh_token, "refresh_token");
  const { id_token, session_state, scope, profile, refresh_token } = answer;
  const state = { refresh_token, id_token, session_state, scope, profile, data: undefined };
  await assert.rejects(client.useRefreshToken({ state }), { error: "invalid_grant" });
});
await holds("logout", async () => {
  const visitor = new Person("bob");
  const { id_token } = await signIn(client, {}, visitor);
  const { url } = await client.createSignoutRequest({ id_token_hint: id_token, state: { left: true } });
  const back = await visitor.signOut(url, settings.post_logout_redirect_uri);
  assert.deepEqual((await client.processSignoutResponse(back.href)).userState, { left: true });
});
console.log("oidc-client-ts: every feature holds");
