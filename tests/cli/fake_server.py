"""A server that speaks PostgreSQL's protocol (version 3) from a script, and spoils some replies.

Every reply has a name: "hello" for the login, a query's own name for a simple query, and for what
answers a Sync the messages before it, such as "extended-BDE". The user in the connection string
chooses the Fault, so that one server serves many runs at a time.
"""

import socket
import struct
import threading

SILENT = object()  # a reply that never comes


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def text(value):
    return (value if isinstance(value, bytes) else value.encode()) + b"\0"


def columns(*names):
    fields = b"".join(text(name) + struct.pack("!IHIhih", 0, 0, 25, -1, -1, 0) for name in names)
    return message(b"T", struct.pack("!H", len(names)) + fields)


def row(*values):
    cells = b""
    for value in values:
        raw = None if value is None else value if isinstance(value, bytes) else str(value).encode()
        cells += struct.pack("!i", -1) if raw is None else struct.pack("!i", len(raw)) + raw
    return message(b"D", struct.pack("!H", len(values)) + cells)


def done(tag="SELECT 1"):
    return message(b"C", text(tag))


def ready(state=b"I"):
    return message(b"Z", state)


def complaint(words, sqlstate="XX000", severity="ERROR", kind=b"E", **more):
    fields = {"S": severity, "V": severity, "C": sqlstate, "M": words, **more}
    return message(kind, b"".join(k.encode() + text(v) for k, v in fields.items()) + b"\0")


def table(names, *rows):
    return columns(*names) + b"".join(row(*values) for values in rows) + done(
        "SELECT %d" % len(rows))


def split(reply):
    """The messages of a reply."""
    messages = []
    while reply:
        length = 1 + struct.unpack("!I", reply[1:5])[0]
        messages.append(reply[:length])
        reply = reply[length:]
    return messages


HELLO = (message(b"R", struct.pack("!I", 0)) +
         b"".join(message(b"S", text(key) + text(value)) for key, value in (
             ("server_version", "15.9"), ("client_encoding", "UTF8"),
             ("standard_conforming_strings", "on"))) +
         message(b"K", struct.pack("!II", 4711, 1)) + ready())

def limits(pid=4711, role="app"):
    """What doctor's A3 to B3 answer together: one value a row."""
    values = [("A3", "pid", pid), ("A5", "standby", "false"), ("A5", "read_only", "off"),
              ("B1", "max_connections", 100), ("B1", "superuser_reserved", 3),
              ("B1", "reserved", 0), ("B1", "clients", 1), ("B2", "rolname", role),
              ("B2", "rolconnlimit", -1), ("B2", "rolsuper", "false"), ("B2", "in_use", 1),
              ("B3", "datname", "app"), ("B3", "datconnlimit", -1), ("B3", "in_use", 1)]
    return table(["id", "row", "column_name", "value"],
                 *([query, 1, name, value] for query, name, value in values))


