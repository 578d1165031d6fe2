CREATE INDEX grants_sid ON grants (realm, sid);
