"""Completion for three shells, and the manual pages: made of the table that --help is made of."""

import os
import re
import shutil
import subprocess
import unittest

import harness
from harness import PATIENCE, Case, tiny

GROUPS = [[], ["scenario"]]  # what has commands below it


def commands_of(help_text):
    """The words under Commands or Actions."""
    part = re.search(r"(?ms)^(?:Commands|Actions):\n(.*?)(?:\n\n|\Z)", help_text)
    return re.findall(r"(?m)^  ([a-z]+) ", part.group(1)) if part else []


def options_of(help_text):
    """Every option, as typed; explanations and examples begin further right or further left."""
    found = []
    for names in re.findall(r"(?m)^  (-\S*)", help_text):
        found += names.split(",")
    return found


class Shells(Case):
    def setUp(self):
        super().setUp()
        # The scripts call the program by its name.
        os.symlink(harness.PROGRAM, os.path.join(self.scratch, "poolgauge"))
        self.path = self.scratch + os.pathsep + os.environ.get("PATH", "")
        self.write("mine.json", tiny())
        self.write("note.txt", "")
        os.mkdir(os.path.join(self.scratch, "nested"))

    def help(self, command):
        result = self.run_tool(*command, "--help")
        self.assert_exit(result, 0)
        return result.stdout

    def every_command(self):
        for group in GROUPS:
            yield group
            for name in commands_of(self.help(group)):
                if [*group, name] not in GROUPS:
                    yield [*group, name]

    def script(self, shell):
        result = self.run_tool("completion", shell)
        self.assert_exit(result, 0)
        return self.write("completion." + shell, result.stdout)

    def shell(self, *command):
        result = subprocess.run(
            command, cwd=self.scratch, env=self.environment({"PATH": self.path}), timeout=PATIENCE,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.returncode, 0)
        return result.stdout

    def program_of(self, shell):
        found = shutil.which(shell)
        if not found:
            self.skipTest("there is no %s here" % shell)
        return found

    def check_all(self, complete):
        """Every command and option of the help is offered where it can stand."""
        for command in self.every_command():
            text = self.help(command)
            offered = complete([*command, "-"])
            for option in options_of(text):
                self.assertIn(option, offered, command)
            if command in GROUPS:
                self.assertEqual(sorted(complete([*command, ""])), sorted(commands_of(text)))

    def check_some(self, complete):
        self.assertEqual(complete(["ga"]), ["gate"])
        self.assertEqual(complete(["scenario", "im"]), ["import"])
        self.assertEqual(sorted(complete(["run", "x", "--progress", ""])),
                         ["auto", "none", "plain"])
        self.assertEqual(complete(["sweep", "x", "--over", "u"]), ["users"])
        self.assertEqual(sorted(complete(["run", "x", "--pool", "sqlalchemy-"])),
                         ["sqlalchemy-async", "sqlalchemy-null"])
        self.assertEqual(sorted(complete(["run", "chat-1"])), ["chat-100", "chat-100-before"])
        self.assertIn("hold-bound", complete(["simulate", "h"]))
        self.assertEqual(complete(["run", "mi"]), ["mine.json"])
        self.assertIn("note.txt", complete(["run", "x", "--json", "n"]))
        self.assertNotIn("note.txt", complete(["run", "x", "--out", "n"]))
        self.assertEqual(complete(["run", "x", "--users", ""]), [])
        self.assertEqual(complete(["completion", "f"]), ["fish"])
        self.assertEqual(complete(["man", "ga"]), ["gate"])


class Bash(Shells):
    def many(self, lines):
        """What bash offers behind each of these lines; one bash for all of them."""
        source = "source %s\n" % self.script("bash")
        for words in lines:
            quoted = " ".join("'%s'" % word for word in words)
            source += ("COMP_WORDS=(poolgauge %s)\nCOMP_CWORD=%d\n_poolgauge\n"
                       "printf '%%s\\n' \"${COMPREPLY[@]}\"; echo ---\n" % (quoted, len(words)))
        out = self.shell("bash", "-c", source)
        return [part.split() for part in out.split("---\n")[:-1]]

    def complete(self, words):
        return self.many([words])[0]

    def test_it_offers_all_that_the_help_lists(self):
        self.shell("bash", "-n", self.script("bash"))
        self.check_all(self.complete)

    def test_some_words(self):
        self.check_some(self.complete)
        # Bash itself takes these apart.
        self.assertEqual(self.complete(["run", "x", "--progress", "=", "pl"]), ["plain"])
        self.assertEqual(len(self.complete(["run", "x", "--progress", "="])), 3)

    def test_the_key_itself(self):
        """Readline's own completion, with a terminal."""
        typed = "poolgauge run x --progress=pl\t\025poolgauge simu\t\025echo done\n"
        out = harness.in_terminal(["bash", "--norc", "--noprofile", "-i"], self.scratch, [
            "source %s; PS1='> '; echo re''ady\n" % self.script("bash"), typed],
            self.environment({"PATH": self.path}), "done")
        self.assertIn("--progress=plain ", out)
        self.assertIn("poolgauge simulate ", out)


