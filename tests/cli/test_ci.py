"""The recipes for CI do what they say: their own commands, run as their systems would run them,
against a PostgreSQL on another port."""

import glob
import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ET

import harness
import postgres
from harness import PATIENCE, SOURCE, Case, sql_scenario

try:
    import yaml
except ImportError:
    yaml = None

PORT = 6543
SLOW = "CREATE OR REPLACE FUNCTION work() RETURNS int LANGUAGE plpgsql AS " \
       "$$ BEGIN PERFORM pg_sleep(%s); RETURN 1; END $$"
# Sleeping costs no processor, so a busy machine moves these figures little; the margins do more.
MARGINS = ["--metric=p50(latency)=40%", "--metric=throughput=40%"]


def read(*path):
    with open(os.path.join(SOURCE, *path)) as file:
        return file.read()


def setUpModule():
    directory = tempfile.mkdtemp(prefix="pgs-")
    os.chmod(directory, 0o755)
    unittest.addModuleCleanup(shutil.rmtree, directory, ignore_errors=True)
    Recipe.server = postgres.Server(directory)
    unittest.addModuleCleanup(Recipe.server.stop)
    Recipe.server.start(port=PORT)


@unittest.skipIf(yaml is None, "python3-yaml is missing")
class Recipe(Case):
    """A checkout with a scenario in it, poolgauge in the path, and a database."""

    server = None  # one for all
    good_runs = None

    def setUp(self):
        super().setUp()
        self.bin = os.path.join(self.scratch, "bin")
        os.mkdir(self.bin)
        os.symlink(harness.PROGRAM, os.path.join(self.bin, "poolgauge"))
        self.temp = os.path.join(self.scratch, "runner")
        os.mkdir(self.temp)
        self.write("load.json", sql_scenario(
            "SELECT work()", duration="500ms", warmup="100ms", load={"users": 8}, deployment={
                "pool": {"kind": "sqlalchemy", "pool_size": 8, "max_overflow": 0}}))
        self.slowness(0.01)

    def slowness(self, seconds):
        """What a migration might do to a query."""
        self.server.query(SLOW % seconds)

    def target(self):
        return "host=%s port=%d user=tester dbname=postgres" % (self.server.directory, PORT)

    def stub(self, name, script):
        """A program that is not to be run for real; it notes how it was called."""
        path = os.path.join(self.bin, name)
        with open(path, "w") as file:
            file.write("#!/bin/sh\necho \"%s $*\" >>'%s/called'\n%s\n"
                       % (name, self.scratch, script))
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def called(self):
        path = os.path.join(self.scratch, "called")
        return self.text_of("called") if os.path.exists(path) else ""

    def bash(self, script, environment, options="-eo"):
        variables = {"PATH": self.bin + os.pathsep + os.environ["PATH"],
                     "PGPASSWORD": postgres.PASSWORD, "RUNNER_TEMP": self.temp}
        variables.update(environment)
        self.write("step.sh", script)
        return subprocess.run(
            ["bash", "--noprofile", "--norc", options, "pipefail", "step.sh"], cwd=self.scratch,
            env=self.environment(variables), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=PATIENCE)

    def text_of(self, name):
        with open(os.path.join(self.scratch, name)) as file:
            return file.read()

    def cases(self, name):
        """{case: the message of its failure, or None}; the file follows the schema."""
        path = os.path.join(self.scratch, name)
        if shutil.which("xmllint"):
            xsd = os.path.join(SOURCE, "tests", "cli", "junit.xsd")
            subprocess.run(["xmllint", "--noout", "--schema", xsd, path], check=True,
                           timeout=PATIENCE, stderr=subprocess.DEVNULL)
        return {case.get("name"): next((each.get("message") for each in case.findall("failure")),
                                       None) for case in ET.parse(path).getroot().iter("testcase")}

    def baseline(self):
        """Four runs of the good state, measured once."""
        if Recipe.good_runs is None:
            Recipe.good_runs = tempfile.mkdtemp(prefix="pgb-")
            unittest.addModuleCleanup(shutil.rmtree, Recipe.good_runs, ignore_errors=True)
            result = self.run_tool(
                "gate", "load.json", "--runs", "4", "--keep-runs", Recipe.good_runs, "--quiet",
                "--target", self.target(), env={"PGPASSWORD": postgres.PASSWORD})
            self.assertIn(result.returncode, (0, 12), result.stdout + result.stderr)
        if not glob.glob(Recipe.good_runs + "/*.json"):  # such runs become no baseline
            self.skipTest("the load generator was saturated in every run of the good state")
        shutil.copytree(Recipe.good_runs, os.path.join(self.scratch, "baselines"))
        return "baselines"

    def judged(self, result, code, folder="out"):
        """Whether the gate came to that verdict. Otherwise its report must say why nothing is
        decided: on a busy machine that is the right answer, and what follows is not looked at."""
        if result.returncode == code:
            return True
        self.assertEqual(result.returncode, 12, result.stdout + result.stderr)
        reports = glob.glob(os.path.join(self.scratch, folder, "*.json"))
        verdict = self.load(max(reports, key=os.path.getmtime))["verdict"]
        self.assertEqual(verdict["status"], "inconclusive")
        self.assertTrue(verdict["reasons"])
        return False

    def kept(self):
        return len(glob.glob(self.scratch + "/out/runs/*.json"))

    def unkept(self, result):
        """How many runs said that they are no baseline: a busy machine spoils some of a gate's."""
        return len(re.findall(r"(?m)^poolgauge: .* is not saved in out/runs: \S",
                              result.stdout + result.stderr))

    def check_message(self, text):
        """What a developer is told: which figure, by how much, how sure, from what to what."""
        said = " ".join(text.split())
        self.assertRegex(said, r"(throughput|p50\(latency\)) (fell|rose) by [\d.]+ % "
                         r"\([\d.]+ % to [\d.]+ %, [\d.]+ % confidence, \d and \d runs\), "
                         r"from [\d.,]+.* to [\d.,]+")


