"""Memory per connection of a server that is not the tool's own."""

import json
import os
import pwd
import unittest

import postgres
from harness import Case, tiny


@unittest.skipUnless(postgres.binary("initdb"), "needs PostgreSQL")
class MemoryPerConnection(Case):
    def measure(self, **more):
        self.write("s.json", tiny(duration="2s"))
        server = postgres.shared()
        result = self.run_tool(
            "run", "s.json", "--target", server.conninfo(), "--json", "-", "--quiet", "--out",
            self.tmpdir, "--progress", "none", **more)
        self.assertIn(result.returncode, (0, 12), result.stderr)
        return json.loads(result.stdout)["server"]["backend_memory"]

    def test_two_connections_and_up_to_three_looks(self):
        memory = self.measure()
        if memory["readings"] == 0:
            self.assertIn("denied", memory["note"])
            self.skipTest("/proc of another user is closed to root here")
        self.assertEqual(memory["note"], "")
        self.assertTrue(1 <= memory["looks"] <= 3)
        self.assertTrue(memory["looks"] <= memory["readings"] <= 2 * memory["looks"])
        self.assertGreater(memory["pss_mib"], memory["own_mib"])

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_of_another_users_server_it_says_that_it_may_not(self):
        stranger = next(each for each in pwd.getpwall()
                        if each.pw_uid not in (0, postgres.shared().user.get("user")))
        memory = self.measure(user=stranger.pw_uid, group=stranger.pw_gid, extra_groups=[])
        self.assertEqual(memory["readings"], 0)
        self.assertIsNone(memory["own_mib"])
        self.assertIn("permission denied for /proc/PID/smaps_rollup", memory["note"])
