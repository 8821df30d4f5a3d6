"""`observe --metrics`: pages from files and from a URL on loopback; what is none is refused."""

import http.server
import itertools
import json
import os
import shutil
import subprocess
import threading
import unittest

from harness import SOURCE, Case

PAGE = """# TYPE hikaricp_connections gauge
hikaricp_connections{pool="main"} 10
hikaricp_connections_active{pool="main"} %(active)d
hikaricp_connections_idle{pool="main"} %(idle)d
hikaricp_connections_pending{pool="main"} %(pending)d
hikaricp_connections_max{pool="main"} 10
hikaricp_connections_acquire_seconds_count{pool="main"} %(count)d
hikaricp_connections_acquire_seconds_sum{pool="main"} %(wait)f
hikaricp_connections_usage_seconds_count{pool="main"} %(count)d
hikaricp_connections_usage_seconds_sum{pool="main"} %(used)f
jvm_threads_live_threads 22
"""


def page(t_s, rate=100, hold_s=0.05, wait_s=0.002, pending=0):
    """A pool as it is t_s seconds after its start: 5 in use on average."""
    return PAGE % {"active": 5, "idle": 5, "pending": pending, "count": rate * t_s,
                   "wait": rate * t_s * wait_s, "used": rate * t_s * hold_s}


class Metrics(Case):
    def save(self, name, text, at_s=None):
        path = os.path.join(self.scratch, name)
        with open(path, "w") as file:
            file.write(text)
        if at_s is not None:
            os.utime(path, (1700000000 + at_s, 1700000000 + at_s))
        return name

    def scrapes(self, count, every=15, **load):
        names = [self.save("s%02d.prom" % i, page(every * i, **load), every * i)
                 for i in range(count)]
        return list(itertools.chain.from_iterable(("--metrics", name) for name in names))

    def answer(self, *arguments):
        result = self.run_tool("observe", *arguments, "--json", "-", "--progress", "none")
        self.assert_exit(result, 0)
        return json.loads(result.stdout)

    def test_files_answer_with_size_waits_and_settings(self):
        answer = self.answer(*self.scrapes(21))
        self.assertEqual(len(answer["groups"]), 1)
        group = answer["groups"][0]
        self.assertAlmostEqual(group["in_use"]["mean"]["value"], 5)
        self.assertAlmostEqual(group["hold"]["mean_ms"]["value"], 50)
        self.assertAlmostEqual(group["transactions_per_s"]["value"], 100)
        self.assertAlmostEqual(group["waiting"]["mean_wait_ms"], 2)
        self.assertEqual(group["waiting"]["library"], "HikariCP")
        self.assertEqual(group["limit"], 10)
        self.assertEqual(answer["window"]["seconds"], 300)
        self.assertIsNone(answer["target"])
        self.assertIsNone(answer["totals"]["room"])
        advice = answer["recommendation"]
        self.assertEqual((advice["confidence"], advice["pool_size"]),
                         ("observed", group["size"]["per_process"]))
        self.assertIn("maximumPoolSize=%d" % advice["pool_size"], advice["snippets"]["hikari"])
        try:
            import jsonschema
        except ImportError:
            return
        with open(os.path.join(SOURCE, "scenarios", "observe.schema.json")) as file:
            jsonschema.Draft202012Validator(json.load(file)).validate(answer)

    def test_all_forms_and_a_scenario(self):
        result = self.run_tool("observe", *self.scrapes(9, pending=2), "--markdown", "a.md",
                               "--html", "a.html", "--prometheus", "a.prom", "--csv", "a.csv",
                               "--scenario", "seen.json")
        self.assert_exit(result, 0)
        shown = " ".join(result.stdout.split())
        for piece in ("pool main needs", "HikariCP at s00.prom … s08.prom", "maximumPoolSize=",
                      "100 % of the scrapes found one waiting", "held 50.0 ms per request"):
            self.assertIn(piece, shown)
        self.assertNotIn("max_connections", result.stdout)
        for name, piece in (("a.md", "**pool main needs"), ("a.html", "waiting"),
                            ("a.prom", "poolgauge_observe_wait_seconds{"),
                            ("a.csv", ",waiting\r\n")):
            with open(os.path.join(self.scratch, name), newline="") as file:
                self.assertIn(piece, file.read(), name)
        simulated = self.run_tool("simulate", "seen.json", "--duration", "30s", "--json", "-",
                                  "--quiet")
        self.assertIn(simulated.returncode, (0, 10), simulated.stderr)
        report = json.loads(simulated.stdout)
        self.assertAlmostEqual(report["throughput_per_s"], 100, delta=5)

    def test_every_replaces_times_that_say_nothing(self):
        names = [self.save("a%d" % i, page(60 * i), 7) for i in range(2)]
        given = ["--metrics", names[0], "--metrics", names[1]]
        self.assert_exit(self.run_tool("observe", *given), 2, "same timestamps", "--every")
        answer = self.answer(*given, "--every", "1m")
        self.assertAlmostEqual(answer["groups"][0]["in_use"]["mean"]["value"], 5)

    def test_what_is_no_page_of_pools_is_refused_with_place_and_cure(self):
        html = self.save("page.html", "<!DOCTYPE html>\n<html></html>\n", 0)
        other = self.save("other.prom", "up 1\n", 0)
        for arguments, pieces in (
                ((html, other), ("page.html: line 1 is not a metric", "/actuator/prometheus")),
                ((other, html), ("other.prom: none of its 1 metric", "HikariCP")),
                (("absent.prom", other), ("--metrics", "absent.prom"))):
            given = list(itertools.chain.from_iterable(("--metrics", a) for a in arguments))
            self.assert_exit(self.run_tool("observe", *given), 2, *pieces)
        one = ["--metrics", self.save("one.prom", page(0), 0)]
        self.assert_exit(self.run_tool("observe", *one), 2, "one file shows a single moment")
        both = one + ["--metrics", self.save("two.prom", page(15), 15)]
        for arguments, pieces in (
                (both + ["--for", "1m"], ("--for does not apply to files",)),
                (both + ["--target", "host=x"], ("--metrics and --target exclude",)),
                (both + ["--gap", "5ms"], ("--metrics and --gap exclude",)),
                (both + ["--record", "r"], ("--metrics and --record exclude",)),
                (both + ["--metrics", "http://localhost:1/"], ("give only files",)),
                (["--metrics", "https://localhost/"], ("https is not supported", "curl")),
                (["--metrics", "http://u:p@localhost/"], ("user name or a password",)),
                (["--metrics", "http://localhost:1/", "--every", "1h"], ("--every 3600 s is",)),
                (["--every", "5s"], ("--every needs --metrics",))):
            result = self.run_tool("observe", *arguments)
            self.assert_exit(result, 2, *pieces)
        self.assert_exit(self.run_tool("observe", "--metrics", "http://localhost:1/"), 3,
                         "nobody accepts a connection")


