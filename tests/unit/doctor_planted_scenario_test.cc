// Faults of group I: what a scenario meets on a server.
#include <catch2/catch.hpp>

#include "doctor_planted.h"

namespace poolgauge::doctor {

const std::vector<Planted> kPlantedInScenario = {
    {"I1", Level::stop, "syntax error (and 1 more)",
     [](World& w) {
       w.facts.scenario->unprepared = {{"request \"a\" step \"b\"", "syntax error"},
                                       {"request \"a\" step \"c\"", "no such operator"}};
     }},
    {"I1", Level::unknown, "data.setup may create it",
     [](World& w) {
       w.facts.scenario->missing = {{"request \"a\" step \"b\"", "no table t"}};
     }},
    {"I1", Level::stop, "no table t",
     [](World& w) {
       w.facts.scenario->missing = {{"request \"a\" step \"b\"", "no table t"}};
       w.plan.has_setup = false;
     }},
    {"I1", Level::unknown, "the server did not answer",
     [](World& w) { w.facts.scenario->trouble = "the server did not answer"; }},
    {"I2", Level::stop, "permission denied for table t",
     [](World& w) {
       w.facts.scenario->forbidden = {
           {"request \"a\" step \"b\"", "permission denied for table t"}};
     }},
    {"I2", Level::unknown, "through a pooler",
     [](World& w) { w.facts.scenario->rights_seen = false; }},
    {"I2", Level::unknown, "do not exist yet",
     [](World& w) {
       w.facts.scenario->missing = {{"request \"a\" step \"b\"", "no table t"}};
     }},
    {"I3", Level::stop, "a.sql:3: would drop table t",
     [](World& w) { w.facts.scenario->changes = {"a.sql:3: would drop table t"}; }},
    {"I3", Level::note, "would drop table t",
     [](World& w) {
       w.facts.scenario->changes = {"a.sql:3: would drop table t"};
       w.plan.may_replace = true;
     }},
    {"I4", Level::stop, "2 sessions; the host",
     [](World& w) {
       w.facts.scenario->sharing = {"2 sessions", "the host"};
     }},
    {"I4", Level::note, "2 sessions",
     [](World& w) {
       w.facts.scenario->sharing = {"2 sessions"};
       w.plan.shared = true;
     }},
    {"I5", Level::warn, "never analyzed: app.orders",
     [](World& w) { w.facts.scenario->tables[0].analyzed = false; }},
    {"I5", Level::note, "1 table with about 1,000 rows, 953,674 MiB",
     [](World& w) { w.facts.scenario->tables[0].bytes = 1e12; }}};

TEST_CASE("without a scenario there is no group I") {
  World world;
  world.facts.scenario.reset();
  CHECK(judge(world.facts, world.plan, {{"I"}, {}}).findings.empty());
}

}  // namespace poolgauge::doctor