class Fish(Shells):
    def complete(self, words):
        line = "poolgauge " + " ".join(words)
        out = self.shell(self.program_of("fish"), "--no-config", "-c", "source %s; complete -C '%s'"
                         % (self.script("fish"), line))
        return [each.split("\t")[0] for each in out.splitlines()]

    def test_it_offers_all_that_the_help_lists(self):
        self.shell(self.program_of("fish"), "--no-config", "-n", self.script("fish"))

        def short_and_long(words):
            if words[-1] != "-":
                return self.complete(words)
            return self.complete(words) + self.complete([*words[:-1], "--"])

        self.check_all(short_and_long)

    def test_some_words(self):
        self.check_some(self.complete)
        self.assertEqual(self.complete(["run", "x", "--progress=pl"]), ["--progress=plain"])


class Zsh(Shells):
    # As a package installs it; what zsh would show passes through this function.
    PROBE = """
fpath=(%s $fpath)
autoload -U compinit; compinit -u -D
compadd() {
  local -a kept; builtin compadd -O kept "$@"
  print -rl -- $kept >>%s
}
"""

    def zsh(self):
        return self.program_of("zsh")

    def test_it_is_read_without_complaint(self):
        self.shell(self.zsh(), "-n", self.script("zsh"))

    def test_it_has_all_that_the_help_lists(self):
        self.zsh()
        with open(self.script("zsh")) as file:
            text = file.read()
        for command in self.every_command():
            name = "_".join(["_poolgauge", *command])
            body = re.search(r"(?ms)^%s\(\) \{\n(.*?)^\}" % name, text).group(1)
            for option in options_of(self.help(command)):
                self.assertRegex(body, r"%s=?\[" % re.escape(option))
            for below in commands_of(self.help(command)):
                self.assertIn("_".join([name, below]), body)
                self.assertIn("'%s:" % below, body)

    def test_the_key_itself(self):
        found = os.path.join(self.scratch, "found")
        folder = os.path.join(self.scratch, "functions")
        os.mkdir(folder)
        os.rename(self.script("zsh"), os.path.join(folder, "_poolgauge"))
        start = self.write("start.zsh", self.PROBE % (folder, found))
        lines = ["run x --progress ", "sweep x --over u", "scenario im", "run chat-1", "ga",
                 "run x --out ne"]
        typed = "".join("poolgauge %s\t\025" % line for line in lines)
        out = harness.in_terminal([self.zsh(), "-f", "-i"], self.scratch, [
            "source %s; PS1='> '; echo re''ady\n" % start, typed + "echo do''ne\n"],
            self.environment({"PATH": self.path, "TERM": "dumb"}), "done")
        with open(found) as file:
            words = file.read().split()
        for word in ("plain", "users", "import", "chat-100-before", "gate"):
            self.assertIn(word, words, out)
        self.assertIn("nested", " ".join(words), out)


class Manual(Shells):
    def page(self, command):
        result = self.run_tool("man", *command)
        self.assert_exit(result, 0)
        return result.stdout

    def rendered(self, page):
        """As groff shows it; whatever it warns of is a failure."""
        path = self.write("page.1", page)
        shown = self.shell("groff", "-man", "-Tascii", "-ww", "-rLL=200n", path)
        return re.sub(".\x08|\x1b\\[[0-9;]*m", "", shown)  # bold and italic

    def test_every_option_of_the_help_is_in_the_page(self):
        if not shutil.which("groff"):
            self.skipTest("there is no groff here")
        for command in self.every_command():
            text = self.help(command)
            shown = self.rendered(self.page(command))
            self.assertIn("-".join(["poolgauge", *command]), shown)
            for option in options_of(text):
                self.assertRegex(shown, r"(?m)(?:^ +|, )%s(?:,| |$)" % re.escape(option))
            for below in commands_of(text):
                self.assertRegex(shown, r"(?m)^ +%s\b" % below)
            example = text[text.index("Example:\n") + 9:].splitlines()[0].strip()
            self.assertIn(example, shown)
            for part in re.findall(r"(?m)^ {30,}(\S.*)|^  -\S.* {2,}(\S.*)", text):
                words = "".join(part).split("(Env:")[0].split()
                self.assertIn(" ".join(words), " ".join(shown.split()))

    def test_the_program_s_page_has_the_exit_status(self):
        shown = self.page([])
        for status in ("0", "1", "2", "3", "10", "11", "12", "13", "130"):
            self.assertIn("\\fB%s\\fR" % status, shown)

    def test_no_such_page(self):
        self.assert_exit(self.run_tool("man", "rnu"), 2, 'unknown command "rnu"', 'mean "run"')
        self.assert_exit(self.run_tool("man", "run", "fast"), 2, 'unknown command "run fast"')


class Slips(Case):
    def test_no_such_shell(self):
        self.assert_exit(self.run_tool("completion", "tcsh"), 2, "bash, zsh, fish", "tcsh")
        self.assert_exit(self.run_tool("completion"), 2, "SHELL")


if __name__ == "__main__":
    unittest.main()
