// Faults of groups A to C.
#include "doctor_planted.h"

namespace poolgauge::doctor {

const std::vector<Planted> kPlantedOnServer = {
    {"A1", Level::stop, "12.22",
     [](World& w) {
       w.facts.version_num = 120'022;
       w.facts.server_version = "12.22";
     }},
    {"A1", Level::warn, "no longer supported", [](World& w) { w.facts.version_num = 130'022; }},
    {"A1", Level::warn, "supported for 30 more days",
     [](World& w) {
       w.facts.version_num = 140'000;
       w.plan.today = 20'769 - 30;  // 2026-11-12
     }},
    {"A1", Level::note, "newer than", [](World& w) { w.facts.version_num = 190'000; }},
    {"A2", Level::warn, "rds", [](World& w) { w.value("A2", "families", "rds"); }},
    {"A2", Level::warn, "aurora", [](World& w) { w.value("A2", "aurora", "t"); }},
    {"A3", Level::warn, "a pooler:", [](World& w) { w.facts.startup_pid = 1; }},
    {"A3", Level::warn, "transaction mode", [](World& w) { w.facts.second_pid = 4712; }},
    {"A4", Level::warn, "cannot see", [](World& w) { w.value("A4", "sees_all", "f"); }},
    {"A5", Level::note, "a standby", [](World& w) { w.value("A5", "standby", "t"); }},
    {"A5", Level::stop, "and the scenario writes",
     [](World& w) {
       w.value("A5", "standby", "t");
       w.plan.writes = true;
     }},
    {"A5", Level::note, "read_only is on", [](World& w) { w.value("A5", "read_only", "on"); }},
    {"A6", Level::stop, "track_counts is off",
     [](World& w) { put_setting(w.facts.first, "A6", "track_counts", "off"); }},
    {"A7", Level::note, "missing",
     [](World& w) {
       w.value("A7", "schema", "");
       w.value("A7", "loaded", "f");
     }},
    {"A7", Level::warn, "evicted", [](World& w) { w.later("A7b", "dealloc", "9"); }},
    {"A8", Level::warn, "started 100 s ago", [](World& w) { w.value("A8", "up_s", "100"); }},
    {"A8", Level::warn, "reset", [](World& w) { w.value("A8", "statistics_s", "3"); }},
    {"B1", Level::warn, "82.5 %",
     [](World& w) {
       w.value("B1", "clients", "80");
       w.plan.connections = 10;
     }},
    {"B1", Level::stop, "free", [](World& w) { w.value("B1", "clients", "93"); }},
    // A run monitors the server through one connection; with --shared, its guards have another.
    {"B1", Level::ok, "41 free", [](World& w) { w.value("B1", "clients", "56"); }},
    {"B1", Level::stop,
     "40 slots are free, but the pools may open 40 connections, and a run opens "
     "1 more to monitor the server",
     [](World& w) { w.value("B1", "clients", "57"); }},
    {"B1", Level::stop, "opens 2 more to monitor the server",
     [](World& w) {
       w.value("B1", "clients", "56");
       w.plan.shared = true;
     }},
    {"B1", Level::ok, "40 free",  // the pools connect to a pooler, not to the server
     [](World& w) {
       w.value("B1", "clients", "57");
       w.facts.startup_pid = 1;
     }},
    {"B2", Level::ok, "role app",
     [](World& w) {
       w.value("B2", "rolconnlimit", "10");
       w.facts.second_pid = 1;
     }},
    {"B4", Level::unknown, "a pooler",
     [](World& w) {
       w.facts.second_pid = 1;
       w.facts.pooler_trouble = "cannot connect";
     }},
    {"B6", Level::warn, "(no name) (2)",
     [](World& w) {
       w.value("B6", "application_name", "");
       w.value("B6", "sessions", "2");
     }},
    {"B9", Level::unknown, "track_activities is off",
     [](World& w) { put_setting(w.facts.first, "A6", "track_activities", "off"); }},
    {"B2", Level::stop, "role app", [](World& w) { w.value("B2", "rolconnlimit", "10"); }},
    {"B2", Level::warn, "role app", [](World& w) { w.value("B2", "rolconnlimit", "50"); }},
    {"B2", Level::ok, "no connection limit",
     [](World& w) {
       w.value("B2", "rolconnlimit", "1");
       w.value("B2", "rolsuper", "t");
     }},
    {"B3", Level::stop, "database app", [](World& w) { w.value("B3", "datconnlimit", "10"); }},
    {"B3", Level::stop, "invalid", [](World& w) { w.value("B3", "datconnlimit", "-2"); }},
    {"B4", Level::stop, "100 connections", [](World& w) { w.plan.connections = 100; }},
    {"B4", Level::warn, "90",
     [](World& w) {
       w.plan.connections = 80;
       w.plan.per_instance = 10;
     }},
    {"B5", Level::warn, "600", [](World& w) { w.value("B1", "max_connections", "600"); }},
    {"B6", Level::warn, "web (1)", [](World& w) { w.value("B6", "application_name", "web"); }},
    {"B7", Level::warn, "MiB", [](World& w) { w.plan.memory_mib = 3500; }},
    {"B7", Level::stop, "MiB", [](World& w) { w.plan.memory_mib = 2500; }},
    {"B8", Level::warn, "31.2 %", [](World& w) { w.value("B8", "locks", "2000"); }},
    {"B8", Level::stop, "93.8 %", [](World& w) { w.value("B8", "locks", "6000"); }},
    {"B9", Level::warn, "web (10 idle)",
     [](World& w) {
       w.value("B9", "idle", "10");
       w.value("B9", "youngest_idle_s", "700");
     }},
    {"C0", Level::warn, "statement_timeout = 5s (role app",
     [](World& w) {
       w.facts.first["C0"].rows = {{"(all)", "app", "statement_timeout", "5s"}};
     }},
    {"C1", Level::warn, "no limit", [](World& w) { w.timeout("statement_timeout", "0"); }},
    {"C1", Level::stop, "is 0.005 s", [](World& w) { w.timeout("statement_timeout", "5"); }},
    {"C2", Level::warn, "no limit",
     [](World& w) { w.timeout("idle_in_transaction_session_timeout", "0"); }},
    {"C2", Level::stop, "is 0.1 s",
     [](World& w) { w.timeout("idle_in_transaction_session_timeout", "100"); }},
    {"C3", Level::stop, "60 s", [](World& w) { w.timeout("idle_session_timeout", "60000"); }},
    {"C3", Level::warn, "7200 s", [](World& w) { w.timeout("idle_session_timeout", "7200000"); }},
    {"C4", Level::warn, "20 s", [](World& w) { w.timeout("deadlock_timeout", "20000"); }},
    {"C5", Level::warn, "60 s", [](World& w) { w.timeout("transaction_timeout", "60000"); }},
    {"C5", Level::stop, "0.5 s", [](World& w) { w.timeout("transaction_timeout", "500"); }},
    {"C6", Level::warn, "7200 s", [](World& w) { w.timeout("tcp_keepalives_idle", "7200"); }},
    {"C7", Level::warn, "100000", [](World& w) { w.timeout("scram_iterations", "100000"); }},
    {"C8", Level::warn, "up to", [](World& w) {
       w.timeout("authentication_timeout", "1");
       w.facts.connects.assign(5, {1, 0, 800});
     }}};

}  // namespace poolgauge::doctor
