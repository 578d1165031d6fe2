CREATE INDEX refresh_tokens_grant ON refresh_tokens (realm, grant_id);