class Action(Recipe):
    def setUp(self):
        super().setUp()
        self.action = yaml.safe_load(read("action.yml"))
        for name in ("summary", "output"):
            self.write(name, "")

    def step(self, name):
        return next(each for each in self.action["runs"]["steps"] if each["name"] == name)

    def run_step(self, name, **inputs):
        """As GitHub does: inputs and contexts in place of ${{ }}, the outputs as files."""
        given = {key: str(value.get("default", ""))
                 for key, value in self.action["inputs"].items()}
        given.update({key.replace("_", "-"): value for key, value in inputs.items()})
        contexts = {"github.token": "t", "github.workflow": "tests", "github.repository": "o/r"}
        contexts.update({"inputs." + key: value for key, value in given.items()})

        def value_of(text):
            return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda m: contexts[m.group(1)], text)

        step = self.step(name)
        self.assertEqual(step["shell"], "bash")
        self.assertNotIn("${{", step["run"])  # text from outside must not become code
        environment = {key: value_of(value) for key, value in step["env"].items()}
        environment.update({"GITHUB_STEP_SUMMARY": os.path.join(self.scratch, "summary"),
                            "GITHUB_OUTPUT": os.path.join(self.scratch, "output"),
                            "GITHUB_ACTION_PATH": os.path.join(self.scratch, "action")})
        return self.bash(step["run"], environment)

    def gate(self, **inputs):
        return self.run_step("Gate", scenario="load.json", target=self.target(), out="out",
                             args="\n".join([*MARGINS, "--allow-writes"]), **inputs)

    def test_every_input_is_used_and_every_use_has_an_input(self):
        text = read("action.yml")
        used = set(re.findall(r"inputs\.([\w-]+)", text))
        self.assertEqual(used, set(self.action["inputs"]))
        for step in self.action["runs"]["steps"]:
            self.assertEqual("run" in step, "uses" not in step)

    def test_a_gate_that_passes_then_one_that_fails(self):
        baseline = self.baseline()
        good = self.gate(baseline=baseline, slo="p90(latency) < 5s\nmax(latency) < 9s")
        if not self.judged(good, 0):
            return
        self.assertIn("status=0\nreport=out/gate.json\n", self.text_of("output"))
        self.assertIn("NO REGRESSION", self.text_of("summary"))
        self.assertIn("max(latency) < 9s", self.text_of("summary"))
        self.assertEqual(set(self.cases("out/gate.xml").values()), {None})
        self.assertEqual(self.kept() + self.unkept(good), 4)

        self.slowness(0.025)
        bad = self.gate(baseline=baseline)
        if not self.judged(bad, 11):
            return
        error = re.search(r"(?m)^::error title=Capacity gate::(.*)$", bad.stdout).group(1)
        self.check_message(error.replace("%25", "%"))
        self.assertNotRegex(error, r"%(?!25)")  # GitHub reads %0A as a new line
        self.assertIn("**REGRESSION**", self.text_of("summary"))
        self.assertIn("Look at", self.text_of("summary"))
        failed = {name: why for name, why in self.cases("out/gate.xml").items() if why}
        self.assertEqual(set(failed), {"p50(latency) compared with the baseline",
                                       "throughput compared with the baseline"})
        self.assertRegex(failed["p50(latency) compared with the baseline"],
                         r"→ .* allowed \+40 %")
        self.assertNotIn(postgres.PASSWORD, bad.stdout + bad.stderr + self.text_of("summary"))

    def test_one_run_beside_one_is_inconclusive_and_may_be_a_warning(self):
        self.baseline()
        one = glob.glob(self.scratch + "/baselines/*.json")[0]
        result = self.gate(baseline=one, runs="1", inconclusive="warn")
        self.assert_exit(result, 0)
        self.assertIn("::warning title=Capacity gate, inconclusive::", result.stdout)
        self.assertIn("status=12", self.text_of("output"))
        self.assertIn("INCONCLUSIVE", self.text_of("summary"))
        # No figure failed, but the suite as a whole does not look like one that passed.
        self.assertEqual(set(self.cases("out/gate.xml").values()), {None})
        if self.unkept(result):  # then there is nothing to decide any figure by
            return
        self.assertRegex(self.text_of("out/gate.xml"), r'<skipped message="inconclusive: p50')
        self.assertRegex(self.text_of("out/gate.xml"), r' failures="0" errors="1" ')

    def test_what_cannot_be_judged_says_so_in_the_summary(self):
        result = self.gate(baseline="no-such-directory")
        self.assert_exit(result, 2, "no-such-directory")
        self.assertIn("could not judge (status 2)", self.text_of("summary"))

    def test_the_baseline_is_fetched_and_its_absence_is_no_failure(self):
        self.stub("gh", "case \"$*\" in *list*) echo 42 ;; *) mkdir -p \"$7\" ;; esac")
        result = self.run_step("Fetch the baseline", baseline_artifact="good")
        self.assert_exit(result, 0)
        self.assertIn("--branch main --status success", self.called())
        self.assertIn("gh run download 42 --name good --dir %s/poolgauge-baseline" % self.temp,
                      self.called())
        self.assertEqual(result.stdout, "")
        self.stub("gh", "exit 1")
        result = self.run_step("Fetch the baseline", baseline_artifact="good")
        self.assert_exit(result, 0)
        self.assertIn("::warning title=No baseline yet::", result.stdout)

    def test_installing(self):
        self.assert_exit(self.run_step("Install poolgauge"), 0)  # it is there
        self.assertEqual(self.called(), "")
        self.stub("apt-get", "")
        self.stub("sudo", "exec \"$@\"")
        self.stub("curl", "")
        self.write("p.deb", "")
        self.assert_exit(self.run_step("Install poolgauge", deb="p.deb"), 0)
        self.assertIn("apt-get update", self.called())
        self.assertRegex(self.called(), r"apt-get install .* %s/p\.deb\n" % self.scratch)
        self.assert_exit(self.run_step("Install poolgauge", deb="https://h/p.deb"), 0)
        self.assertRegex(self.called(), r"curl .* https://h/p\.deb\n")

    def test_an_image_without_curl_gets_it(self):
        """The container of docs/ci.md's example, debian:12, has none."""
        self.assertIn("container: debian:12", read("docs", "ci.md"))
        for name in ("bash", "id", "realpath", "dirname", "sh", "chmod"):
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        self.stub("sudo", 'exec "$@"')
        self.stub("apt-get", "case $* in *curl*) printf '#!/bin/sh\\necho fetched $* >>%s/called'"
                  " >%s/curl; chmod +x %s/curl ;; esac" % (self.scratch, self.bin, self.bin))
        result = self.bash(self.step("Install poolgauge")["run"],
                           {"PATH": self.bin, "DEB": "https://example.org/p.deb"})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        called = self.called()
        self.assertRegex(called, r"(?s)apt-get install .*curl\n.*fetched .*https://example.org/p"
                         r"\.deb\n.*apt-get install .*poolgauge\.deb")

    def test_without_a_package_it_is_built_from_the_action_s_sources(self):
        os.remove(os.path.join(self.bin, "poolgauge"))
        os.makedirs(os.path.join(self.scratch, "action", "scripts"))
        self.stub("apt-get", "")
        self.stub("sudo", "exec \"$@\"")
        self.stub("package", "touch \"$1\"")
        os.rename(os.path.join(self.bin, "package"),
                  os.path.join(self.scratch, "action", "scripts", "package"))
        self.assert_exit(self.run_step("Install poolgauge"), 0)
        self.assertRegex(self.called(), r"package %s/poolgauge\.deb\n(?s:.*)apt-get install "
                         r".*/poolgauge\.deb\n" % self.temp)


