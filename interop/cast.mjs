// The cast of the trials: the demo's, and clients that nobody can register by himself. Their keys are made here, anew
// for each run. Usage: node cast.mjs DEMO.toml CAST.toml KEYS.json

import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const [demo, cast, keys] = process.argv.slice(2);

const KINDS = { EdDSA: ["ed25519"], ES256: ["ec", { namedCurve: "P-256" }], RS256: ["rsa", { modulusLength: 2048 }] };

/** A key pair as two JWKs, the private one with its PEM beside it. */
function pair(kid, alg) {
  const made = generateKeyPairSync(...KINDS[alg]);
  const jwk = (key) => ({ ...key.export({ format: "jwk" }), kid, alg, use: "sig" });
  const pem = made.privateKey.export({ format: "pem", type: "pkcs8" });
  return { public: jwk(made.publicKey), private: { ...jwk(made.privateKey), pem } };
}

/** A JWK Set as an inline table of TOML: all its values are text. */
function inline(jwk) {
  const members = Object.entries(jwk).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return `{ keys = [{ ${members.join(", ")} }] }`;
}

const bank = pair("bank", "ES256");
const album = pair("album", "EdDSA");
// For oauthlib, which signs by RS256 alone and names no key.
const old = pair("album-rsa", "RS256");

const clients = `
[[realm.clients]]
# Everything that the FAPI 2.0 Security Profile demands.
client_id = "bank"
name = "Bank"
redirect_uris = ["{client_app}/callback"]
grant_types = ["authorization_code", "refresh_token"]
scopes = ["openid", "profile", "photos:read", "offline_access"]
auth_methods = ["private_key_jwt"]
metadata.jwks = ${inline(bank.public)}
[realm.clients.policy]
profile = "fapi2"
dpop_nonce = "required"

${[album, old].map((keys) => `
[[realm.clients]]
# May speak for alice by assertions that it signs itself (RFC 7523 §2.1).
client_id = "${keys.public.kid}"
client_secret = "album-secret"
name = "Album"
grant_types = ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
scopes = ["photos:read"]
metadata.jwks = ${inline(keys.public)}
[realm.clients.policy]
jwt_bearer_subjects = ["alice-0001"]
`).join("")}
[[realm]]
# A world whose issuer has a path, and whose clock the trials move.
name = "later"

[[realm.people]]
username = "alice"
password = "alice-password"
sub = "alice-0001"

[[realm.clients]]
client_id = "web"
client_secret = "web-secret"
name = "Print Shop"
redirect_uris = ["{client_app}/callback"]
grant_types = ["authorization_code", "refresh_token"]
scopes = ["openid", "photos:read", "photos:write"]

[[realm.clients]]
client_id = "resource-server"
client_secret = "resource-server-secret"
name = "Photo API"
first_party = true
grant_types = []
may_introspect = true

[[realm.photos]]
owner = "alice"
caption = "First light"
theme = "mountain"
hue = 210
`;

// A second API, so that there is something to choose from (RFC 8707).
const other = '# resources = ["https://archive.example/api"]';
const text = readFileSync(demo, "utf8");
if (!text.includes(other)) throw new Error(`${demo} names no second API any more`);
writeFileSync(cast, text.replace(other, other.slice(2)) + clients);
writeFileSync(keys, JSON.stringify({ bank: bank.private, album: album.private, "album-rsa": old.private }), { mode: 0o600 });
