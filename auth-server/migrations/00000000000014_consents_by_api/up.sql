-- Which scope is agreed to at each API (RFC 8707 §2), as JSON, '' being the realm's own: who agreed to something at one
-- has not agreed to it at another. Rows of before are about the realm's own.
ALTER TABLE consents ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
