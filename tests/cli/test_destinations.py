"""Outputs go where they were asked for: links stay, devices and pipes are written into."""

import json
import os
import socket
import stat
import subprocess
import threading

import harness
from harness import PATIENCE, SOURCE, Case, tiny

REPORT = os.path.join(SOURCE, "reports", "example-chat-100.json")


class Destinations(Case):
    FLAGS = ("json", "markdown", "html", "junit", "prometheus", "github-benchmark", "bencher",
             "csv", "hdr", "hgrm")

    def path(self, name):
        return os.path.join(self.scratch, name)

    def rendered(self, flag):
        return self.raw_output("report", REPORT, "--format", flag)

    def raw_output(self, *arguments):
        """With the line ends as they are."""
        result = subprocess.run([harness.PROGRAM, *arguments], cwd=self.scratch, timeout=PATIENCE,
                                env=self.environment(), stdout=subprocess.PIPE, check=True)
        return result.stdout.decode()

    def link(self, name, target):
        os.symlink(target, self.path(name))

    def text(self, name):
        with open(self.path(name), encoding="utf-8", newline="") as file:
            return file.read()

    def test_the_target_of_a_link_is_replaced_and_the_link_stays(self):
        os.mkdir(self.path("elsewhere"))
        for flag in self.FLAGS:
            self.write("elsewhere/" + flag, "old")
            os.chmod(self.path("elsewhere/" + flag), 0o640)
            self.link("second-" + flag, "elsewhere/" + flag)
            self.link(flag, "second-" + flag)
            self.assert_exit(self.run_tool("report", REPORT, "--" + flag, flag), 0)
            self.assertTrue(os.path.islink(self.path(flag)))
            self.assertTrue(os.path.islink(self.path("second-" + flag)))
            self.assertEqual(self.text("elsewhere/" + flag), self.rendered(flag))
            self.assertEqual(os.stat(self.path("elsewhere/" + flag)).st_mode & 0o777, 0o640)
        self.assertEqual(sorted(os.listdir(self.path("elsewhere"))), sorted(self.FLAGS))

    def test_a_link_to_a_new_name_makes_that_file(self):
        self.link("link", "new.json")
        self.assert_exit(self.run_tool("report", REPORT, "--json", "link"), 0)
        self.assertTrue(os.path.islink(self.path("link")))
        self.assertEqual(self.text("new.json"), self.rendered("json"))
        self.link("loop", "loop")
        self.assert_exit(self.run_tool("report", REPORT, "--json", "loop"), 2, "loop")
        self.link("nowhere", "no/such/folder")
        self.assert_exit(self.run_tool("report", REPORT, "--json", "nowhere"), 2)

    def to_file(self, *arguments):
        """Standard output as a regular file, in which something is already."""
        with open(self.path("stdout"), "w") as out:
            out.write("before\n")
            out.flush()
            result = subprocess.run([harness.PROGRAM, *arguments], cwd=self.scratch, stdout=out,
                                    stderr=subprocess.PIPE, env=self.environment(),
                                    timeout=PATIENCE)
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.text("stdout"), result.stderr.decode()

    def test_standard_output_by_its_other_names(self):
        # Through a link of this test's own: a tool that replaced it would replace only that.
        self.link("out", "/dev/stdout")
        self.link("out2", "/proc/self/fd/1")
        for name in ("out", "out2", "/dev/fd/1"):
            said, errors = self.to_file("report", REPORT, "--json", name)
            self.assertEqual(said, "before\n" + self.rendered("json"), name)
            self.assertEqual(errors, "")
        self.assertEqual(os.readlink(self.path("out")), "/dev/stdout")
        self.assertTrue(os.path.islink("/dev/stdout"))
        self.write("tiny.json", tiny())
        said, errors = self.to_file("simulate", "tiny.json", "--json", "out")
        self.assertTrue(json.loads(said.partition("\n")[2])["requests"])
        self.assertIn("tiny", errors)  # the summary gives way, as for "-"
        said, _ = self.to_file("scenario", "new", "out")
        self.assertIn('"version": 1', said)
        result = self.run_tool("report", REPORT, "--json", "-", "--markdown", "out")
        self.assert_exit(result, 2, "would both write to standard output")

    def test_descriptors_and_fifos(self):
        read, write = os.pipe()
        got = []
        reader = threading.Thread(target=lambda: got.append(open(read, "rb").read()))
        reader.start()
        result = self.run_tool("report", REPORT, "--csv", "/dev/fd/%d" % write, pass_fds=(write,))
        os.close(write)
        reader.join(PATIENCE)
        self.assert_exit(result, 0)
        self.assertEqual(got[0].decode(), self.rendered("csv"))
        os.mkfifo(self.path("fifo"))
        self.link("to-fifo", "fifo")
        for name in ("fifo", "to-fifo"):
            reader = subprocess.Popen(["cat", "fifo"], cwd=self.scratch, stdout=subprocess.PIPE)
            self.assert_exit(self.run_tool("report", REPORT, "--html", name), 0)
            shown = reader.communicate(timeout=PATIENCE)[0].decode()
            self.assertEqual(shown, self.rendered("html"))
            self.assertTrue(stat.S_ISFIFO(os.stat(self.path("fifo")).st_mode))
        self.assert_exit(self.run_tool("report", REPORT, "--html", "fifo"), 2,
                         "start the process that reads")
        read, write = os.pipe()
        result = self.run_tool("report", REPORT, "--csv", "/dev/fd/%d" % read, pass_fds=(read,))
        os.close(read)
        os.close(write)
        self.assert_exit(result, 2, "open only for reading")

    def test_sockets_and_terminals(self):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(self.path("socket"))
            server.listen()
            got = []

            def serve():
                connection, _ = server.accept()
                got.append(connection.makefile("rb").read())
                connection.close()
            reader = threading.Thread(target=serve)
            reader.start()
            self.assert_exit(self.run_tool("report", REPORT, "--csv", "socket"), 0)
            reader.join(PATIENCE)
            self.assertEqual(got[0].decode(), self.rendered("csv"))
        controller, terminal = os.openpty()
        result = self.run_tool("report", REPORT, "--hgrm", os.ttyname(terminal))
        self.assert_exit(result, 0)
        self.assertIn(b"Percentile", os.read(controller, 65536))
        os.close(terminal)
        os.close(controller)

    def test_scenarios_and_pages(self):
        self.link("link.json", "made.json")
        self.assert_exit(self.run_tool("scenario", "new", "link.json"), 0)
        self.assertTrue(os.path.islink(self.path("link.json")))
        self.assertIn("requests", self.text("made.json"))
        self.assert_exit(self.run_tool("scenario", "new", "link.json"), 2,
                         "already exists")
        self.write("script.sql", "SELECT 1;\n")
        self.link("import.json", "imported.json")
        arguments = ("scenario", "import", "--pgbench", "script.sql", "--output")
        self.assert_exit(self.run_tool(*arguments, "import.json"), 0)
        self.assertTrue(json.loads(self.text("imported.json")))
        self.assert_exit(self.run_tool(*arguments, "-"), 0)
        os.mkdir(self.path("pages"))
        self.write("page", "old")
        self.link("pages/poolgauge.1", "../page")
        self.assert_exit(self.run_tool("man", "--all", "pages"), 0)
        self.assertTrue(os.path.islink(self.path("pages/poolgauge.1")))
        self.assertIn(".TH", self.text("page"))


