DROP TABLE past_keys;
DROP INDEX sessions_sid;
DROP INDEX grants_sid;
