// Where the trials take place, for all clients of npm.

import { readFileSync } from "node:fs";
import { importJWK } from "jose";

export const where = JSON.parse(process.env.GRANTSCOPE);
export const issuer = new URL(where.auth_server);
/** The issuer with a path, whose realm's clock may be moved. */
export const later = new URL(`${where.auth_server}/r/later`);
/** Where answers go: nothing listens there, the person's browser stops at it. */
export const callback = "http://localhost:7/callback";
export const scope = "openid profile email photos:read";

const keys = JSON.parse(readFileSync(process.env.KEYS, "utf8"));

/** The private key of a client of the cast, as libraries on Web Cryptography take it. */
export async function privateKey(client) {
  const { kid, alg, pem, ...jwk } = keys[client];
  return { key: await importJWK({ ...jwk, alg }, alg), kid };
}

/** A key pair of one's own, to register with. */
export async function ownKey(alg, parameters) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  const jwk = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e, kid: alg, alg, use: "sig" }).filter(([, value]) => value));
  return { key: { key: privateKey, kid: alg }, jwks: { keys: [jwk] } };
}

export const ES256 = ["ES256", { name: "ECDSA", namedCurve: "P-256" }];
export const PS256 = ["PS256", { name: "RSA-PSS", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }];
export const Ed25519 = ["EdDSA", { name: "Ed25519" }];

/** Moves the clock of the realm "later". */
export async function wait(seconds) {
  const body = JSON.stringify({ advance_seconds: seconds });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${where.client_app}/r/later/api/clock`, { method: "POST", body, headers });
  if (answer.status !== 200) throw new Error(`the clock does not move: ${answer.status}`);
}
