-- The grants of a session are found among those of its person, who is always known there: one page less for each grant.
DROP INDEX grants_sid;