LETTERS = "abcdefghijk"
# By a piece of the query: its name, and what a quiet PostgreSQL 15 answers.
SIMPLE = [
    ("superuser_reserved_connections", "limits", limits()),
    ("settings_fingerprint", "settings", table(["name", "value"], ["work_mem", "4MB"])),
    ("quote_literal", "quote_literal", table(["q"], ["'poolgauge-1'"])),
    ("pg_has_role", "has_role", table(["q"], ["t"])),
    ("EXECUTE poolgauge_look", "look", table(
        LETTERS[:7], ["active", "Lock", "t", 3, "app", "poolgauge-1", "tuple"],
        ["idle", None, "t", 2, "app", "poolgauge-1", None])),
    ("EXECUTE poolgauge_blocking", "blocking",
     table(LETTERS[:5], ["tuple", "poolgauge-1", "psql", "idle in transaction", 1])),
    ("pg_stat_wal_receiver", "standby", table(LETTERS[:5], [1, 0, 1, 0, 1000])),
    ("quote_ident(n.nspname)", "extension_version", table(["n", "v"], ["public", "1.10"])),
    ("FROM pg_extension e JOIN pg_namespace n", "extension", table(["nspname"], ["public"])),
    ("SELECT query, sum(calls)", "statements",
     table(["q", "c", "m", "r"], ["SELECT a FROM t WHERE id = $1", 100, 0.5, 1])),
    ("FROM pg_constraint", "keys",
     table(LETTERS[:7], ["id", "id", "t", "", "", 0, "t"], ["u", "u", "t", "v", "id", 9, "t"])),
    ("SELECT min(", "key_range", table(["min", "max"], [1, 1000])),
    ("TABLESAMPLE", "key_sample", table(["k"], [7])),
    ("userid || '/' || queryid", "statement_counters",
     table(LETTERS[:5], ["10/1", "SELECT 1", 5, 1.5, 5])),
    ("pg_stat_database", "database_counters",
     table(["xact_commit", "blks_hit"], [100, 1000])),
    ("pg_stat_bgwriter", "checkpoints", table(["checkpoints_timed"], [1])),
    ("pg_stat_wal", "wal", table(["wal_records", "wal_bytes"], [10, 1000])),
    ("FROM pg_attribute", "attribute", table(["x"], [1])),
    ("stats_reset", "age", table(["x"], [3600])),
    ("pg_prepared_statements", "types", table(["f", "t", "o"], ["integer", "b", "23"])),
    ("reltuples", "rows_of", table(["r"], [1000])),
    ("SHOW VERSION", "show_version", table(["version"], ["PgBouncer 1.18.0"])),
    ("SHOW CONFIG", "show_config", table(
        ["key", "value"], ["pool_mode", "transaction"], ["default_pool_size", 20],
        ["max_client_conn", 100], ["reserve_pool_size", 0])),
    ("SHOW DATABASES", "show_databases", table(
        ["name", "pool_size", "pool_mode"], ["app", 20, None])),
    ("SHOW LISTS", "show_lists", table(["list", "items"], ["used_clients", 1])),
    ("SHOW POOLS", "show_pools", table(
        ["database", "user", "cl_active", "cl_waiting", "sv_active", "sv_idle", "maxwait"],
        ["app", "app", 1, 0, 1, 0, 0])),
    ("SHOW STATS", "show_stats", table(
        ["database", "total_xact_count", "total_query_count"], ["app", 10, 20])),
]
TAGS = ("BEGIN", "COMMIT", "ROLLBACK", "SET", "PREPARE", "DEALLOCATE", "CREATE", "INSERT")


def simple(query):
    """The name of a query and its reply, without the end."""
    for piece, name, reply in SIMPLE:
        if piece in query:
            return name, reply
    word = (query.split() or [""])[0].upper().rstrip(";")
    if word in TAGS:
        return word.lower(), done(word)
    return "query", table(["x"], [1]) if word else message(b"I")


class Fault:
    """Spoils the replies of one name from the n-th (0: the first) on, or that one only."""

    def __init__(self, name=None, change=None, number=0, once=False):
        self.name, self.change, self.number, self.once = name, change, number, once
        self.seen = 0
        self.lock = threading.Lock()

    def apply(self, name, reply):
        """The bytes to send, SILENT, or a pair (bytes, False) to close behind them."""
        if name != self.name:
            return reply
        with self.lock:
            number, self.seen = self.seen, self.seen + 1
        hit = number == self.number if self.once else number >= self.number
        return self.change(reply) if hit else reply


def cut(place):
    return lambda reply: (reply[:place], False)


def replace(index, by):
    """One message of the reply by other bytes; None: it is left out."""
    def change(reply):
        messages = split(reply)
        messages[min(index, len(messages) - 1)] = by or b""
        return b"".join(messages)
    return change


def instead(reply):
    return lambda _: reply


# What may stand where something else was expected.
STRANGERS = {
    "nothing": None,
    "garbage": b"\xff\xfe\x00 no protocol at all \x80",
    "http": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "error": complaint("out of order"),
    "error without fields": message(b"E", b"\0"),
    "error with odd fields": message(b"E", b"SERROR\0Cxx\0M\0q?\0P-5\0\0"),
    "fatal": complaint("terminating connection", "57P01", "FATAL"),
    "disk full": complaint("could not extend file", "53100"),
    "notice": complaint("by the way", "01000", "WARNING", kind=b"N"),
    "columns without a count": message(b"T"),
    "too many columns": message(b"T", struct.pack("!H", 900)),
    "no columns": columns(),
    "one column": columns("x"),
    "row with fewer values": row(),
    "row with more values": row(*"abcdefghijklmnop"),
    "row of nulls": row(*[None] * 11),
    "row with a wild length": message(b"D", struct.pack("!Hi", 1, 0x7fffffff)),
    "empty query": message(b"I"),
    "copy in": message(b"G", struct.pack("!bH", 0, 0)),
    "copy out": message(b"H", struct.pack("!bH", 0, 0)),
    "copy data": message(b"d", b"1\t2\n"),
    "done": done("SELECT 7"),
    "ready": ready(),
    "ready in an odd state": ready(b"?"),
    "ready in a transaction": ready(b"T"),
    "ready without a state": message(b"Z"),
    "another login": message(b"R", struct.pack("!I", 5) + b"salt"),
    "a wanted password": message(b"R", struct.pack("!I", 3)),
    "a length too small": b"C\0\0\0\1",
    "a negative length": b"D\xff\xff\xff\xff",
    "a huge length": b"D\x7f\xff\xff\xf0x",
    "a notification": message(b"A", struct.pack("!I", 1) + text("channel") + text("payload")),
    "a parameter": message(b"S", text("client_encoding") + text("LATIN1")),
    "parse complete": message(b"1"),
    "portal suspended": message(b"s"),
}


