ALTER TABLE consents DROP COLUMN scopes;
