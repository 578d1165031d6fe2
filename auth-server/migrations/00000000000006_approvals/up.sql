-- Approvals: what a client asked for on one device, and a person decides on another (RFC 8628).
-- Both dialects read this file. The poller's secret and the person's short code are digests; where a flow has no
-- short code, its digest is null, of which there may be many.

CREATE TABLE approvals (
  realm TEXT NOT NULL,
  poll_digest TEXT NOT NULL,
  code_digest TEXT,
  grant_type TEXT NOT NULL,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  details TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  poll_interval BIGINT NOT NULL,
  next_poll_at BIGINT NOT NULL,
  seen_at BIGINT,
  decided_at BIGINT,
  sub TEXT,
  grant_id TEXT,
  redeemed_at BIGINT,
  PRIMARY KEY (realm, poll_digest)
);
CREATE UNIQUE INDEX approvals_code ON approvals (realm, code_digest);
CREATE INDEX approvals_expiry ON approvals (realm, expires_at);
