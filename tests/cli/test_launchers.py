"""What deploy/ offers to start the parts of a run with, run as it stands where that is possible."""

import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys

import harness
import postgres
from harness import PATIENCE, SOURCE, Case, tiny

DEPLOY = os.path.join(SOURCE, "deploy")
PARTS = 4
FLEET = {"processes": PARTS,
         "pool": {"kind": "sqlalchemy-async", "pool_size": 1, "max_overflow": 0}}


SCHEMA_PACKAGES = ("kubernetes-models@5", "typescript@5")


def manifests():
    """{file: document} of deploy/kubernetes, or the reason why they cannot be read."""
    try:
        import yaml
    except ImportError:
        return None
    found = {}
    for path in sorted(glob.glob(os.path.join(DEPLOY, "kubernetes", "*.yaml"))):
        with open(path) as file:
            found[os.path.basename(path)] = yaml.safe_load(file)
    return found


class Launchers(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = postgres.shared()

    def setUp(self):
        super().setUp()
        self.write("fleet.json", tiny(name="fleet", deployment=FLEET,
                                      load={"rate": 80, "arrivals": "constant"}))
        self.programs = os.path.join(self.scratch, "bin")
        os.mkdir(self.programs)
        os.symlink(harness.PROGRAM, os.path.join(self.programs, "poolgauge"))

    def with_program(self, **more):
        env = self.environment(more)
        env["PATH"] = self.programs + os.pathsep + env["PATH"]
        return env

    def shell(self, command, env):
        return subprocess.run(command, cwd=self.scratch, env=env, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)

    def assert_whole(self, path, result):
        self.assertIn(result.returncode, (0, 12), result.stdout)
        whole = self.load(path)
        self.assertEqual(whole["parts"]["of"], PARTS)
        self.assertEqual(whole["parts"]["missing"], [])
        self.assertEqual(whole["requests"]["scheduled"], 80)

    def kubernetes(self):
        found = manifests()
        if found is None:
            self.skipTest("the manifests are read with python3-yaml")
        return found

    def test_the_indexed_job_does_what_it_says(self):
        run, merge = (self.kubernetes()[name] for name in ("run.yaml", "merge.yaml"))
        job = run["spec"]
        self.assertEqual(job["completionMode"], "Indexed")
        self.assertEqual((job["completions"], job["parallelism"]), (PARTS, PARTS))
        container, = job["template"]["spec"]["containers"]
        fixed = {each["name"]: each["value"] for each in container["env"] if "value" in each}
        self.assertEqual(fixed, {"RUN": "1"})
        secret, = (each["name"] for each in container["env"] if "valueFrom" in each)
        mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
        self.assertEqual(set(mounts), {each["name"] for each in job["template"]["spec"]["volumes"]})

        def here(text):
            text = re.sub(r"\$\((\w+)\)", lambda match: fixed[match.group(1)], text)
            text = text.replace(mounts["scenario"] + "/scenario.json", "fleet.json")
            return text.replace(mounts["results"], "results")

        started = [subprocess.Popen(
            [harness.PROGRAM, *map(here, container["args"]), "--allow-writes"], cwd=self.scratch,
            env=self.with_program(JOB_COMPLETION_INDEX=str(index), **fixed,
                                  **{secret: self.server.conninfo()}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for index in range(PARTS)]
        for process in started:
            self.addCleanup(self._end, process)
        for process in started:
            out = process.communicate(timeout=PATIENCE)[0]
            self.assertIn(process.returncode, (0, 12), out)
        step, = merge["spec"]["template"]["spec"]["containers"]
        environment = {each["name"]: each["value"] for each in step["env"]}
        result = self.shell([here(word) for word in step["command"]],
                            self.with_program(**environment))
        self.assert_whole("results/1/whole.json", result)

    def test_manifests_fit_the_published_schema(self):
        """By what kubernetes-models makes of Kubernetes' OpenAPI: the types know every field's
        name, the validators what may be in it."""
        if os.environ.get("POOLGAUGE_LAUNCHERS") != "all":
            self.skipTest("needs packages of npm: soak.launchers runs it")
        if not shutil.which("npm"):
            self.skipTest("the published schemas are npm's kubernetes-models: npm is not installed")
        found = self.kubernetes()
        checked = [name for name in found if name != "kustomization.yaml"]
        self.assertEqual(checked, ["merge.yaml", "results.yaml", "run.yaml"])
        folder = os.path.join(self.scratch, "schema")
        os.mkdir(folder)
        self.npm(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", *SCHEMA_PACKAGES)
        misspelt = json.loads(json.dumps(found["run.yaml"]))
        misspelt["spec"]["template"]["spec"]["containers"][0]["arg"] = []
        self.assertIn("'\"arg\"' does not exist", self.typed(folder, "misspelt", misspelt))
        for name in checked:
            self.assertEqual(self.typed(folder, name.partition(".")[0], found[name]), "", name)
        wrong = json.loads(json.dumps(found["run.yaml"]))
        wrong["spec"]["completions"] = "four"
        self.assertIn("completions must be integer", self.validated(folder, wrong))
        for name in checked:
            self.assertEqual(self.validated(folder, found[name]), "", name)

    def npm(self, folder, *command, status=0):
        result = subprocess.run(command, cwd=folder, text=True, timeout=PATIENCE,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        if status is not None:
            self.assertEqual(result.returncode, status, result.stdout)
        return result.stdout.strip()

    def typed(self, folder, name, document):
        kind = document["kind"]
        with open(os.path.join(folder, name + ".ts"), "w") as file:
            file.write("import type {I%s} from 'kubernetes-models/%s';\n"
                       "export const document: I%s = %s;\n"
                       % (kind, document["apiVersion"], kind, json.dumps(document)))
        return self.npm(folder, "npx", "tsc", "--noEmit", "--strict", "--module", "nodenext",
                        "--skipLibCheck", name + ".ts", status=None)

    def validated(self, folder, document):
        with open(os.path.join(folder, "validate.mjs"), "w") as file:
            file.write("import {%s} from 'kubernetes-models/%s';\ntry { new %s(%s).validate(); }\n"
                       "catch (error) { console.log(error.message); }\n"
                       % (document["kind"], document["apiVersion"], document["kind"],
                          json.dumps(document)))
        return self.npm(folder, "node", "validate.mjs")

    def test_the_slurm_script_runs_where_its_variables_are_set(self):
        """srun stands in for itself: as many processes, numbered as Slurm does."""
        srun = self.write("bin/srun", "#!%s\n%s" % (sys.executable, SRUN))
        os.chmod(srun, 0o755)
        script = os.path.join(DEPLOY, "slurm", "poolgauge.sbatch")
        env = self.with_program(SLURM_JOB_ID="17", SLURM_NTASKS=str(PARTS))
        result = self.shell([script, "fleet.json", "--target", self.server.conninfo(),
                             "--allow-writes"], env)
        self.assert_whole("poolgauge-17/whole.json", result)
        usage = self.shell([script], env)
        self.assertNotEqual(usage.returncode, 0)
        self.assertIn("usage: sbatch", usage.stdout)

    def test_slurm_runs_it_on_several_nodes(self):
        """A cluster of its own: a controller and a daemon for each node, all on the loopback."""
        if os.environ.get("POOLGAUGE_LAUNCHERS") != "all":
            self.skipTest("takes long: soak.launchers runs it")
        needed = ("slurmctld", "slurmd", "sbatch", "srun", "scontrol")
        if not all(shutil.which(name) for name in needed) or os.geteuid() != 0:
            self.skipTest("Slurm is not installed (Debian: slurm-wlm), or this is not root")
        folder = os.path.join(self.scratch, "slurm")
        os.mkdir(folder)
        ports = free_ports(PARTS + 1)
        conf = self.write("slurm/slurm.conf", SLURM_CONF % {
            "folder": folder, "host": socket.gethostname(), "controller": ports[0]} + "".join(
            "NodeName=part%d NodeHostname=%s NodeAddr=127.0.0.1 Port=%d CPUs=%d State=UNKNOWN\n" % (
                n, socket.gethostname(), ports[n], os.cpu_count()) for n in range(1, PARTS + 1))
            + "PartitionName=all Nodes=part[1-%d] Default=YES State=UP\n" % PARTS)
        self.write("slurm/cgroup.conf", "CgroupPlugin=autodetect\n")
        env = self.with_program(SLURM_CONF=conf)
        daemons = [["slurmctld", "-D", "-f", conf]]
        daemons += [["slurmd", "-D", "-N", "part%d" % n, "-f", conf] for n in range(1, PARTS + 1)]
        for number, command in enumerate(daemons):
            log = open(os.path.join(folder, "daemon%d" % number), "w")
            self.addCleanup(log.close)
            daemon = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log,
                                      stderr=log)
            self.addCleanup(daemon.communicate)
            self.addCleanup(daemon.kill)
        idle = ["sinfo", "-h", "-t", "idle", "-o", "%D"]
        harness.until(lambda: self.shell(idle, env).stdout.strip() == str(PARTS), "no idle nodes",
                      60, 0.2)
        result = self.shell(
            ["sbatch", "--wait", "--nodes=%d" % PARTS, "--output=job.log",
             os.path.join(DEPLOY, "slurm", "poolgauge.sbatch"), "fleet.json", "--target",
             self.server.conninfo(), "--allow-writes"], env)
        with open(os.path.join(self.scratch, "job.log")) as file:
            result.stdout += file.read()
        whole, = glob.glob(os.path.join(self.scratch, "poolgauge-*", "whole.json"))
        self.assert_whole(whole, result)

    def test_gnu_parallel_starts_a_part_for_each_host(self):
        if not shutil.which("parallel"):
            self.skipTest("GNU parallel is not installed (Debian: parallel)")
        self.write("hosts.txt", "# all of them here\n" + ":\n" * PARTS)
        script = os.path.join(DEPLOY, "parallel", "run-parts")
        result = self.shell([script, "hosts.txt", "fleet.json", "--target",
                             self.server.conninfo(), "--allow-writes"], self.with_program())
        folder, = glob.glob(os.path.join(self.scratch, "poolgauge-*"))
        self.assert_whole(os.path.join(folder, "whole.json"), result)


def free_ports(count):
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


SLURM_CONF = """
ClusterName=parts
SlurmctldHost=%(host)s(127.0.0.1)
SlurmctldPort=%(controller)d
AuthType=auth/none
CredType=cred/none
SlurmUser=root
StateSaveLocation=%(folder)s/state
SlurmdSpoolDir=%(folder)s/%%n
SlurmctldPidFile=%(folder)s/slurmctld.pid
SlurmdPidFile=%(folder)s/%%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
"""

SRUN = """
import os, subprocess, sys
command = sys.argv[1:]
while command and command[0].startswith("-"):
    command.pop(0)
tasks = [subprocess.Popen(command, env=dict(os.environ, SLURM_PROCID=str(n)))
         for n in range(int(os.environ["SLURM_NTASKS"]))]
sys.exit(max(task.wait() for task in tasks))
"""
