-- Signing out: the clients of a session are found by its grants, sessions by their sid; and the public halves
-- of retired keys stay, for an old ID token may still say who signs out (RP-Initiated Logout 1.0 §2).
-- Both dialects read this file.

CREATE INDEX grants_sid ON grants (realm, sid);
CREATE INDEX sessions_sid ON sessions (realm, sid);

-- The public half of a key that was retired, as a JWK (RFC 7517). It verifies hints and nothing else.
CREATE TABLE past_keys (
  realm TEXT NOT NULL,
  kid TEXT NOT NULL,
  jwk TEXT NOT NULL,
  retired_at BIGINT NOT NULL,
  PRIMARY KEY (realm, kid)
);
