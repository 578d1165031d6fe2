-- Authorization requests that clients pushed (RFC 9126 §2.2). Both dialects read this file: TEXT, BOOLEAN and
-- BIGINT only. The parameters are form-encoded, without what authenticated the client; moments are Unix seconds.

CREATE TABLE pushed_requests (
  realm TEXT NOT NULL,
  digest TEXT NOT NULL,
  client_id TEXT NOT NULL,
  parameters TEXT NOT NULL,
  signed BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (realm, digest)
);
CREATE INDEX pushed_requests_expiry ON pushed_requests (realm, expires_at);
