"""libpq by ctypes: the three protocols, without a driver to be installed."""

import ctypes
import ctypes.util

_pq = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
_pq.PQconnectdb.restype = ctypes.c_void_p
_pq.PQconnectdb.argtypes = [ctypes.c_char_p]
_pq.PQfinish.argtypes = [ctypes.c_void_p]
_pq.PQstatus.argtypes = [ctypes.c_void_p]
_pq.PQerrorMessage.restype = ctypes.c_char_p
_pq.PQerrorMessage.argtypes = [ctypes.c_void_p]
_STRINGS = ctypes.POINTER(ctypes.c_char_p)
for _name, _arguments in (
        ("PQexec", [ctypes.c_void_p, ctypes.c_char_p]),
        ("PQexecParams", [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p,
                          _STRINGS, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]),
        ("PQprepare", [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int,
                       ctypes.c_void_p]),
        ("PQexecPrepared", [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, _STRINGS,
                            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int])):
    getattr(_pq, _name).restype = ctypes.c_void_p
    getattr(_pq, _name).argtypes = _arguments
_pq.PQresultStatus.argtypes = [ctypes.c_void_p]
_pq.PQresultErrorMessage.restype = ctypes.c_char_p
_pq.PQresultErrorMessage.argtypes = [ctypes.c_void_p]
_pq.PQntuples.argtypes = [ctypes.c_void_p]
_pq.PQnfields.argtypes = [ctypes.c_void_p]
_pq.PQgetvalue.restype = ctypes.c_char_p
_pq.PQgetvalue.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
_pq.PQclear.argtypes = [ctypes.c_void_p]


class Connection:
    """`protocol`: simple, extended or prepared. Parameters are written %s."""

    def __init__(self, conninfo, protocol):
        self.protocol = protocol
        self.prepared = {}
        self.handle = _pq.PQconnectdb(conninfo.encode())
        if _pq.PQstatus(self.handle) != 0:
            raise RuntimeError(_pq.PQerrorMessage(self.handle).decode())

    def close(self):
        _pq.PQfinish(self.handle)

    def run(self, sql, *values):
        """The rows, as texts."""
        if self.protocol == "simple":
            text = sql % tuple(self._literal(value) for value in values)
            return self._rows(_pq.PQexec(self.handle, text.encode()))
        numbered = sql % tuple("$%d" % (i + 1) for i in range(len(values)))
        texts = [None if v is None else str(v).encode() for v in values]
        array = (ctypes.c_char_p * max(len(texts), 1))(*texts)
        if self.protocol == "extended" or sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK TO")):
            return self._rows(_pq.PQexecParams(self.handle, numbered.encode(), len(texts), None,
                                               array, None, None, 0))
        if numbered not in self.prepared:
            name = "p%d" % len(self.prepared)
            self._rows(_pq.PQprepare(self.handle, name.encode(), numbered.encode(), 0, None))
            self.prepared[numbered] = name
        return self._rows(_pq.PQexecPrepared(self.handle, self.prepared[numbered].encode(),
                                             len(texts), array, None, None, 0))

    @staticmethod
    def _literal(value):
        if value is None:
            return "NULL"
        return str(value) if isinstance(value, int) else "'%s'" % str(value).replace("'", "''")

    @staticmethod
    def _rows(result):
        status = _pq.PQresultStatus(result)
        if status not in (1, 2):  # a command, or rows
            message = _pq.PQresultErrorMessage(result).decode()
            _pq.PQclear(result)
            raise RuntimeError(message)
        rows = [[_pq.PQgetvalue(result, r, c).decode() for c in range(_pq.PQnfields(result))]
                for r in range(_pq.PQntuples(result))]
        _pq.PQclear(result)
        return rows
