// pgbench scripts: the scenario includes them as they are.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "scenario/import/import_parts.h"

namespace poolgauge {

namespace {

struct Builtin {
  std::string_view name;
  const char* text;
};

/// As pgbench 15 has them.
constexpr std::array kBuiltins{
    Builtin{"tpcb-like", R"sql(\set aid random(1, 100000 * :scale)
\set bid random(1, 1 * :scale)
\set tid random(1, 10 * :scale)
\set delta random(-5000, 5000)
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
  VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);
END;
)sql"},
    Builtin{"simple-update", R"sql(\set aid random(1, 100000 * :scale)
\set bid random(1, 1 * :scale)
\set tid random(1, 10 * :scale)
\set delta random(-5000, 5000)
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
  VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);
END;
)sql"},
    Builtin{"select-only", R"sql(\set aid random(1, 100000 * :scale)
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
)sql"},
};

}  // namespace

std::optional<PgbenchFile> pgbench_builtin(const std::string& name) {
  std::optional<PgbenchFile> found;
  for (const Builtin& builtin : kBuiltins) {
    if (name.empty() || !builtin.name.starts_with(name)) continue;
    if (found) return std::nullopt;
    found = PgbenchFile{std::string(builtin.name), 1, builtin.text};
  }
  return found;
}

ImportedScenario import_pgbench(const std::vector<PgbenchFile>& files,
                                const ImportOptions& options) {
  Json root = new_scenario(options, files.size() == 1 ? "A pgbench script" : "pgbench scripts");
  if (root["variables"].empty()) root.erase("variables");
  bool has_builtin = false;
  for (const PgbenchFile& file : files) {
    Json request{{"include", file.path}, {"weight", file.weight}, {"protocol", options.protocol}};
    if (!file.text.empty()) request["text"] = file.text;
    has_builtin = has_builtin || !file.text.empty();
    root["requests"].push_back(std::move(request));
  }
  root["load"] = {{"users", 10}, {"think", "0s"}};
  root["warmup"] = "2s";
  root["duration"] = "20s";
  root["deployment"]["pool"] = {{"kind", "fixed"}};
  ImportedScenario imported;
  imported.json = root.dump(-1, ' ', false, Json::error_handler_t::replace);
  const bool has_scale = std::any_of(options.defines.begin(), options.defines.end(),
                                     [](const auto& define) { return define.first == "scale"; });
  if (has_builtin && !has_scale) {
    imported.notes.push_back(
        "the scripts use tables of scale 1; for pgbench -i -s 10, add --define scale=10");
  }
  imported.notes.push_back("the scripts need pgbench's tables: run pgbench -i on the target first");
  imported.notes.push_back(fmt::format(
      "statements are sent with the {} protocol, like pgbench{} (change it with --protocol)",
      options.protocol, options.protocol == "simple" ? "" : " -M " + options.protocol));
  imported.notes.push_back(
      "each user has its own connection, as in pgbench; to use a pool, change "
      "\"deployment\"");
  return imported;
}

namespace {

constexpr const char* kStarter = R"json({
  // The format's version.
  "version": 1,
  "name": NAME,
  "description": "What this load represents",

  // SQL files next to this one, run before and after the load:
  // "data": { "setup": ["setup.sql"], "teardown": ["teardown.sql"] },

  // Variables: a new value is drawn for each request. SQL uses them as :conversation and :body.
  // Other kinds: zipf, gaussian, exponential, sequence, choice, csv.
  "variables": {
    "conversation": { "uniform": [1, 1000] },
    "body": { "text": 200 }
  },

  // The requests that users send. With several, "weight" says how often each is sent.
  "requests": [
    {
      "name": "chat",
      "weight": 1,
      "transaction": true,
      "steps": [
        { "name": "history", "sql": "SELECT count(*) FROM generate_series(1, :conversation::int)" },
        // Work of the application while it keeps its connection. Outside a transaction, use a
        // "pause" instead: the connection is back in the pool during it.
        { "name": "model", "hold": { "lognormal": { "median": "50ms", "p95": "150ms" } } },
        { "name": "answer", "sql": "SELECT length(:body::text)" }
      ]
    }
    // A pgbench script is a request, too:
    // , { "include": "select.sql@3" }
  ],

  // One of: { "users": 20, "think": "1s" }, { "rate": 200, "arrivals": "poisson" },
  // { "burst": 100, "every": "10s" }.
  "load": { "users": 20, "think": "100ms" },

  "warmup": "1s",
  "duration": "10s",
  // A request that takes longer than this has failed.
  "deadline": "10s",

  // The application: instances x processes, each process with a pool of its own.
  "deployment": {
    "instances": 1,
    "processes": 1,
    "pool": { "kind": "sqlalchemy-async", "pool_size": 5, "max_overflow": 10, "timeout": "30s" }
  },

  // Goals: if a run misses one, the exit status is 10.
  "slo": [ "p95(latency) < 1s", "rate(error) <= 0.1%" ]
}
)json";

}  // namespace

std::string starter_scenario(const std::string& name) {
  std::string text = kStarter;
  constexpr std::string_view kPlace = "NAME";
  return text.replace(text.find(kPlace), kPlace.size(),
                      Json(name).dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace poolgauge