class Pages(http.server.BaseHTTPRequestHandler):
    """A pool's counters grow from one request to the next; /html is no page of metrics."""

    count = 0

    def do_GET(self):
        status, text = 200, page(Pages.count)
        if self.path == "/html":
            text = "<html>"
        elif self.path.split("?")[0] != "/metrics":
            status, text = 404, "no"
        Pages.count += 1
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Urls(Case):
    def setUp(self):
        super().setUp()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.http.server_close)
        self.addCleanup(self.http.shutdown)
        self.url = "http://127.0.0.1:%d" % self.http.server_port

    def test_a_url_is_scraped_again_and_again(self):
        result = self.run_tool("observe", "--metrics", self.url + "/metrics", "--for", "1s",
                               "--every", "100ms", "--json", "a.json", "--progress", "plain")
        self.assert_exit(result, 0)
        self.assertIn("pool main needs", result.stdout)
        answer = self.load("a.json")
        self.assertGreater(answer["window"]["looks"], 5)
        self.assertEqual(answer["metrics_of"], self.url + "/metrics")
        # Each scrape is a second of counters further: the hold time does not depend on the clock.
        self.assertAlmostEqual(answer["groups"][0]["hold"]["mean_ms"]["value"], 50)

    def test_a_token_in_a_url_is_neither_shown_nor_stored(self):
        result = self.run_tool("observe", "--metrics", self.url + "/metrics?auth_x=t0ps3cret",
                               "--for", "1s", "--every", "200ms", "--json", "a.json", "--html",
                               "a.html", "--progress", "plain")
        self.assert_exit(result, 0)
        failed = self.run_tool("observe", "--metrics", self.url + "/html?auth_x=t0ps3cret", "--for",
                               "1s", "--every", "200ms")
        self.assert_exit(failed, 3)
        texts = [result.stdout, result.stderr, failed.stdout, failed.stderr]
        for name in ("a.json", "a.html"):
            with open(os.path.join(self.scratch, name)) as file:
                texts.append(file.read())
        for text in texts:
            self.assertNotIn("t0ps3cret", text)
        self.assertEqual(self.load("a.json")["metrics_of"], self.url + "/metrics")

    def test_what_a_url_may_answer(self):
        result = self.run_tool("observe", "--metrics", self.url + "/other", "--for", "1s",
                               "--every", "200ms")
        self.assert_exit(result, 3, "HTTP status 404 instead of 200", "/actuator/prometheus")
        result = self.run_tool("observe", "--metrics", self.url + "/html", "--for", "1s",
                               "--every", "200ms")
        self.assert_exit(result, 2, self.url + "/html: line 1 is not a metric")


class Deployed(unittest.TestCase):
    @unittest.skipUnless(shutil.which("promtool"), "promtool (Debian: prometheus) is not installed")
    def test_promtool_accepts_the_alert_rules(self):
        rules = os.path.join(SOURCE, "deploy", "prometheus-rules.yml")
        result = subprocess.run(["promtool", "check", "rules", rules], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    unittest.main()
