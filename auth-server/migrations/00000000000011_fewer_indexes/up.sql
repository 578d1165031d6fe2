-- No query finds refresh tokens by their grant: each is found by its digest, and whether it may be used its grant says.
DROP INDEX refresh_tokens_grant;
