-- Where somebody has proven who they are: a browser in which a person signed in, an address from which a client
-- authenticated. Strangers who guess elsewhere do not lock them out. Both dialects read this file: TEXT and BIGINT
-- only; moments are Unix seconds.

CREATE TABLE known_places (
  realm TEXT NOT NULL,
  key TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (realm, key)
);
CREATE INDEX known_places_expiry ON known_places (realm, expires_at);
