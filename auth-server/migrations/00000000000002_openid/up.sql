-- OpenID Connect and the OAuth family: what registrations, grants, tokens and sessions remember besides.
-- Both dialects read this file. JSON is text; a member that is absent has its default.

-- Registration metadata (RFC 7591 §2); the secret itself, only where a client proves it by a MAC
-- (client_secret_jwt), which a digest cannot verify; the digest of the registration access token (RFC 7592 §3).
ALTER TABLE clients ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
ALTER TABLE clients ADD COLUMN mac_secret TEXT;
ALTER TABLE clients ADD COLUMN registration_digest TEXT;

-- What was granted besides scope: claims, resources, a key that tokens are bound to, acr.
ALTER TABLE grants ADD COLUMN details TEXT NOT NULL DEFAULT '{}';

-- What an opaque access token says besides: cnf, act, acr.
ALTER TABLE access_tokens ADD COLUMN details TEXT NOT NULL DEFAULT '{}';

-- How the person proved who they are (OpenID Connect Core §2, acr and amr).
ALTER TABLE sessions ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
