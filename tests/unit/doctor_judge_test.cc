// What is not seen is never fine; what was not asked for is left out.
#include <catch2/catch.hpp>

#include "doctor_sample.h"

namespace poolgauge::doctor {
namespace {

const DoctorFinding& finding_of(const Diagnosed& diagnosed, std::string_view id) {
  const auto found = std::find_if(diagnosed.findings.begin(), diagnosed.findings.end(),
                                  [id](const DoctorFinding& each) { return each.id == id; });
  REQUIRE(found != diagnosed.findings.end());
  return *found;
}

TEST_CASE("a query that fails makes each check that needs it unknown") {
  for (const DoctorQuery& query : queries()) {
    DoctorFacts facts = fine_facts();
    DoctorAnswer& answer = facts.first[std::string(query.id)];
    answer = {};
    answer.unknown = "permission denied";
    answer.no_right = true;
    const Diagnosed diagnosed = judge(facts, fine_plan(), {});
    for (const Check& check : checks()) {
      const auto all = check.needed();
      const bool needs = std::find(all.begin(), all.end(), query.id) != all.end();
      if (!needs) continue;
      INFO(check.id << " needs " << query.id);
      const DoctorFinding& finding = finding_of(diagnosed, check.id);
      CHECK(finding.level == DoctorLevel::unknown);
      CHECK(finding.seen == "permission denied");
      CHECK(finding.cure == "GRANT pg_monitor TO \"app\";");
    }
  }
}

TEST_CASE("without the right to see others an ok becomes unknown, and a fault stays one") {
  DoctorFacts facts = fine_facts();
  put(facts.first, "A4", "sees_all", "f");
  facts.role = "a\"b";
  put(facts.first, "D2", "oldest_xact_s", "90");
  const Diagnosed diagnosed = judge(facts, fine_plan(), {});
  for (const Check& check : checks()) {
    if (!check.of_others || check.id == "D2") continue;
    INFO(check.id);
    const DoctorFinding& finding = finding_of(diagnosed, check.id);
    CHECK(finding.level == DoctorLevel::unknown);
    CHECK(finding.cure == "GRANT pg_monitor TO \"a\"\"b\";");
  }
  CHECK(finding_of(diagnosed, "D2").level == DoctorLevel::warn);
  put(facts.first, "A4", "superuser", "t");
  CHECK(judge(facts, fine_plan(), {}).count(DoctorLevel::unknown) == 0);
}

TEST_CASE("what a version does not have is left out") {
  DoctorFacts facts = fine_facts();
  facts.version_num = 130'023;
  for (const char* const id : {"A7b", "D5b", "D7b", "D10", "D12", "D13b"}) facts.first.erase(id);
  facts.first["D7"] = answer_of({"timed", "requested"}, {{"9", "1"}});
  facts.first["D13"] = facts.second["D13"] = answer_of({"fsyncs"}, {{"0"}});
  std::erase_if(facts.first["C1"].rows, [](const auto& row) {
    return row[0] == "idle_session_timeout" || row[0] == "transaction_timeout";
  });
  const Diagnosed diagnosed = judge(facts, fine_plan(), {});
  for (const char* const id : {"C3", "C5", "D10", "D12"}) {
    const bool there = std::any_of(diagnosed.findings.begin(), diagnosed.findings.end(),
                                   [id](const DoctorFinding& each) { return each.id == id; });
    INFO(id);
    CHECK_FALSE(there);
  }
  CHECK(finding_of(diagnosed, "D7").level == DoctorLevel::ok);
  CHECK(finding_of(diagnosed, "D13").level == DoctorLevel::ok);
  CHECK(diagnosed.count(DoctorLevel::unknown) == 0);
}

TEST_CASE("without a plan nothing is held against one") {
  const Diagnosed diagnosed = judge(fine_facts(), {}, {{}, {"A1"}});
  for (const DoctorFinding& finding : diagnosed.findings) {
    INFO(finding.id);
    CHECK(finding.level == DoctorLevel::ok);
    for (const char* const id : {"A1", "B4", "B7", "H7", "H10"}) CHECK(finding.id != id);
  }
}

TEST_CASE("checks are chosen by id or group, and PgBouncer's alone without a server") {
  const Diagnosed some = judge(fine_facts(), fine_plan(), {{"B1", "F"}, {"F10", "F2"}});
  CHECK(some.findings.front().id == "B1");
  CHECK(some.findings.size() == 9);
  CHECK(unknown_names({"B1", "H", "Z", "B77", "b1"}) == std::vector<std::string>{"Z", "B77", "b1"});
  DoctorFacts console;
  add_pooler(console);
  for (const DoctorFinding& finding : judge(console, fine_plan(), {}).findings) {
    CHECK(finding.id[0] == 'H');
    CHECK(finding.id != "H5");  // there is no server to compare with
  }
  const auto asked = queries_for({{"A7"}, {}});
  CHECK(asked.contains("A7b"));
  CHECK(asked.contains("A4"));
  CHECK_FALSE(asked.contains("B1"));
  CHECK(queries_for({{"C2"}, {}}).contains("C0"));  // what its cure depends on
}

TEST_CASE("checks stand in the order of their ids, and name queries that exist") {
  std::string_view last = "A0";
  for (const Check& check : checks()) {
    INFO(check.id << " after " << last);
    const bool later = check.id[0] > last[0] || std::stoi(std::string(check.id.substr(1))) >=
                                                    std::stoi(std::string(last.substr(1)));
    CHECK(later);
    last = check.id;
    for (const std::string_view id : queries_of(check.id)) CHECK(find_query(id) != nullptr);
    CHECK((!queries_of(check.id).empty() || !asks_otherwise(check.id).empty()));
  }
  for (const DoctorQuery& query : queries()) CHECK(query.sql.starts_with("\nSELECT"));
}

TEST_CASE("a server may answer anything") {
  for (const char* const text : {"", "nan", "inf", "-1e300", "1e300", "-9e15", "x", "\xff"}) {
    DoctorFacts facts = fine_facts();
    for (DoctorAnswers* answers : {&facts.first, &facts.second, &facts.pooler}) {
      for (auto& [id, answer] : *answers) {
        for (auto& row : answer.rows) row.assign(row.size(), text);
      }
    }
    CHECK(judge(facts, fine_plan(), {}).findings.size() > 50);
    for (auto& [id, answer] : facts.first) answer.rows.clear();
    CHECK(judge(facts, fine_plan(), {}).findings.size() > 50);
  }
}

TEST_CASE("the verdict is that of the worst finding") {
  Diagnosed diagnosed;
  CHECK(diagnosed.verdict() == DoctorVerdict::healthy);
  const auto add = [&diagnosed](DoctorLevel level) {
    diagnosed.findings.emplace_back();
    diagnosed.findings.back().level = level;
  };
  add(DoctorLevel::unknown);
  add(DoctorLevel::note);
  CHECK(diagnosed.verdict() == DoctorVerdict::healthy);
  add(DoctorLevel::warn);
  CHECK(diagnosed.verdict() == DoctorVerdict::warning);
  add(DoctorLevel::stop);
  CHECK(diagnosed.verdict() == DoctorVerdict::unhealthy);
}

}  // namespace
}  // namespace poolgauge::doctor
