// The renderings of `doctor`.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "poolgauge/doctor.h"
#include "report/doctor_words.h"

namespace poolgauge {
namespace {

DoctorFinding doctor_finding(const char* id, DoctorLevel level, const char* seen) {
  DoctorFinding finding;
  finding.id = id;
  finding.title = "title";
  finding.level = level;
  finding.seen = seen;
  finding.source = "somebody";
  finding.why = "Because.";
  if (level != DoctorLevel::ok) finding.cure = "CURE " + finding.id + ";";
  finding.figures = {{"n", "3"}};
  finding.queries = {id};
  return finding;
}

Diagnosed doctor_sample() {
  Diagnosed diagnosed;
  diagnosed.server_version = "17.6";
  diagnosed.address = "db.example:5432/app";
  diagnosed.role = "app";
  diagnosed.database = "app";
  diagnosed.findings = {doctor_finding("A4", DoctorLevel::ok, "fine"),
                        doctor_finding("A7", DoctorLevel::ok, "fine"),
                        doctor_finding("B1", DoctorLevel::warn, "<b>80 %</b> | \x1b[31m"),
                        doctor_finding("B3", DoctorLevel::stop, "full"),
                        doctor_finding("D1", DoctorLevel::unknown, "hidden"),
                        doctor_finding("D2", DoctorLevel::unknown, "hidden")};
  diagnosed.findings[3].limit = "95 %";
  diagnosed.findings[5].cure = diagnosed.findings[4].cure;
  return diagnosed;
}

bool doctor_has(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

TEST_CASE("the terminal: verdict, worst first, one reason once, a line for each group") {
  const std::string text = to_terminal(doctor_sample(), TerminalStyle{});
  CHECK(text.starts_with("✗ unhealthy: 1 finding that rules out a load test, 1 warning; 2 checks"));
  CHECK(doctor_has(text,
                   "2 could not be checked\n  PostgreSQL 17.6 at db.example:5432/app as app\n"));
  CHECK(text.find("stop     B3") < text.find("warn     B1"));
  CHECK(doctor_has(text, "  limit  95 % (somebody)\n  why    Because.\n  do     CURE B3;\n"));
  CHECK(doctor_has(text, "unknown  D1, D2: hidden\n  do     CURE D1;\n"));
  Diagnosed alone = doctor_sample();
  std::erase_if(alone.findings, [](const DoctorFinding& one) { return one.id == "D2"; });
  CHECK(doctor_has(to_terminal(alone, TerminalStyle{}),
                   "unknown  D1 " + alone.findings.back().title + ": hidden\n"));
  CHECK(doctor_has(text, "✓  A  server and rights: 2 checks, all fine\n"));
  CHECK(doctor_has(text, "   B  available slots: 0 of 2 checks fine\n"));
  CHECK_FALSE(doctor_has(text, "\x1b"));
  CHECK(doctor_has(to_terminal(doctor_sample(), {false, false, 80, false}), "x unhealthy"));
}

TEST_CASE("JSON holds every check, Markdown and JUnit escape what a server says") {
  const DoctorRun run{"1.2.3", "poolgauge doctor", "2026-01-31T12:00:00Z", 3};
  const nlohmann::json document = nlohmann::json::parse(to_json(doctor_sample(), run));
  CHECK(document["checks"].size() == 6);
  CHECK(document["verdict"]["status"] == "unhealthy");
  CHECK(document["verdict"]["exit_code"] == 3);
  CHECK(document["verdict"]["counts"]["unknown"] == 2);
  CHECK(document["checks"][0]["cure"].is_null());
  CHECK(document["checks"][0]["figures"]["n"] == "3");
  CHECK(doctor_has(document["checks"][0]["queries"][0]["sql"], "pg_read_all_stats"));
  const std::string markdown = to_markdown(doctor_sample());
  CHECK(doctor_has(markdown, "**unhealthy"));
  CHECK_FALSE(doctor_has(markdown, "<b>"));
  CHECK(doctor_has(markdown, "| CURE B3; |"));  // advice, not a statement to paste
  const std::string junit = to_junit(doctor_sample(), run);
  CHECK_FALSE(doctor_has(junit, "<b>"));
  CHECK(doctor_has(junit, "tests=\"6\" failures=\"1\" errors=\"0\" skipped=\"2\""));
  CHECK(doctor_has(junit, "timestamp=\"2026-01-31T12:00:00\""));
}

}  // namespace
}  // namespace poolgauge