class GitLab(Recipe):
    def setUp(self):
        super().setUp()
        self.file = yaml.safe_load(read("ci", "gitlab-ci.yml"))

    def run_job(self, name, **variables):
        job = self.file[name]
        self.assertEqual(job["extends"], ".poolgauge")
        environment = dict(self.file["variables"])
        environment.update(self.file[".poolgauge"]["variables"])
        environment.update({
            "SCENARIO": "load.json", "POOLGAUGE_TARGET": self.target(), "CI_JOB_TOKEN": "t",
            "PGPASSWORD": postgres.PASSWORD, "CI_API_V4_URL": "https://h/api/v4",
            "CI_PROJECT_ID": "7", "CI_DEFAULT_BRANCH": "main"})
        environment.update(variables)
        return self.bash("\n".join(job["script"]), environment)

    def test_the_baseline_s_job_then_the_gate_s(self):
        result = self.run_job("poolgauge-baseline")
        self.assertIn(result.returncode, (0, 12), result.stdout + result.stderr)
        if result.returncode == 12:  # too busy a machine: the job ends before it keeps anything
            return
        kept = os.path.join(self.scratch, "poolgauge-report", "baseline.tar.gz")
        # What GitLab would hand out, when asked for that very job's file.
        self.stub("curl", "while [ \"$1\" != -o ]; do shift; done; cp '%s' \"$2\"" % kept)
        self.slowness(0.025)
        result = self.run_job("poolgauge-gate")
        decided = self.judged(result, 11, "poolgauge-report")
        self.assertIn("/projects/7/jobs/artifacts/main/raw/poolgauge-report/baseline.tar.gz"
                      "?job=poolgauge-baseline", self.called())
        if decided:
            self.check_message(result.stdout)
            self.assertTrue(any(self.cases("poolgauge-report/gate.xml").values()))

    def test_without_a_baseline_the_goals_decide(self):
        self.stub("curl", "exit 22")
        result = self.run_job("poolgauge-gate")
        self.judged(result, 0, "poolgauge-report")
        self.assertIn("no baseline yet", result.stdout)

    def test_its_parts(self):
        template = self.file[".poolgauge"]
        self.assertEqual(template["artifacts"]["reports"]["junit"], "poolgauge-report/gate.xml")
        self.assertEqual(self.file["poolgauge-gate"]["allow_failure"], {"exit_codes": [12]})
        syntax = self.bash("\n".join(template["before_script"]), {}, "-neo")
        self.assert_exit(syntax, 0)


