DROP TABLE photos;
DROP TABLE people;
DROP TABLE realms;
