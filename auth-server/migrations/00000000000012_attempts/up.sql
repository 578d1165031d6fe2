-- Attempts to prove something that are not decided yet: each holds a place under a limit on guesses. Both dialects
-- read this file: TEXT and BIGINT only. lapses_at is the Unix second of the machine's clock, not of the realm's, at
-- which a process that has not decided is taken for dead.

CREATE TABLE attempts (
  realm TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  lapses_at BIGINT NOT NULL,
  PRIMARY KEY (realm, key, id)
);
CREATE INDEX attempts_lapsing ON attempts (realm, lapses_at);
