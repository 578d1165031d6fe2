-- Both dialects read this file: TEXT, BOOLEAN, INTEGER and BIGINT only. Moments are Unix seconds,
-- secrets are hex SHA-256 digests, JSON is text. Every row belongs to a realm, first in its key.

CREATE TABLE realms (
  realm TEXT NOT NULL,
  policy TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (realm)
);

-- A key's state follows from its moments: announced, active, retired, gone (deleted).
CREATE TABLE signing_keys (
  realm TEXT NOT NULL,
  kid TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  private_key_pem TEXT NOT NULL,
  announced_at BIGINT NOT NULL,
  active_from BIGINT NOT NULL,
  retired_at BIGINT,
  gone_at BIGINT,
  PRIMARY KEY (realm, kid)
);

CREATE TABLE people (
  realm TEXT NOT NULL,
  sub TEXT NOT NULL,
  username TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  claims TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (realm, sub)
);
CREATE UNIQUE INDEX people_username ON people (realm, username);

CREATE TABLE clients (
  realm TEXT NOT NULL,
  client_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  kind TEXT NOT NULL,
  secret_digest TEXT,
  auth_methods TEXT NOT NULL,
  redirect_uris TEXT NOT NULL,
  post_logout_redirect_uris TEXT NOT NULL,
  grant_types TEXT NOT NULL,
  response_types TEXT NOT NULL,
  scope TEXT NOT NULL,
  allowed_origins TEXT NOT NULL,
  first_party BOOLEAN NOT NULL,
  may_introspect BOOLEAN NOT NULL,
  policy TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (realm, client_id)
);

CREATE TABLE sessions (
  realm TEXT NOT NULL,
  digest TEXT NOT NULL,
  sub TEXT NOT NULL,
  sid TEXT NOT NULL,
  auth_time BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (realm, digest)
);
CREATE INDEX sessions_sub ON sessions (realm, sub);
CREATE INDEX sessions_expiry ON sessions (realm, expires_at);

CREATE TABLE consents (
  realm TEXT NOT NULL,
  sub TEXT NOT NULL,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  granted_at BIGINT NOT NULL,
  PRIMARY KEY (realm, sub, client_id)
);

CREATE TABLE interactions (
  realm TEXT NOT NULL,
  digest TEXT NOT NULL,
  browser_digest TEXT NOT NULL,
  request TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (realm, digest)
);
CREATE INDEX interactions_expiry ON interactions (realm, expires_at);

CREATE TABLE grants (
  realm TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  sub TEXT,
  client_id TEXT NOT NULL,
  grant_type TEXT NOT NULL,
  scope TEXT NOT NULL,
  sid TEXT,
  auth_time BIGINT,
  nonce TEXT,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (realm, grant_id)
);
CREATE INDEX grants_sub ON grants (realm, sub, client_id);
CREATE INDEX grants_expiry ON grants (realm, expires_at);

CREATE TABLE authorization_codes (
  realm TEXT NOT NULL,
  digest TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  redirect_uri TEXT,
  code_challenge TEXT,
  expires_at BIGINT NOT NULL,
  wrong_verifiers INTEGER NOT NULL,
  redeemed_at BIGINT,
  PRIMARY KEY (realm, digest)
);
CREATE INDEX authorization_codes_expiry ON authorization_codes (realm, expires_at);

CREATE TABLE refresh_tokens (
  realm TEXT NOT NULL,
  digest TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  scope TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  rotated_at BIGINT,
  successor_digest TEXT,
  successor_seed TEXT,
  PRIMARY KEY (realm, digest)
);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (realm, grant_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (realm, expires_at);

-- Opaque access tokens only: a JWT is not stored.
CREATE TABLE access_tokens (
  realm TEXT NOT NULL,
  digest TEXT NOT NULL,
  jti TEXT NOT NULL,
  grant_id TEXT,
  sub TEXT NOT NULL,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  audience TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (realm, digest)
);
CREATE INDEX access_tokens_expiry ON access_tokens (realm, expires_at);

CREATE TABLE revoked_tokens (
  realm TEXT NOT NULL,
  jti TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (realm, jti)
);
CREATE INDEX revoked_tokens_expiry ON revoked_tokens (realm, expires_at);

CREATE TABLE limits (
  realm TEXT NOT NULL,
  key TEXT NOT NULL,
  window_started_at BIGINT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (realm, key)
);
CREATE INDEX limits_window ON limits (realm, window_started_at);