CANCEL = "a cancel request"


class FakeServer:
    """Listens on a port of its own until it is closed."""

    def __init__(self, faults=None, version=None):
        self.faults = faults or {}  # by user
        self.hello = HELLO if version is None else HELLO.replace(b"15.9", version)
        self.replies = {}  # every reply by name, as it would be without a fault
        self.held = 0
        self.most_held = 0
        self.own = []  # answers of this server only, looked for before the usual ones
        self.asked = {}  # by the other side's port: whose connection it is, or CANCEL
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def target(self, user="app"):
        return ("host=127.0.0.1 port=%d user=%s dbname=app sslmode=disable gssencmode=disable"
                % (self.port, user))

    def answer(self, piece, reply):
        """To a simple query with that piece in it; its name is the piece."""
        self.own.append((piece, reply))

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with self.lock:
            self.held += 1
            self.most_held = max(self.most_held, self.held)
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Connection(self, client).serve()
        except (EOFError, OSError):
            pass
        finally:
            client.close()
            with self.lock:
                self.held -= 1


class _Connection:
    def __init__(self, server, client):
        self.server, self.client = server, client
        self.port = client.getpeername()[1]
        self.input = client.makefile("rb")
        self.fault = Fault()
        self.in_transaction = False

    def read(self, count):
        data = self.input.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def serve(self):
        if not self.log_in():
            return
        pending, kinds = b"", ""
        while True:
            kind = self.read(1)
            body = self.read(struct.unpack("!I", self.read(4))[0] - 4)
            if kind == b"X":
                return
            if kind == b"Q":
                self.answer_query(body[:-1].decode(errors="replace"))
            elif kind == b"S":
                self.send("extended-" + kinds, pending + self.end())
                pending, kinds = b"", ""
            else:
                kinds += kind.decode(errors="replace")
                pending += self.extended(kind, body)

    def log_in(self):
        while True:
            body = self.read(struct.unpack("!I", self.read(4))[0] - 4)
            code = struct.unpack("!I", body[:4])[0]
            if code == 80877102:  # a cancel request
                self.server.asked[self.port] = CANCEL
                return False
            if code not in (80877103, 80877104):
                break
            self.client.sendall(b"N")  # neither TLS nor GSS
        words = body[4:].split(b"\0")
        options = dict(zip(words[::2], words[1::2]))
        self.server.asked[self.port] = options.get(b"application_name", b"").decode()
        self.fault = self.server.faults.get(options.get(b"user", b"").decode(), self.fault)
        self.send("hello", self.server.hello)
        return True

    def end(self):
        return ready(b"T" if self.in_transaction else b"I")

    def answer_query(self, query):
        own = [each for each in self.server.own if each[0] in query]
        name, reply = own[0] if own else simple(query)
        self.in_transaction = name == "begin" or (self.in_transaction and
                                                  name not in ("commit", "rollback"))
        self.send(name, reply + self.end())

    def extended(self, kind, body):
        if kind == b"P":
            return message(b"1")
        if kind == b"B":
            return message(b"2")
        if kind == b"D":
            return (message(b"t", struct.pack("!H", 0)) if body[:1] == b"S" else b"") + columns("x")
        if kind == b"E":
            return row(1) + done()
        return b""

    def send(self, name, reply):
        self.server.replies.setdefault(name, reply)
        changed = self.fault.apply(name, reply)
        if changed is SILENT:
            self.input.read()  # until the other side has had enough
            raise EOFError
        data, goes_on = changed if isinstance(changed, tuple) else (changed, True)
        self.client.sendall(data)
        if not goes_on:
            raise EOFError
