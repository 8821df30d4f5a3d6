"""The Debian package: built by cpack, unpacked, and used from there."""

import glob
import gzip
import os
import re
import shutil
import subprocess

import harness
from harness import PATIENCE, SOURCE, Case, tiny


class Package(Case):
    def setUp(self):
        super().setUp()
        self.config = os.path.join(os.path.dirname(harness.PROGRAM), "CPackConfig.cmake")
        for needed in ("cpack", "dpkg-shlibdeps", "file"):
            if not os.path.exists(self.config) or not shutil.which(needed):
                self.skipTest("a package needs the build's folder, cpack, dpkg-dev and file")
        self.pack()

    def pack(self):
        made = os.path.join(self.scratch, "made")
        self.run_in(["cpack", "-G", "DEB", "-B", made,
                     "--config", self.config])
        self.deb, = glob.glob(made + "/*.deb")
        self.root = os.path.join(self.scratch, "root")
        self.run_in(["dpkg-deb", "-x", self.deb, self.root])

    def run_in(self, command):
        result = subprocess.run(
            command, cwd=self.scratch, env=self.environment(), timeout=PATIENCE, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout

    def fields(self):
        text = self.run_in(["dpkg-deb", "-f", self.deb])
        return dict(re.findall(r"(?m)^([\w-]+): (.*)$", text))

    def installed(self, path):
        path = os.path.join(self.root, "usr", path)
        self.assertTrue(os.path.isfile(path), path)
        return path

    def test_it_has_all_and_works(self):
        self.look_at_the_fields()
        self.look_at_the_files()
        self.use_the_program()

    def look_at_the_fields(self):
        fields = self.fields()
        version = self.run_tool("--version").stdout.split()[1]
        self.assertEqual(fields["Package"], "poolgauge")
        self.assertEqual(fields["Version"], version)
        machine = self.run_in(["dpkg", "--print-architecture"]).strip()
        self.assertEqual(fields["Architecture"], machine)
        self.assertEqual(os.path.basename(self.deb), "poolgauge_%s_%s.deb" % (version, machine))
        for library in ("libc6 (>=", "libpq5", "libssl", "libstdc++6", "zlib1g"):
            self.assertIn(library, fields["Depends"])
        self.assertEqual(fields["Recommends"], "postgresql")
        self.assertIn("Maintainer", fields)
        # What it needs is what the loader looks for: every library is of a package it depends on.
        needed = self.run_in(["ldd", self.installed("bin/poolgauge")])
        self.assertNotIn("not found", needed)

    def look_at_the_files(self):
        share = os.path.join(self.root, "usr", "share")
        for name in glob.glob(os.path.join(SOURCE, "scenarios", "**", "*.*"), recursive=True):
            self.installed("share/poolgauge/" + os.path.relpath(name, SOURCE))
        for file, shell in (("bash-completion/completions/poolgauge", "bash"),
                            ("zsh/vendor-completions/_poolgauge", "zsh"),
                            ("fish/vendor_completions.d/poolgauge.fish", "fish")):
            with open(self.installed("share/" + file)) as script:
                self.assertEqual(script.read(), self.run_tool("completion", shell).stdout)
        pages = sorted(os.listdir(os.path.join(share, "man", "man1")))
        self.assertIn("poolgauge.1.gz", pages)
        self.assertIn("poolgauge-scenario-import.1.gz", pages)
        with gzip.open(os.path.join(share, "man", "man1", "poolgauge-run.1.gz"), "rt") as page:
            self.assertEqual(page.read(), self.run_tool("man", "run").stdout)
        for name in ("copyright", "changelog.gz", "README.md", "docs/gate.md"):
            self.installed("share/doc/poolgauge/" + name)
        self.check_modes()

    def check_modes(self):
        """Nothing is writable by others, and only the program can be executed."""
        for line in self.run_in(["dpkg-deb", "-c", self.deb]).splitlines():
            mode, owner, path = line.split()[0], line.split()[1], line.split()[5]
            self.assertEqual(owner, "root/root", line)
            opens = mode[0] == "d" or path.endswith("/bin/poolgauge")
            self.assertEqual(mode[1:], "rwxr-xr-x" if opens else "rw-r--r--", line)

    def use_the_program(self):
        built, harness.PROGRAM = harness.PROGRAM, self.installed("bin/poolgauge")
        try:
            self.assertRegex(self.run_tool("--version").stdout, r"^poolgauge \d")
            size = self.run_tool("size", "--processes", "4", "--cores", "8")
            self.assert_exit(size, 0)
            self.assertIn("pool_size", size.stdout)
            self.write("tiny.json", tiny())
            played = self.run_tool("simulate", "tiny.json", "--duration", "2s")
            self.assert_exit(played, 0)
            # A name finds the scenarios that came with it, and their SQL.
            self.write("root/usr/share/poolgauge/scenarios/only-here.json", tiny(
                data={"setup": ["sql/chat-setup.sql"]}))
            self.assert_exit(self.run_tool("scenario", "check", "only-here"), 0)
            self.assertIn("only-here", self.run_tool("scenario", "list").stdout)
        finally:
            harness.PROGRAM = built
