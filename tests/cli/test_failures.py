"""Failures under their names, and where connecting spends its time, on a server with encryption."""

import os
import shutil
import socket
import subprocess
import tempfile
import unittest

import postgres
from harness import Case, tiny


def request(name, *sql, **more):
    steps = [{"name": "step %d" % i, "sql": text} for i, text in enumerate(sql)]
    return {"name": name, "steps": steps, **more}


def raises(sqlstate):
    return "DO $$ BEGIN RAISE SQLSTATE '%s'; END $$" % sqlstate


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@unittest.skipUnless(postgres.binary("initdb") and shutil.which("openssl"), "needs openssl")
class EncryptedServer(Case):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="pgf-")
        os.chmod(cls.directory, 0o755)
        cls.server = postgres.Server(cls.directory)
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.addClassCleanup(cls.server.stop)
        certificate = os.path.join(cls.directory, "server.crt")
        key = os.path.join(cls.directory, "server.key")
        cls.server._run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                         "-subj", "/CN=localhost", "-out", certificate, "-keyout", key])
        os.chmod(key, 0o600)
        cls.port = free_port()
        cls.server.start("listen_addresses=127.0.0.1", "ssl=on", "ssl_cert_file=" + certificate,
                         "ssl_key_file=" + key, port=cls.port)

    def target(self, sslmode):
        return self.server.conninfo(host="127.0.0.1", port=self.port, sslmode=sslmode)

    def connecting(self, sslmode, users=2, target=None):
        self.write("c.json", tiny(duration="500ms", load={"users": 2, "think": "10ms"},
                                  deployment={"pool": {"kind": "none"}}))
        self.assert_exit(self.run_tool("run", "c.json", "--users", str(users), "--target",
                                       target or self.target(sslmode)), 0)
        report = self.only_report()
        shutil.rmtree(os.path.join(self.scratch, "reports"))
        return report

    def test_connecting_is_split_into_its_parts(self):
        for sslmode in ("disable", "require"):
            report = self.connecting(sslmode)
            parts = report["connect_phases_ms"]
            connects = report["connect_ms"]["count"]
            self.assertGreater(connects, 0)
            self.assertEqual(parts["tls"]["count"], connects if sslmode == "require" else 0)
            for name in ("tcp", "authentication", "ready"):
                self.assertEqual(parts[name]["count"], connects)
            # Each request connects, and that is within its wait for a connection.
            phases = report["phases_ms"]
            self.assertEqual(phases["connect"]["count"], phases["pool_wait"]["count"])
            self.assertLess(phases["connect"]["mean"], phases["pool_wait"]["mean"])

    def test_the_parts_sum_to_it_with_several_clients(self):
        for users in (2, 12):
            report = self.connecting("disable", users)
            parts = report["connect_phases_ms"]
            whole = sum((part["mean"] or 0) * part["count"] for part in parts.values())
            connecting = report["connect_ms"]
            share = whole / (connecting["mean"] * connecting["count"])
            self.assertAlmostEqual(share, 1, delta=0.01, msg="%d users" % users)

    def test_a_server_that_declines_encryption_is_no_tls(self):
        directory = tempfile.mkdtemp(prefix="pgf-")
        os.chmod(directory, 0o755)
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        plain = postgres.Server(directory)
        self.addCleanup(plain.stop)
        port = free_port()
        plain.start("listen_addresses=127.0.0.1", "ssl=off", port=port)
        target = plain.conninfo(host="127.0.0.1", port=port, sslmode="prefer")
        parts = self.connecting("prefer", target=target)["connect_phases_ms"]
        self.assertEqual(parts["tls"]["count"], 0)
        self.assertGreater(parts["authentication"]["count"], 0)

    def test_parts_of_the_latency_sum_to_it(self):
        report = self.connecting("require")
        phases = report["phases_ms"]
        apart = [phases[name] for name in phases if name not in ("connect", "other")]
        whole = sum((part["mean"] or 0) * part["count"] for part in apart)
        latency = report["latency_ms"]["mean"] * report["latency_ms"]["count"]
        # What no part explains is what the machine took between them; it is said.
        self.assertAlmostEqual(whole / latency + report["breakdown_residual"], 1, delta=0.01)
        self.assertLess(abs(report["breakdown_residual"]), 0.1)
        slowest = report["samples"][0]
        self.assertEqual((slowest["why"], slowest["outcome"]), ("slowest", "completed"))
        self.assertAlmostEqual(slowest["latency_ms"], report["latency_ms"]["max"], delta=1e-3)
        self.assertEqual([s["kind"] for s in slowest["spans"] if s["kind"] == "connect"],
                         ["connect"])
        spent = sum(span["duration_ms"] for span in slowest["spans"])
        self.assertLess(spent / slowest["latency_ms"], 1.001)

    def test_encryption_that_is_missing_is_named(self):
        subprocess.run(["openssl", "version"], check=True, stdout=subprocess.DEVNULL)
        self.write("c.json", tiny())
        result = self.run_tool("run", "c.json", "--target", self.target("verify-full"))
        self.assert_exit(result, 3, "cannot establish an encrypted connection", "sslmode")

    def test_failures_of_many_classes_in_one_run(self):
        expected = {
            ("step", "sql_error", "22012"): request("divide", "SELECT 1 / 0"),
            ("step", "statement_timeout", "57014"): request(
                "slow", "SET LOCAL statement_timeout = 20", "SELECT pg_sleep(9)",
                transaction=True),
            ("step", "server_shutdown", "57P01"): request(
                "suicide", "SELECT pg_terminate_backend(pg_backend_pid())"),
            ("step", "serialization", "40001"): request("s", raises("40001")),
            ("step", "deadlock", "40P01"): request("d", raises("40P01")),
            ("step", "lock_timeout", "55P03"): request("l", raises("55P03")),
            ("deadline", "deadline", None): request("late", "SELECT pg_sleep(9)"),
        }
        self.write("many.json", tiny(requests=list(expected.values()), deadline="150ms",
                                     duration="4s", slo=[], load={"users": 8, "think": "20ms"},
                                     deployment={"pool": {"kind": "fixed"}}))
        result = self.run_tool("run", "many.json", "--target", self.target("disable"))
        self.assert_exit(result, 12)  # nothing was completed
        report = self.only_report()
        seen = {(f["phase"], f["class"], f["sqlstate"]): f for f in report["failures"]}
        self.assertEqual(set(seen), set(expected))
        for failure in seen.values():
            self.assertGreater(failure["count"], 0)
            self.assertTrue(failure["example"])
        requests = report["requests"]
        self.assertEqual(sum(f["count"] for f in seen.values()), requests["failed"])
        self.assertEqual(requests["scheduled"], requests["completed"] + requests["failed"]
                         + requests["shed"] + requests["in_flight"])
        failed = [s for s in report["samples"] if s["why"] == "failed"]
        self.assertTrue(failed)
        for sample in failed:
            self.assertIn(sample["outcome"], [failure["class"] for failure in seen.values()])
