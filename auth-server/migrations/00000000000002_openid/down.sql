ALTER TABLE sessions DROP COLUMN details;
ALTER TABLE access_tokens DROP COLUMN details;
ALTER TABLE grants DROP COLUMN details;
ALTER TABLE clients DROP COLUMN registration_digest;
ALTER TABLE clients DROP COLUMN mac_secret;
ALTER TABLE clients DROP COLUMN metadata;
