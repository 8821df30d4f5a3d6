// Faults of groups D and E.
#include "doctor_planted.h"

namespace poolgauge::doctor {

const std::vector<Planted> kPlantedInActivity = {
    {"D1", Level::warn, "3.0 statements", [](World& w) { w.facts.active.assign(10, 3); }},
    {"D1", Level::stop, "9.0 statements", [](World& w) { w.facts.active.assign(10, 9); }},
    {"D1", Level::warn, "2.0 statements",
     [](World& w) {
       w.plan.cores.reset();
       w.facts.active.assign(10, 2);
     }},
    {"D1", Level::unknown, "could not be read", [](World& w) { w.facts.active.clear(); }},
    {"D2", Level::warn, "90 s", [](World& w) { w.value("D2", "oldest_xact_s", "90"); }},
    {"D3", Level::warn, "web (pid 7)",
     [](World& w) {
       w.facts.first["D3"].rows = {{"7", "web", "app", "12", "1"}};
     }},
    {"D3", Level::stop, "web (pid 7)",
     [](World& w) {
       w.facts.first["D3"].rows = {{"7", "web", "app", "400", "1"}};
     }},
    {"D3", Level::ok, "1 session",
     [](World& w) {
       w.facts.first["D3"].rows = {{"7", "web", "app", "2", "1"}};
     }},
    {"D4", Level::warn, "behind pid 9",
     [](World& w) {
       w.facts.first["D4"].rows = {{"7", "web", "3", "9"}};
     }},
    {"D4", Level::warn, "behind a prepared transaction",
     [](World& w) {
       w.facts.first["D4"].rows = {{"7", "web", "3", "0"}};
     }},
    {"D1", Level::unknown, "track_activities is off",
     [](World& w) { put_setting(w.facts.first, "A6", "track_activities", "off"); }},
    {"D9", Level::unknown, "track_counts is off",
     [](World& w) { put_setting(w.facts.first, "A6", "track_counts", "off"); }},
    {"D4", Level::stop, "6 sessions",
     [](World& w) {
       w.facts.first["D4"].rows.assign(6, {"7", "web", "3", "9"});
     }},
    {"D5", Level::warn, "VACUUM of t",
     [](World& w) {
       w.facts.first["D5"].rows = {{"VACUUM", "t", "scanning heap"}};
     }},
    {"D5", Level::warn, "COPY of t",
     [](World& w) {
       w.facts.first["D5b"].rows = {{"COPY", "t", "COPY FROM"}};
     }},
    {"D5", Level::stop, "base backup",
     [](World& w) {
       w.facts.first["D5"].rows = {{"base backup", "", "streaming database files"}};
     }},
    {"D6", Level::warn, "190,000,000", [](World& w) { w.value("D6", "xid_age", "190000000"); }},
    {"D6", Level::stop, "1,400,000,000", [](World& w) { w.value("D6", "xid_age", "1400000000"); }},
    {"D7", Level::warn, "60 of 110", [](World& w) { w.value("D7b", "requested", "60"); }},
    {"D8", Level::warn, "blocks",
     [](World& w) {
       w.later("D8", "blks_hit", "10000");
       w.later("D8", "blks_read", "2000");
     }},
    {"D8", Level::unknown, "reset", [](World& w) { w.later("D8", "blks_hit", "1"); }},
    {"D9", Level::warn, "50 of 150",
     [](World& w) {
       w.later("D8", "xact_commit", "600");
       w.later("D8", "xact_rollback", "55");
     }},
    {"D9", Level::warn, "1 deadlock", [](World& w) { w.later("D8", "deadlocks", "1"); }},
    {"D10", Level::warn, "20.0 new sessions", [](World& w) { w.later("D10", "sessions", "140"); }},
    {"D11", Level::warn, "session web", [](World& w) { w.value("D11", "xids", "2000000"); }},
    {"D11", Level::warn, "prepared transaction two",
     [](World& w) {
       w.facts.first["D11"].rows = {{"prepared transaction", "two", "5", "400"}};
     }},
    {"D12", Level::warn, "full 2 times",
     [](World& w) { w.later("D12", "wal_buffers_full", "42"); }},
    {"D13", Level::warn, "3 fsyncs", [](World& w) { w.later("D13b", "fsyncs", "3"); }},
    {"E1", Level::stop, "0 synchronous", [](World& w) { w.value("E1", "names", "s1"); }},
    {"E1", Level::warn, "2 synchronous",
     [](World& w) {
       w.value("E1", "names", "ANY 2 (a, b, c)");
       w.value("E1", "candidates", "2");
     }},
    {"E1", Level::ok, "no standby",
     [](World& w) {
       w.value("E1", "names", "s1");
       w.value("E1", "commit_level", "local");
     }},
    {"E1", Level::ok, "no standby",
     [](World& w) {
       w.value("E1", "names", "s1");
       w.value("E1", "standby", "t");
     }},
    {"E2", Level::warn, "9.00 s", [](World& w) { w.value("E2", "replay_lag_s", "9"); }},
    {"E2", Level::stop, "90.00 s",
     [](World& w) {
       w.value("E2", "replay_lag_s", "90");
       w.plan.reads_standby = true;
     }},
    {"E2", Level::unknown, "hidden", [](World& w) { w.value("E2", "state", ""); }},
    {"E3", Level::warn, "inactive replication slots: s1",
     [](World& w) { w.value("E3", "active", "f"); }},
    {"E3", Level::stop, "s1 (lost)", [](World& w) { w.value("E3", "wal_status", "lost"); }},
    {"E4", Level::warn, "9.0 s", [](World& w) { w.value("E4", "behind_s", "9"); }},
    {"E4", Level::ok, "0.0 s",
     [](World& w) {
       w.value("E4", "behind_s", "900");
       w.value("E4", "caught_up", "t");
     }},
    {"E5", Level::warn, "empty", [](World& w) { w.value("E5", "no_command", "t"); }},
    {"E5", Level::warn, "fails", [](World& w) { w.value("E5", "failing", "t"); }},
    {"E5", Level::warn, "fails", [](World& w) { w.later("E5", "failed_count", "1"); }}};

}  // namespace poolgauge::doctor
