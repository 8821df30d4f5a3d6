-- Removes everything that chat-setup.sql made, and nothing else.
DROP SCHEMA IF EXISTS poolgauge_chat CASCADE;
