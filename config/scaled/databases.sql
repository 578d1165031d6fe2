-- One database for each service that keeps anything: they share a server and nothing in it. The auth servers' is made
-- by the container itself (POSTGRES_DB).
CREATE DATABASE resource_server;
