"""Applications whose load is logged, imported and replayed. Every statement names itself in a
comment, which logs, pg_stat_statements and imports keep."""

import hashlib
import random
import threading
import time

from libpq import Connection

CLIENTS = 4

TPCC_SETUP = """
CREATE TABLE warehouse (w_id int PRIMARY KEY, w_ytd numeric NOT NULL DEFAULT 0);
CREATE TABLE district (w_id int, d_id int, next_o_id int NOT NULL DEFAULT 3001,
  ytd numeric NOT NULL DEFAULT 0, PRIMARY KEY (w_id, d_id));
CREATE TABLE customer (w_id int, d_id int, c_id int, balance numeric NOT NULL DEFAULT 0, name text,
  PRIMARY KEY (w_id, d_id, c_id));
CREATE TABLE item (i_id int PRIMARY KEY, price numeric, name text);
CREATE TABLE stock (w_id int, i_id int, quantity int, PRIMARY KEY (w_id, i_id));
CREATE TABLE orders (w_id int, d_id int, o_id int, c_id int, at timestamptz DEFAULT now(),
  PRIMARY KEY (w_id, d_id, o_id));
CREATE TABLE order_line (w_id int, d_id int, o_id int, number int, i_id int, amount numeric,
  PRIMARY KEY (w_id, d_id, o_id, number));
INSERT INTO warehouse SELECT g FROM generate_series(1, 4) g;
INSERT INTO district SELECT w, d FROM generate_series(1, 4) w, generate_series(1, 10) d;
INSERT INTO customer SELECT w, d, c, 0, 'name' || c FROM generate_series(1, 4) w,
  generate_series(1, 10) d, generate_series(1, 1000) c;
INSERT INTO item SELECT g, g % 100, 'item' || g FROM generate_series(1, 10000) g;
INSERT INTO stock SELECT w, i, 50 FROM generate_series(1, 4) w, generate_series(1, 10000) i;
INSERT INTO orders SELECT w, d, o, o % 1000 + 1 FROM generate_series(1, 4) w,
  generate_series(1, 10) d, generate_series(2001, 3000) o;
INSERT INTO order_line SELECT w_id, d_id, o_id, n, (o_id * 7 + n) % 10000 + 1, n
  FROM orders, generate_series(1, 5) n;
"""

DJANGO_SETUP = """
CREATE TABLE django_session (session_key text PRIMARY KEY, session_data text,
  expire_date timestamptz);
CREATE TABLE auth_user (id serial PRIMARY KEY, username text, is_active boolean);
CREATE TABLE blog_author (id serial PRIMARY KEY, name text);
CREATE TABLE blog_post (id serial PRIMARY KEY, author_id int REFERENCES blog_author, title text,
  body text, published timestamptz);
CREATE INDEX ON blog_post (author_id);
CREATE TABLE blog_comment (id serial PRIMARY KEY, post_id int REFERENCES blog_post,
  user_id int REFERENCES auth_user, body text, at timestamptz DEFAULT now());
CREATE INDEX ON blog_comment (post_id);
INSERT INTO django_session SELECT md5(g::text), repeat('x', 300), now() + interval '1 day'
  FROM generate_series(1, 5000) g;
INSERT INTO auth_user SELECT g, 'user' || g, true FROM generate_series(1, 5000) g;
INSERT INTO blog_author SELECT g, 'author' || g FROM generate_series(1, 200) g;
INSERT INTO blog_post SELECT g, g % 200 + 1, 'title ' || g, repeat('word ', 50),
  now() - g * interval '1 minute' FROM generate_series(1, 20000) g;
INSERT INTO blog_comment (post_id, user_id, body) SELECT g % 20000 + 1, g % 5000 + 1, 'comment'
  FROM generate_series(1, 60000) g;
SELECT setval('auth_user_id_seq', 5000), setval('blog_post_id_seq', 20000);
"""


def hot(rng, most):
    """A few numbers often, all of them sometimes."""
    return min(most, int(most * rng.random() ** 4) + 1)


def new_order(db, rng):
    warehouse, district = rng.randint(1, 4), rng.randint(1, 10)
    customer = hot(rng, 1000)
    db.run("BEGIN")
    db.run("SELECT /*no-customer*/ name, balance FROM customer WHERE w_id = %s AND d_id = %s AND "
           "c_id = %s", warehouse, district, customer)
    order = int(db.run("UPDATE district /*no-district*/ SET next_o_id = next_o_id + 1 "
                       "WHERE w_id = %s AND d_id = %s RETURNING next_o_id", warehouse,
                       district)[0][0])
    db.run("INSERT INTO orders /*no-order*/ (w_id, d_id, o_id, c_id) VALUES (%s, %s, %s, %s)",
           warehouse, district, order, customer)
    for number, item in enumerate(sorted(rng.sample(range(1, 10001), 3))):
        price = db.run("SELECT /*no-item*/ price FROM item WHERE i_id = %s", item)[0][0]
        db.run("UPDATE stock /*no-stock*/ SET quantity = quantity - %s WHERE w_id = %s AND "
               "i_id = %s", rng.randint(1, 3), warehouse, item)
        db.run("INSERT INTO order_line /*no-line*/ (w_id, d_id, o_id, number, i_id, amount) "
               "VALUES (%s, %s, %s, %s, %s, %s)", warehouse, district, order, number + 1, item,
               price)
    db.run("COMMIT")


