"""The scripts that install and build, in trouble: with programs in the path that act the part."""

import os
import shutil
import stat
import subprocess

from harness import PATIENCE, SOURCE, Case

TOOLS = ("bash", "grep", "sed", "tail", "head", "tee", "mktemp", "rm", "cat", "mkdir", "cp", "env",
         "printf", "basename", "sort", "find", "true")
NOT_INSTALLED = "exit 1"


class Scripts(Case):
    def setUp(self):
        super().setUp()
        self.bin = os.path.join(self.scratch, "bin")
        os.mkdir(self.bin)
        for tool in TOOLS:
            os.symlink(shutil.which(tool), os.path.join(self.bin, tool))
        self.tree = os.path.join(self.scratch, "tree")
        shutil.copytree(os.path.join(SOURCE, "scripts"), os.path.join(self.tree, "scripts"))
        self.stub("id", "echo 0")
        self.stub("df", "printf 'Avail\\n99999\\n'")

    def stub(self, name, script):
        """A program that notes how it was called."""
        path = os.path.join(self.bin, name)
        if os.path.lexists(path):
            os.remove(path)  # a link: what it leads to must not be written
        with open(path, "x") as file:
            file.write("#!/bin/bash\necho \"%s $*\" >>'%s/called'\n%s\n"
                       % (name, self.scratch, script))
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def called(self):
        path = os.path.join(self.scratch, "called")
        if not os.path.exists(path):
            return ""
        with open(path) as file:
            return file.read()

    def bash(self, script, **variables):
        return subprocess.run(
            [os.path.join(self.bin, "bash"), "-c",
             "set -euo pipefail; . scripts/lib.sh; have_server() { false; }; " + script],
            cwd=self.tree, env={"PATH": self.bin, "HOME": self.scratch, "TMPDIR": self.tmpdir,
                                **variables},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=PATIENCE)

    def written(self, name, text):
        path = os.path.join(self.tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)


class Installing(Scripts):
    def test_what_is_there_is_not_touched(self):
        self.stub("dpkg-query", "echo installed")
        result = self.bash("need_packages g++ cmake")
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
        self.assertNotIn("apt-get", self.called())

    def test_it_is_said_before_it_is_done(self):
        self.stub("dpkg-query", "case \"$*\" in *cmake*) echo installed ;; *) exit 1 ;; esac")
        self.stub("apt-get", "case \"$*\" in *assume-no*) echo 'Need to get 9 MB of archives.' ;; "
                             "*) echo chatter ;; esac")
        result = self.bash("without_services() { \"$@\"; }; need_packages g++ cmake ninja-build")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("to be installed with apt-get: g++ ninja-build\n", result.stdout)
        self.assertIn("Need to get 9 MB", result.stdout)
        self.assertNotIn("chatter", result.stdout + result.stderr)
        self.assertRegex(self.called(), r"apt-get .*install -qq -y .* g\+\+ ninja-build\n")

    def test_without_a_network(self):
        self.stub("dpkg-query", NOT_INSTALLED)
        self.stub("apt-get", "echo 'Temporary failure resolving'; exit 100")
        result = self.bash("need_packages g++ cmake; echo went on")
        self.assertEqual(result.returncode, 1)
        for piece in ("Temporary failure resolving", "could not be installed",
                      "apt-get install g++ cmake", "start this again"):
            self.assertIn(piece, result.stderr)
        self.assertNotIn("went on", result.stdout)

    def test_without_root_and_sudo(self):
        self.stub("dpkg-query", NOT_INSTALLED)
        self.stub("id", "echo 1000")
        self.stub("apt-get", "true")
        result = self.bash("need_packages g++ cmake")
        self.assertEqual(result.returncode, 1)
        self.assertIn("neither root nor sudo", result.stderr)
        self.assertIn("apt-get install g++ cmake", result.stderr)
        self.assertNotIn("apt-get", self.called())

    def test_on_another_distribution_what_is_missing_is_named(self):
        self.stub("g++", "true")
        result = self.bash("need_packages g++ cmake postgresql-15")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no dpkg here", result.stdout)
        self.assertIn("g++ cmake postgresql-15", result.stdout)
        self.assertIn("missing: cmake, ninja, a PostgreSQL server", result.stderr)

    def test_on_another_distribution_it_goes_on_with_what_is_there(self):
        for name in ("g++", "cmake", "ninja"):
            self.stub(name, "true")
        result = self.bash("have_server() { true; }; need_packages g++ cmake; echo went on")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("went on", result.stdout)

    def test_a_release_without_that_server_takes_its_own(self):
        self.stub("apt-cache", "case $2 in postgresql) echo '  Candidate: 17+278' ;; "
                               "*) echo '  Candidate: (none)' ;; esac")
        self.assertEqual(self.bash("server_package postgresql-15").stdout, "postgresql\n")
        self.stub("apt-cache", "echo '  Candidate: 15.8-0+deb12u1'")
        self.assertEqual(self.bash("server_package postgresql-15").stdout, "postgresql-15\n")


