-- At which APIs beside the realm's own a client may use its tokens (RFC 8707 §2), joined by spaces: who agreed to one
-- has not agreed to another.
ALTER TABLE consents ADD COLUMN resources TEXT NOT NULL DEFAULT '';
