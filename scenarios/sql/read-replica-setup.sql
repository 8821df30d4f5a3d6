-- A shop: 10,000 products to read, orders to write, and a role for each. Runs on the primary; the
-- replica follows. CREATE ROLE needs CREATEROLE on a server of your own.
DROP SCHEMA IF EXISTS poolgauge_shop CASCADE;
DROP ROLE IF EXISTS poolgauge_shop_reader;
DROP ROLE IF EXISTS poolgauge_shop_writer;

CREATE ROLE poolgauge_shop_reader;
CREATE ROLE poolgauge_shop_writer;
GRANT poolgauge_shop_reader, poolgauge_shop_writer TO CURRENT_USER;

CREATE SCHEMA poolgauge_shop;
CREATE TABLE poolgauge_shop.products (
  id integer PRIMARY KEY,
  category integer NOT NULL,
  name text NOT NULL,
  price numeric(8, 2) NOT NULL
);
INSERT INTO poolgauge_shop.products
SELECT id, id % 500, 'product ' || id, (id % 97) + 0.99 FROM generate_series(1, 10000) AS id;
CREATE INDEX products_category ON poolgauge_shop.products (category, id);

CREATE TABLE poolgauge_shop.orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id integer NOT NULL,
  quantity integer NOT NULL,
  ordered_at timestamptz NOT NULL DEFAULT now()
);

GRANT USAGE ON SCHEMA poolgauge_shop TO poolgauge_shop_reader, poolgauge_shop_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA poolgauge_shop TO poolgauge_shop_reader;
GRANT SELECT, INSERT ON poolgauge_shop.orders TO poolgauge_shop_writer;
VACUUM ANALYZE poolgauge_shop.products;