class Building(Scripts):
    def setUp(self):
        super().setUp()
        self.good_cmake()

    def good_cmake(self):
        self.stub("cmake", "case $1 in --preset) echo '# ' >build/release/build.ninja; "
                           "echo \"BUILD_TESTING:BOOL=${3#*=}\" >build/release/CMakeCache.txt ;; "
                           "*) for i in 1 2 3 4 5 6 7 8; do echo \"[$i/8] Building $i.cc\"; done "
                           ";; esac")

    def test_a_count_and_no_lines_of_the_compiler(self):
        result = self.bash("build release poolgauge")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout.splitlines(), [
            "==> configuring release", "==> building release: poolgauge",
            "    2 of 8", "    4 of 8", "    6 of 8", "    8 of 8"])

    def test_tests_are_configured_once_they_are_wanted(self):
        script = "BUILD_TESTING=%s; build release >/dev/null"
        for wanted, configured in (("OFF", 1), ("OFF", 1), ("ON", 2), ("OFF", 2), ("ON", 2)):
            result = self.bash(script % wanted)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(self.called().count("cmake --preset"), configured, wanted)

    def test_an_error_of_the_compiler_is_shown(self):
        self.stub("cmake", "case $1 in --preset) ;; *) echo '[1/8] Building a.cc'; "
                           "echo 'a.cc:7: error: boom'; exit 1 ;; esac")
        result = self.bash("build release")
        self.assertEqual(result.returncode, 1)
        self.assertIn("a.cc:7: error: boom", result.stderr)
        self.assertIn("build/release/build.log", result.stderr)
        self.assertNotIn("Building a.cc", result.stdout + result.stderr)

    def test_a_full_disk_is_named(self):
        self.stub("cmake", "case $1 in --preset) ;; *) echo 'write: No space left on device'; "
                           "exit 1 ;; esac")
        self.assertIn("the disk is full", self.bash("build release").stderr)
        self.stub("df", "printf 'Avail\\n  120\\n'")
        result = self.bash("build release")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"needs \d+ MiB, and the disk has +120 MiB free")

    def test_what_failed_to_configure_is_configured_again(self):
        self.stub("cmake", "echo half >build/release/CMakeCache.txt; echo 'not found: libpq'; "
                           "exit 1")
        result = self.bash("build release")
        self.assertEqual(result.returncode, 1)
        self.assertIn("not found: libpq", result.stderr)
        self.assertFalse(os.path.exists(self.tree + "/build/release/CMakeCache.txt"))
        self.good_cmake()
        self.assertEqual(self.bash("build release").returncode, 0)


class Numbers(Case):
    def test_a_locale_changes_no_number(self):
        question = ["size", "--processes", "3", "--rate", "100", "--hold", "50ms", "--rules"]
        plain = self.run_tool(*question, env={"LC_ALL": "C"}).stdout
        self.assertRegex(plain, r"\d\.\d")
        self.assertTrue(plain.isascii())
        for locale in ("de_DE.UTF-8", "de_DE@euro"):
            said = self.run_tool(*question, env={"LC_ALL": locale}).stdout
            self.assertNotRegex(said, r"\d,\d(?!\d\d)")
