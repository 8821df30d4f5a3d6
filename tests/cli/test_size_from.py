"""`size --from REPORT`: what a report knows of the server."""

import json

from harness import Case, tiny


class SizeFrom(Case):
    def setUp(self):
        super().setUp()
        self.write("tiny.json", tiny(duration="2s"))
        self.assert_exit(self.run_tool("simulate", "tiny.json", "--quiet", "--json", "s.json"), 0)
        with open(self.scratch + "/s.json") as file:
            self.report = json.load(file)

    def measured(self, **memory):
        """A report as a run on this machine would have it."""
        report = self.report
        report["command"] = "run"
        report["target"].update(kind="server", address="localhost:5432/app", server_version="15.8",
                                max_connections=200, reserved_connections=5)
        report["machine"] = {"arch": "x86_64", "kernel": "Linux 6.1.0", "cpu": None, "cores": 4,
                             "memory_mib": 8192}
        report["connect_ms"].update(count=10, mean=8.0)
        report["server"]["settings"] = {"shared_buffers": "1GB", "work_mem": "8MB"}
        report["server"]["backend_memory"] = {
            "readings": 30, "looks": 3, "pss_mib": 20.0, "own_mib": 6.0, "own_max_mib": 9.0,
            "page_tables_mib": 0.5, "note": "", **memory}
        self.write("r.json", report)

    def size(self, *arguments):
        result = self.run_tool("size", "--processes", "4", "--json", "-", "--quiet", *arguments)
        self.assert_exit(result, 0)
        return json.loads(result.stdout)

    def test_the_words_are_those_of_its_pool(self):
        self.measured()
        self.report["pools"][0].update(kind="hikari", options={"maximumPoolSize": 10})
        self.write("r.json", self.report)
        shown = self.run_tool("size", "--processes", "4", "--from", "r.json", "--pool-size", "8")
        said = " ".join(shown.stdout.split())
        self.assertIn("maximumPoolSize", said)
        self.assertRegex(said, "4 processes . 8 = 32")
        for foreign in ("pool_size", "max_overflow", "SQLAlchemy", "pool_timeout"):
            self.assertNotIn(foreign, said)
        answer = self.size("--from", "r.json")
        self.assertEqual(answer["inputs"]["pool"], "hikari")
        self.assertIn("maximumPoolSize", answer["recommendation"]["options"])
        self.assertEqual(self.size("--from", "r.json", "--pool", "pgx")["inputs"]["pool"], "pgx")
        self.assert_exit(self.run_tool("size", "--pool", "hikari", "--max-overflow", "4"), 2,
                         "has no overflow", "maximumPoolSize")

    def test_the_server_is_as_the_report_found_it(self):
        self.measured()
        answer = self.size("--from", "r.json")
        inputs, memory = answer["inputs"], answer["memory"]
        self.assertEqual((inputs["max_connections"], inputs["reserved"]), (200, 5))
        self.assertEqual((inputs["memory_mib"], inputs["shared_buffers_mib"]), (8192, 1024))
        self.assertEqual((inputs["connection_mib"], inputs["connect_s"]), (6.5, 0.008))
        self.assertEqual((inputs["work_mem_mib"], inputs["from"]), (8, "r.json"))
        connections = answer["recommendation"]["budget"]["needed"] + 5
        self.assertAlmostEqual(memory["backends_mib"], 6.5 * connections)
        self.assertEqual(memory["page_tables_mib"], 0)
        self.assertAlmostEqual(memory["total_mib"],
                               1024 + memory["backends_mib"] + memory["work_mib"], delta=0.1)
        self.assertIn("6.5 (measured)", memory["arithmetic"])

    def test_a_flag_wins(self):
        self.measured()
        answer = self.size("--from", "r.json", "--max-connections", "90", "--shared-buffers", "2GB")
        self.assertEqual(answer["inputs"]["max_connections"], 90)
        self.assertEqual(answer["memory"]["shared_buffers_mib"], 2048)

    def test_the_age_of_connections_follows_from_the_connect(self):
        self.measured()
        words = " ".join(self.size("--from", "r.json")["timeouts"])
        self.assertIn("has no measurable cost (connecting took 8.00 ms", words)
        words = " ".join(self.size()["timeouts"])
        self.assertIn("its cost is unknown because no connect was measured", words)
        self.assertNotIn("50 ms", words)

    def test_memory_that_was_not_measured_is_not_used(self):
        self.measured(readings=0, looks=0, pss_mib=None, own_mib=None, own_max_mib=None,
                      page_tables_mib=None, note="reading was denied")
        answer = self.size("--from", "r.json")
        self.assertIsNone(answer["inputs"]["connection_mib"])
        self.assertIsNone(answer["inputs"]["memory_mib"])
        self.assertNotIn("measured", answer["memory"]["arithmetic"])

    def test_what_is_no_report_of_a_server(self):
        self.assert_exit(self.run_tool("size", "--from", "s.json"), 2, "s.json", "simulation")
        self.assert_exit(self.run_tool("size", "--from", "missing.json"), 2, "missing.json")
