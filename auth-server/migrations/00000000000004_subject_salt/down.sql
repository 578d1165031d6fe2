ALTER TABLE realms DROP COLUMN subject_salt;