class Jenkins(Recipe):
    def test_its_commands(self):
        text = read("ci", "Jenkinsfile")
        script = re.search(r"script: '''\n(.*?)'''", text, re.DOTALL).group(1)
        # Between three quotes a backslash is Groovy's, and one before a new line joins the lines.
        script = script.replace("\\\n", "")
        self.assertNotIn("\\", script)
        self.baseline()
        result = self.bash(script, {"SCENARIO": "load.json", "POOLGAUGE_TARGET": self.target()})
        self.assertIn(result.returncode, (0, 12), result.stdout + result.stderr)
        self.assertTrue(self.cases("poolgauge-report/gate.xml"))
        self.assertIn("poolgauge-report/gate.xml", text.split("post {")[1])
        self.assertEqual(text.count("{"), text.count("}"))


class Container(unittest.TestCase):
    def test_it_installs_what_the_scripts_install(self):
        lists = subprocess.run(
            ["bash", "-c", ". scripts/lib.sh; echo ${BUILD_PACKAGES[@]} ${PACKAGING_PACKAGES[@]};"
             "echo ${SERVER_PACKAGES[@]}"], cwd=SOURCE, stdout=subprocess.PIPE, check=True,
            text=True).stdout.splitlines()
        text = read("Dockerfile").replace("\\\n", " ")
        build, final = text.split("FROM debian:12-slim")[1:]
        installed = re.search(r"--no-install-recommends\s+([^&\n]*)", build).group(1)
        self.assertEqual(installed.split(), lists[0].split())
        self.assertEqual(re.search(r"ARG SERVER=(.*)", final).group(1).split(), lists[1].split())
        self.assertLess(final.index("USER poolgauge"), final.index("ENTRYPOINT"))
