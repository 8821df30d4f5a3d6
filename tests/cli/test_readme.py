"""What the README and the page on CI tell people to type exists."""

import os
import re

import harness
from harness import Case


class Readme(Case):
    PAGE = "README.md"

    def setUp(self):
        super().setUp()
        with open(os.path.join(harness.SOURCE, self.PAGE)) as file:
            self.text = file.read()

    def typed(self):
        """(command words, options) of each poolgauge command in a code block or span."""
        for match in re.finditer(r"(?m)(?:^(?:\$ )?|`)\S*\bpoolgauge ([a-z][^\n`#]*)", self.text):
            words = match.group(1).split()
            commands = [words[0]]
            if words[0] == "scenario" and len(words) > 1:
                commands.append(words[1])
            yield commands, re.findall(r"(?<!\S)(--[a-z-]+)", match.group(1))

    def test_commands_and_options_exist(self):
        seen = 0
        for commands, options in self.typed():
            seen += 1
            help_text = self.run_tool(*commands, "--help")
            self.assert_exit(help_text, 0)
            for option in options:
                self.assertIn(option, help_text.stdout, commands)
        self.assertGreater(seen, 3)

    def test_scripts_and_links_exist(self):
        for script in set(re.findall(r"\./(scripts/[\w-]+)", self.text)):
            self.assertTrue(os.access(os.path.join(harness.SOURCE, script), os.X_OK), script)
        for link in re.findall(r"\]\(([^)#:]+)\)", self.text):
            place = os.path.join(harness.SOURCE, os.path.dirname(self.PAGE), link)
            self.assertTrue(os.path.exists(place), link)


class CiPage(Readme):
    PAGE = "docs/ci.md"
