// simple-oauth2 (npm): the grants, as a library that knows no more than RFC 6749 and RFC 7009 asks for them.

import assert from "node:assert/strict";
import { AuthorizationCode, ClientCredentials, ResourceOwnerPassword } from "simple-oauth2";
import { ledger } from "./ledger.mjs";
import { Person } from "./person.mjs";
import { callback, where } from "./world.mjs";

const holds = ledger("simple-oauth2");
const alice = new Person("alice");
const back_channel = { tokenHost: where.auth_server, tokenPath: "/token", revokePath: "/revoke" };
const paths = { ...back_channel, authorizePath: "/authorize" };
const shows = async (token, path = "/photos") => {
  const headers = { authorization: `Bearer ${token.token.access_token}` };
  assert.equal((await fetch(where.resource_server + path, { headers })).status, 200);
};

// It knows no PKCE: a client that registered itself and keeps a secret may do without, as OpenID Connect allows it.
async function register(token_endpoint_auth_method) {
  const body = JSON.stringify({ redirect_uris: [callback], token_endpoint_auth_method, grant_types: ["authorization_code", "refresh_token"] });
  const headers = { "content-type": "application/json" };
  const made = await (await fetch(`${where.auth_server}/register`, { method: "POST", headers, body })).json();
  return { id: made.client_id, secret: made.client_secret };
}

for (const [method, authorizationMethod] of [["client_secret_basic", "header"], ["client_secret_post", "body"]]) {
  await holds(method, async () => {
    const client = new AuthorizationCode({ client: await register(method), auth: paths, options: { authorizationMethod } });
    const back = await alice.authorize(client.authorizeURL({ redirect_uri: callback, scope: "photos:read", state: "x" }));
    await shows(await client.getToken({ code: back.searchParams.get("code"), redirect_uri: callback }));
  });
}
const client = new AuthorizationCode({ client: await register("client_secret_basic"), auth: paths });
let token;
await holds("code", async () => {
  const back = await alice.authorize(client.authorizeURL({ redirect_uri: callback, scope: ["photos:read"], state: "x" }));
  token = await client.getToken({ code: back.searchParams.get("code"), redirect_uri: callback });
  await shows(token);
});
await holds("refresh, rotated", async () => {
  const renewed = await token.refresh();
  assert.notEqual(renewed.token.refresh_token, token.token.refresh_token);
  await shows(renewed);
  token = renewed;
});
await holds("revocation", async () => {
  await token.revokeAll();
  await assert.rejects(token.refresh(), (error) => error.data.payload.error === "invalid_grant");
});
await holds("client credentials", async () => {
  const machine = new ClientCredentials({ client: { id: "service", secret: "service-secret" }, auth: back_channel });
  await shows(await machine.getToken({ scope: "stats:read" }), "/stats");
});
await holds("password (legacy)", async () => {
  const trusted = new ResourceOwnerPassword({ client: { id: "trusted", secret: "trusted-secret" }, auth: back_channel });
  await shows(await trusted.getToken({ username: "alice", password: "alice-password", scope: "photos:read" }));
});
console.log("simple-oauth2: every feature holds");
