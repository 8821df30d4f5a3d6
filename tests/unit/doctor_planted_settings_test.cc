// Faults of groups F to H.
#include "doctor_planted.h"

namespace poolgauge::doctor {

const std::vector<Planted> kPlantedInSettings = {
    {"F1", Level::warn, "fsync is off", [](World& w) { w.setting("fsync", "off"); }},
    {"F1", Level::note, "remote_apply",
     [](World& w) { w.setting("synchronous_commit", "remote_apply"); }},
    {"F2", Level::warn, "log_statement", [](World& w) { w.setting("log_statement", "all"); }},
    {"F2", Level::warn, "log_connections", [](World& w) { w.setting("log_connections", "on"); }},
    {"F3", Level::warn, "log_analyze",
     [](World& w) { w.setting("auto_explain.log_analyze", "on"); }},
    {"F3", Level::note, "pgaudit",
     [](World& w) { w.setting("shared_preload_libraries", "pgaudit"); }},
    {"F3", Level::unknown, "hidden",
     [](World& w) {
       std::erase_if(w.facts.first["F1"].rows,
                     [](const auto& row) { return row[0] == "shared_preload_libraries"; });
     }},
    {"F4", Level::warn, "128 MiB",
     [](World& w) {
       w.setting("shared_buffers", "16384");
       w.value("F4", "database_bytes", "900000000");
     }},
    {"F5", Level::warn, "assertions", [](World& w) { w.setting("debug_assertions", "on"); }},
    {"F5", Level::note, "jit is on", [](World& w) { w.setting("jit", "on"); }},
    {"F6", Level::note, "off", [](World& w) { w.setting("track_io_timing", "off"); }},
    {"F7", Level::warn, "off",
     [](World& w) {
       w.setting("huge_pages_status", "off");
       w.setting("shared_buffers", "2097152");
       w.value("B1", "max_connections", "400");
     }},
    {"F8", Level::warn, "autovacuum is off", [](World& w) { w.setting("autovacuum", "off"); }},
    {"F8", Level::note, "2 parallel",
     [](World& w) { w.setting("max_parallel_workers_per_gather", "2"); }},
    {"F9", Level::warn, "shared_buffers",
     [](World& w) {
       w.facts.first["F9"].rows = {{"shared_buffers", "16384"}};
     }},
    {"G1", Level::warn, "p95",
     [](World& w) {
       w.facts.round_trips_ms.assign(45, 0.5);
       w.facts.round_trips_ms.insert(w.facts.round_trips_ms.end(), 5, 9.0);
     }},
    {"G1", Level::warn, "3.00 ms", [](World& w) { w.facts.round_trips_ms.assign(50, 3); }},
    {"G1", Level::ok, "3.00 ms",
     [](World& w) {
       w.facts.round_trips_ms.assign(50, 3);
       w.facts.over_socket = true;
     }},
    {"G2", Level::warn, "80.0 ms",
     [](World& w) {
       w.facts.connects.assign(5, {10, 20, 50});
     }},
    {"G2", Level::stop, "2.00 s",
     [](World& w) {
       w.facts.connects.assign(5, {0, 0, 2000});
     }},
    {"G2", Level::unknown, "no connect", [](World& w) { w.facts.connects.clear(); }},
    {"G3", Level::warn, "no TLS", [](World& w) { w.value("G3", "ssl", "f"); }},
    {"G3", Level::ok, "local",
     [](World& w) {
       w.value("G3", "ssl", "f");
       w.facts.over_socket = true;
     }},
    {"G4", Level::warn, "3600.0 s ahead", [](World& w) { w.facts.server_ahead_s = 3600; }},
    {"G5", Level::warn, "100 open files", [](World& w) { w.facts.open_files = 100; }},
    {"G5", Level::warn, "500 ephemeral", [](World& w) { w.facts.ports = 500; }}};

const std::vector<Planted> kPlantedInPooler = {
    {"H1", Level::warn, "1.18.0",
     [](World& w) { put(w.facts.pooler, "VERSION", "version", "PgBouncer 1.18.0"); }},
    {"H1", Level::unknown, "refuses", [](World& w) { w.facts.pooler_trouble = "it refuses"; }},
    {"H2", Level::warn, "app/web",
     [](World& w) {
       w.pool("pool_mode", "session");
       w.pool("cl_active", "30");
     }},
    {"H2", Level::stop, "statement",
     [](World& w) {
       w.pool("pool_mode", "statement");
       w.plan.transactions = true;
     }},
    {"H2", Level::stop, "statement for app",
     [](World& w) {
       put(w.facts.pooler, "DATABASES", "pool_mode", "statement");
       w.plan.transactions = true;
     }},
    {"H3", Level::warn, "2 clients", [](World& w) { w.pool("cl_waiting", "2"); }},
    {"H3", Level::stop, "21 clients", [](World& w) { w.pool("cl_waiting", "21"); }},
    {"H3", Level::stop, "16.00 s", [](World& w) { w.pool("maxwait", "16"); }},
    {"H4", Level::warn, "85 of",
     [](World& w) {
       w.pool("cl_active", "85");
       w.plan.connections = 5;
     }},
    {"H4", Level::stop, "70 of", [](World& w) { w.pool("cl_active", "70"); }},
    {"H5", Level::warn, "10 more", [](World& w) { w.value("B1", "clients", "92"); }},
    {"H6", Level::note, "is 0", [](World& w) { w.config("max_prepared_statements", "0"); }},
    {"H6", Level::warn, "is 0",
     [](World& w) {
       w.config("max_prepared_statements", "0");
       w.plan.prepares = true;
     }},
    {"H6", Level::note, "is 0",
     [](World& w) {
       w.config("pool_mode", "session");
       w.config("max_prepared_statements", "0");
     }},
    {"H7", Level::warn, "120 s", [](World& w) { w.config("query_wait_timeout", "120"); }},
    {"H8", Level::warn, "85 %", [](World& w) { w.pool("sv_active", "17"); }},
    {"H8", Level::stop, "95 %",
     [](World& w) {
       w.pool("sv_active", "19");
       w.pool("cl_waiting", "1");
     }},
    {"H9", Level::warn, "20.00 ms",
     [](World& w) {
       put(w.facts.pooler_later, "STATS", "total_server_assignment_count", "1100");
       put(w.facts.pooler_later, "STATS", "total_wait_time", "2005000");
     }},
    {"H10", Level::warn, "10 s", [](World& w) { w.config("server_idle_timeout", "10"); }},
    {"H11", Level::note, "one address",
     [](World& w) { w.config("application_name_add_host", "0"); }}};

}  // namespace poolgauge::doctor
