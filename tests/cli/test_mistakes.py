"""What people get wrong: each answer names the place, the cause and the cure; nothing starts."""

import json
import os

import mistakes
import postgres
from harness import Case, sql_scenario, tiny
from test_hostile import SECRET, Secrets


class Mistakes(Case):
    def test_every_mistake_is_told_with_place_cause_and_cure(self):
        self.assertGreaterEqual(len(mistakes.ALL), 40)
        for mistake in mistakes.ALL:
            with self.subTest(mistake.name):
                mistakes.lay_out(mistake, self.scratch)
                result = self.run_tool(*mistake.arguments, env=mistake.env)
                self.assert_exit(result, mistake.status, *mistake.pieces)
                self.assertEqual(result.stdout, "")
                self.assertNotIn(":pw@", result.stderr)
                self.assertEqual(self.reports(), [])

    def test_no_target_shows_its_password(self):
        self.write("tiny.json", tiny())
        more = ("jdbc:postgresql://db.invalid/app?user=app&password=" + SECRET,
                "Host=db.invalid;Username=app;Password=" + SECRET,
                "postgresql+asyncpg://app:%s@db.invalid/app" % SECRET,
                "mysql://app:%s@db.invalid/app" % SECRET,
                "app:%s@db.invalid/app" % SECRET)
        for form in Secrets.FORMS + more:
            for name in ("--target", "POOLGAUGE_TARGET", "DATABASE_URL"):
                with self.subTest(form=form, name=name):
                    typed = [name, form] if name == "--target" else []
                    result = self.run_tool("run", "tiny.json", *typed, timeout=60,
                                           env={} if typed else {name: form})
                    self.assertIn(result.returncode, (2, 3), result.stderr)
                    self.assertNotIn(SECRET, result.stdout + result.stderr)

    def test_a_byte_order_mark_is_no_mistake(self):
        self.write("bom.json", "\ufeff" + mistakes.TEXT)
        self.assert_exit(self.run_tool("scenario", "check", "bom.json"), 0)

    def test_the_flags_of_every_pool_are_named_once(self):
        self.write("tiny.json", tiny())
        result = self.run_tool("simulate", "tiny.json", "--pool", "hikari", "--pool-size", "30",
                               "--pool-timeout", "5s", "--statement-cost", "1ms", "--json", "out")
        self.assert_exit(result, 0)
        self.assertEqual(
            result.stderr.count("note: for pool kind hikari, --pool-size is maximumPoolSize, "
                                "--pool-timeout is connectionTimeout"), 1, result.stderr)
        options = self.load("out")["pools"][0]["options"]
        self.assertEqual(options["maximumPoolSize"], 30)


class OnServers(Case):
    @classmethod
    def setUpClass(cls):
        cls.server = postgres.shared()

    def run_on(self, scenario, **changes):
        self.write("tiny.json", scenario)
        return self.run_tool("run", "tiny.json", "--target", self.server.conninfo(**changes))

    def test_a_wrong_password(self):
        result = self.run_on(tiny(), password="Wrong-Horse-77")
        self.assert_exit(result, 3, self.server.directory, "password authentication failed",
                         "PGPASSWORD")
        self.assertNotIn("Wrong-Horse-77", result.stderr)

    def test_a_database_that_is_missing(self):
        self.assert_exit(self.run_on(tiny(), dbname="nonesuch"), 3, "nonesuch", "no such database",
                         "createdb")

    def test_an_address_without_a_database_takes_the_role(self):
        result = self.run_on(tiny(), dbname="")
        self.assert_exit(result, 3, '"tester" does not exist', "has no database")

    def test_a_table_that_is_missing(self):
        self.assert_exit(self.run_on(sql_scenario("SELECT * FROM none_such")), 2, '"one"',
                         '"none_such" does not exist', "data.setup")

    def test_database_url_is_used_and_named_first(self):
        self.write("tiny.json", tiny())
        uri = "postgresql://tester:%s@/postgres?host=%s" % (
            postgres.PASSWORD, self.server.directory)
        result = self.run_tool("run", "tiny.json", env={"DATABASE_URL": uri})
        self.assert_exit(result, 0)
        first = result.stderr.splitlines()[0]
        self.assertIn("DATABASE_URL", first)
        self.assertIn(os.path.join(self.server.directory) + ":5432/postgres", first)
        self.assertNotIn(postgres.PASSWORD, result.stdout + result.stderr)
        self.assertEqual(self.only_report()["target"]["kind"], "server")
        self.assertEqual(self.only_report()["target"]["named_by"], "DATABASE_URL")
        # Whatever names a target otherwise wins.
        embedded = self.run_tool("run", "tiny.json", "--embedded", "--json", "-",
                                 env={"DATABASE_URL": uri})
        self.assert_exit(embedded, 0)
        self.assertNotIn("DATABASE_URL", embedded.stderr)
        self.assertNotIn("named_by", json.loads(embedded.stdout)["target"])
