DROP SCHEMA IF EXISTS poolgauge_shop CASCADE;
DROP ROLE IF EXISTS poolgauge_shop_reader;
DROP ROLE IF EXISTS poolgauge_shop_writer;