def payment(db, rng):
    warehouse, district = rng.randint(1, 4), rng.randint(1, 10)
    amount = rng.randint(1, 500)
    db.run("BEGIN")
    db.run("UPDATE warehouse /*pay-warehouse*/ SET w_ytd = w_ytd + %s WHERE w_id = %s", amount,
           warehouse)
    db.run("UPDATE district /*pay-district*/ SET ytd = ytd + %s WHERE w_id = %s AND d_id = %s",
           amount, warehouse, district)
    db.run("UPDATE customer /*pay-customer*/ SET balance = balance - %s WHERE w_id = %s AND "
           "d_id = %s AND c_id = %s", amount, warehouse, district, hot(rng, 1000))
    db.run("COMMIT")


def order_status(db, rng):
    order = rng.randint(2001, 3000)
    db.run("SELECT /*status-lines*/ number, i_id, amount FROM order_line WHERE w_id = %s AND "
           "d_id = %s AND o_id = %s", rng.randint(1, 4), rng.randint(1, 10), order)


def stock_level(db, rng):
    last = rng.randint(2021, 3000)
    warehouse = rng.randint(1, 4)
    db.run("SELECT /*stock-level*/ l.i_id, s.quantity FROM order_line l JOIN stock s "
           "ON s.w_id = l.w_id AND s.i_id = l.i_id WHERE l.w_id = %s AND l.d_id = %s AND l.o_id "
           "BETWEEN %s AND %s", warehouse, rng.randint(1, 10), last - 20, last)


def page(db, rng):
    """A list with its authors and comments fetched after it."""
    db.run("SELECT /*session*/ session_data FROM django_session WHERE session_key = %s",
           session_key(hot(rng, 5000)))
    user = hot(rng, 5000)
    db.run("SELECT /*user*/ id, username FROM auth_user WHERE id = %s", user)
    rows = db.run("SELECT /*posts*/ id, author_id, title FROM blog_post WHERE author_id = %s "
                  "ORDER BY id DESC LIMIT 21", hot(rng, 200))
    ids = [int(row[0]) for row in rows[:rng.randint(1, 21)]]
    marks = ", ".join(["%s"] * len(ids))
    db.run("SELECT /*prefetch*/ id, post_id, body FROM blog_comment WHERE post_id IN (" + marks
           + ")", *ids)


def comment(db, rng):
    """atomic() within atomic(): a savepoint that is named anew each time."""
    savepoint = "s%d_x%d" % (rng.getrandbits(40), 1)
    post, user = hot(rng, 20000), hot(rng, 5000)
    db.run("BEGIN")
    db.run("SELECT /*post*/ id, title, body FROM blog_post WHERE id = %s", post)
    db.run('SAVEPOINT "%s"' % savepoint)
    db.run("INSERT INTO blog_comment /*comment*/ (post_id, user_id, body) VALUES (%s, %s, %s) "
           "RETURNING id", post, user, "it's %s" % rng.getrandbits(20))
    db.run('RELEASE SAVEPOINT "%s"' % savepoint)
    db.run("UPDATE django_session /*touch*/ SET session_data = %s, expire_date = now() "
           "WHERE session_key = %s", "y" * 300, session_key(hot(rng, 5000)))
    db.run("COMMIT")


def login(db, rng):
    """Keys that the application makes up itself."""
    db.run("INSERT INTO django_session /*login*/ (session_key, session_data, expire_date) "
           "VALUES (%s, %s, now())", "%032x" % rng.getrandbits(128), "z" * 300)


def session_key(number):
    return hashlib.md5(str(number).encode()).hexdigest()


TPCC = ((new_order, 45), (payment, 43), (order_status, 6), (stock_level, 6))
DJANGO = ((page, 60), (comment, 30), (login, 10))


def run(requests, conninfo, protocol, seconds, rate, seed=1):
    """CLIENTS connections, `rate` requests per second among them, at times of a Poisson process."""
    errors = []

    def client(number):
        rng = random.Random(seed * 1000 + number)
        db = Connection(conninfo, protocol)
        try:
            due = time.monotonic()
            end = due + seconds
            while True:
                due += rng.expovariate(rate / CLIENTS)
                if due > end:
                    return
                time.sleep(max(0.0, due - time.monotonic()))
                request = rng.choices([r for r, _ in requests], [w for _, w in requests])[0]
                request(db, rng)
        except RuntimeError as error:
            errors.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=client, args=(i,)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
