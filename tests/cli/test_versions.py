"""doctor, guards and the checks before a load on the oldest and the newest PostgreSQL. Each check
of doctor is provoked there by soak.doctor_table.

The servers come from scripts/postgres-versions; what is not there is skipped by name.
"""

import json
import os
import shutil
import tempfile
import unittest

import postgres
from harness import Case, tiny

PLACE = os.environ.get("POOLGAUGE_POSTGRES_DIR", "/var/tmp/poolgauge-postgres")


class OnVersion:
    """What must hold on every version; MAJOR says which."""

    consents = False

    @classmethod
    def setUpClass(cls):
        binaries = os.path.join(PLACE, str(cls.MAJOR), "bin")
        if not os.path.exists(os.path.join(binaries, "postgres")):
            raise unittest.SkipTest("PostgreSQL %d is not in %s: run scripts/postgres-versions"
                                    % (cls.MAJOR, PLACE))
        directory = tempfile.mkdtemp(prefix="pgs-")
        os.chmod(directory, 0o755)
        cls.addClassCleanup(shutil.rmtree, directory, ignore_errors=True)
        cls.server = postgres.Server(directory, binaries=binaries)
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()
        cls.server.query("CREATE ROLE humble LOGIN PASSWORD '%s'" % postgres.PASSWORD)

    def setUp(self):
        super().setUp()
        self.write("tiny.json", tiny())

    def doctor(self, *arguments, **changes):
        result = self.run_tool("doctor", "--json", "-", "--target",
                               self.server.conninfo(**changes), *arguments)
        self.assertIn(result.returncode, (0, 3), result.stderr)
        document = json.loads(result.stdout)
        self.assertEqual(document["target"]["server_version"].split(".")[0], str(self.MAJOR))
        return {check["id"]: check for check in document["checks"]}

    def test_doctor_as_a_role_without_rights_names_what_it_cannot_see(self):
        checks = self.doctor(user="humble")
        unknown = [name for name, check in checks.items() if check["level"] == "unknown"]
        self.assertIn("D1", unknown)
        self.assertIn("D2", unknown)
        for name in unknown:
            self.assertTrue(checks[name]["seen"], name)
        # The launcher of logical replication is no client.
        self.assertIn("0 of", checks["B1"]["seen"])

    def test_a_run_with_the_guards_of_a_shared_server(self):
        result = self.run_tool("run", "tiny.json", "--target", self.server.conninfo(), "--shared",
                               "--ramp", "100ms", "--progress", "none")
        self.assert_exit(result, 0)
        guards = self.report_of(result)["guards"]
        self.assertEqual([rule["guard"] for rule in guards["rules"]],
                         ["free_slots>=5", "others_blocked_s<=2"])
        self.assertGreater(guards["looks"], 0)
        self.assertEqual(guards["events"], [])

    def test_a_run_as_a_role_without_rights(self):
        result = self.run_tool("run", "tiny.json", "--target", self.server.conninfo(user="humble"),
                               "--progress", "none")
        self.assert_exit(result, 0)


class OnPostgres13(OnVersion, Case):
    MAJOR = 13


class OnPostgres18(OnVersion, Case):
    MAJOR = 18