class Appending(Case):
    def test_sixteen_at_once_lose_nothing(self):
        with open(REPORT) as file:
            report = json.load(file)
        report["histograms"] = []
        for i in range(16):
            report["seed"] = i
            os.mkdir(os.path.join(self.scratch, "runs%d" % i))
            self.write("runs%d/r.json" % i, report)
        os.symlink("kept.jsonl", os.path.join(self.scratch, "history.jsonl"))
        processes = [self.start_tool("history", "runs%d" % i, "--append", "history.jsonl")
                     for i in range(16)]
        for process in processes:
            _, errors = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, 0, errors)
        with open(os.path.join(self.scratch, "kept.jsonl")) as file:
            lines = file.read().splitlines()
        self.assertEqual(sorted(json.loads(line)["seed"] for line in lines), list(range(16)))
        self.assertTrue(os.path.islink(os.path.join(self.scratch, "history.jsonl")))
        left = [name for name in os.listdir(self.scratch) if name.startswith(".")]
        self.assertEqual(left, [])
        result = self.run_tool("history", "runs0", "--append", "-")
        self.assert_exit(result, 0)
        self.assertEqual(json.loads(result.stdout.splitlines()[0])["seed"], 0)

    def test_what_the_file_holds_besides_leaves_no_doubt_about_the_scenario(self):
        with open(REPORT) as file:
            report = json.load(file)
        for name in ("mine", "other"):
            os.mkdir(os.path.join(self.scratch, name))
            report["scenario"]["name"] = name
            self.write(name + "/r.json", report)
            result = self.run_tool("history", name, "--append", "all.jsonl")
            self.assert_exit(result, 0)
            self.assertIn(name, result.stdout)
        both = self.run_tool("history", "all.jsonl")
        self.assert_exit(both, 2,
                         "all.jsonl contains runs of several scenarios: mine (1), other (1)")
        self.assert_exit(self.run_tool("history", "mine", "--append", "all.jsonl", "--scenario",
                                       "none"), 2,
                         "neither mine nor all.jsonl contains a run of scenario none")
        chosen = self.run_tool("history", "mine", "--append", "all.jsonl", "--scenario", "other")
        self.assert_exit(chosen, 0)
