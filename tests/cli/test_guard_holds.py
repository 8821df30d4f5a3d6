"""Guards that hold requests back, and pauses by hand."""

import http.server
import signal
import threading

from harness import sql_scenario, until
from test_guards import Guarded, long


class Holds(Guarded):
    def test_requests_are_held_back_and_go_on(self):
        self.write("long.json", long(duration="8s"))
        process = self.start("--guard", "others_active<=0")
        neighbor = self.hold_session("SELECT pg_sleep(4);")
        report, out = self.ended(process, 0)
        neighbor.kill()
        held = [event for event in report["guards"]["events"] if event["action"] == "hold"]
        self.assertEqual(len(held), 1, held)
        self.assertEqual(held[0]["seen"], "others_active was 1")
        self.assertIsNotNone(held[0]["end_s"])
        # A second that lies within it saw nothing; the last one saw requests again.
        quiet = [point["completed"] for point in report["timeline"]
                 if held[0]["start_s"] + 0.3 < point["t_s"] - 1 and point["t_s"] < held[0]["end_s"]]
        self.assertEqual(set(quiet), {0}, held)  # and there is such a second
        self.assertGreater(report["timeline"][-1]["completed"], 0)
        self.assertIn("held requests back", " ".join(out.split()))

    def test_arrivals_of_an_open_load_are_withheld(self):
        self.write("long.json", sql_scenario("SELECT 1", load={"rate": 50}, duration="4s", slo=[]))
        process = self.start("--guard-query", "SELECT count(*) FROM pg_stat_activity WHERE "
                             "application_name = 'neighbor'")
        self.hold_session("SELECT 1;")
        report, _ = self.ended(process, 0)
        self.assertGreater(report["guards"]["withheld"], 0)
        self.assertEqual(report["requests"]["shed"], 0)
        self.assertIn("the query returned 1", report["guards"]["events"][0]["seen"])

    def test_a_url(self):
        answers = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answers.append(self.path)
                self.send_response(200 if len(answers) < 3 else 503)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = "http://127.0.0.1:%d/ok?x=1" % server.server_address[1]
        self.write("long.json", long(duration="5s"))
        process = self.start("--guard-http", url)
        report, _ = self.ended(process, 0)
        self.assertEqual(set(answers), {"/ok?x=1"})
        self.assertEqual(report["guards"]["events"][0]["seen"], "the URL answered with status 503")
        self.assertIsNone(report["guards"]["events"][0]["end_s"])
        self.refused_url(url)

    def refused_url(self, url):
        result = self.run_on("--duration", "1s", "--guard-http", url)
        self.assert_exit(result, 3, "status 503")


class ByHand(Guarded):
    def test_a_status_line_and_a_pause(self):
        self.write("long.json", long(duration="4s"))
        process = self.start_tool("run", "long.json", "--target", self.server.conninfo(),
                                  "--progress", "none")
        until(lambda: self.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name "
                                "LIKE 'poolgauge-%' AND query = 'SELECT 1'") != "0", "the load",
              every=0.2)
        process.send_signal(signal.SIGUSR2)
        process.send_signal(signal.SIGUSR1)
        seen = self.wait_for_line(process, " left")
        self.assertIn("paused", seen)
        process.send_signal(signal.SIGUSR2)
        report, _ = self.ended(process, 0)
        self.assertEqual([event["action"] for event in report["guards"]["events"]], ["pause"])
        self.assertIsNotNone(report["guards"]["events"][0]["end_s"])
