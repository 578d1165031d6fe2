-- What may be used once: ids of client assertions, request objects and DPoP proofs, by their digests.
CREATE TABLE replays (
  realm TEXT NOT NULL,
  kind TEXT NOT NULL,
  digest TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (realm, kind, digest)
);
CREATE INDEX replays_expiry ON replays (realm, expires_at);
