-- Removes everything that dev-sqlite-setup.sql made, and nothing else.
DROP TABLE IF EXISTS message;
DROP TABLE IF EXISTS conversation;
