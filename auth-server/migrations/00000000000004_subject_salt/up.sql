-- Pairwise subjects (OpenID Connect Core §8.1): the salt of a realm, secret and made once. Empty until it is needed,
-- as no dialect makes one in the same way. Both dialects read this file.
ALTER TABLE realms ADD COLUMN subject_salt TEXT NOT NULL DEFAULT '';
