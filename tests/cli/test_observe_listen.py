"""`observe --listen`: metrics and health over HTTP, until it is stopped."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import unittest
import urllib.error
import urllib.request

from harness import until
from test_observe import ObserveCase

TOKEN = "correct-horse-battery-staple"


class Listen(ObserveCase):
    def listen(self, *arguments, address="127.0.0.1:0"):
        process = self.start_tool("observe", "--target", self.server.conninfo(), "--listen",
                                  address, *arguments)
        line = self.wait_for_line(process, "serving http://")
        return process, re.search(r"http://\S+:\d+", line).group(0)

    def get(self, url, accept=None, token=None):
        request = urllib.request.Request(url)
        if accept:
            request.add_header("Accept", accept)
        if token:
            request.add_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read().decode()

    def stop(self, process):
        code, _, err = self.interrupt(process, signal.SIGTERM)
        self.assertEqual(code, 0, err)

    def test_metrics_and_health_until_it_is_stopped(self):
        held = self.sessions(2, "BEGIN")
        process, url = self.listen("--group", held + "=20")
        until(lambda: held in self.get(url + "/metrics")[2], "no sample")
        status, kind, text = self.get(url + "/metrics")
        self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.assertRegex(text, r'poolgauge_observe_in_use_sessions\{.*"%s".*\} 2\n' % held)
        self.assertRegex(text, r'poolgauge_observe_limit_connections\{.*"%s".*\} 20\n' % held)
        self.assertIn("poolgauge_observe_connected 1\n", text)
        if shutil.which("promtool"):
            checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual((checked.returncode, checked.stdout), (0, ""))
        status, kind, text = self.get(url + "/metrics", accept="application/openmetrics-text")
        self.assertTrue(kind.startswith("application/openmetrics-text"))
        self.assertTrue(text.endswith("# EOF\n"))
        status, kind, text = self.get(url + "/health")
        self.assertEqual((status, kind), (200, "application/json"))
        health = json.loads(text)
        self.assertTrue(health["database"]["connected"])
        self.assertEqual(health["pool"]["checked_out"], 2)
        pools = json.loads(self.get(url + "/health/pool?application=" + held)[2])["pools"]
        self.assertEqual([(p["checked_out"], p["utilization"]) for p in pools], [(2, 0.1)])
        self.assertEqual(json.loads(self.get(url + "/health/ping")[2])["status"], "healthy")
        self.assertEqual(self.get(url + "/")[0], 404)
        # A second one on the same port is refused, and does not share its requests.
        taken = self.observe("--listen", url[len("http://"):])
        self.assert_exit(taken, 2, "cannot listen on 127.0.0.1")
        self.stop(process)

    def test_other_addresses_need_a_token(self):
        self.assert_exit(self.observe("--listen", "0.0.0.0:0"), 2, "a token is needed",
                         "--token-file")
        path = os.path.join(self.scratch, "token")
        for text, mode, piece in (("short\n", 0o600, "at least 16"),
                                  (TOKEN + " x\n", 0o600, "blank"),
                                  (TOKEN + "\n", 0o644, "chmod 600")):
            with open(path, "w") as file:
                file.write(text)
            os.chmod(path, mode)
            self.assert_exit(self.observe("--listen", "0.0.0.0:0", "--token-file", path), 2, piece)
        os.chmod(path, 0o600)
        process, url = self.listen("--token-file", path, address="0.0.0.0:0")
        url = url.replace("0.0.0.0", "127.0.0.1")
        self.assertEqual(self.get(url + "/health/ping")[0], 401)
        self.assertEqual(self.get(url + "/health/ping", token=TOKEN[:-1] + "x")[0], 401)
        until(lambda: self.get(url + "/health/ping", token=TOKEN)[0] == 200, "not healthy")
        self.stop(process)

    def test_what_is_typed_wrong(self):
        for arguments, pieces in (
                (["--listen", "9187"], ("is not an address with a port", "127.0.0.1:9187")),
                (["--listen", "127.0.0.1:http"], ("is not an address",)),
                (["--listen", "::1:9187"], ("is not an address",)),
                (["--listen", "127.0.0.1:0", "--json", "a.json"], ("exclude each other",)),
                (["--listen", "127.0.0.1:0", "--record", "a"], ("--record exclude",)),
                (["--listen", "127.0.0.1:0", "--token-file", "absent"], ("--token-file",)),
                (["--token-file", "x"], ("--token-file needs --listen",))):
            self.assert_exit(self.observe(*arguments), 2, *pieces)
        self.assert_exit(self.observe("--listen", "127.0.0.1:0", user="humble"), 3,
                         "GRANT pg_read_all_stats")

    def test_a_slow_client_delays_nobody(self):
        process, url = self.listen()
        host, port = url[len("http://"):].split(":")
        with socket.create_connection((host, int(port))) as slow:
            slow.sendall(b"GET /metrics HT")
            until(lambda: self.get(url + "/health/ping")[0] == 200, "not healthy")
        self.stop(process)


if __name__ == "__main__":
    unittest.main()
