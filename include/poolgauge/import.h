// Importing scenarios from pgbench scripts, a server's statistics, or a log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "poolgauge/diagnostic.h"

namespace poolgauge {

/// The text of a scenario, and notes about it.
struct ImportedScenario {
  std::string json;      ///< compact
  std::string arrivals;  ///< of a log: the CSV file of arrival times that the scenario replays
  std::vector<std::string> notes;
};

struct ImportOptions {
  std::string name = "imported";
  /// Variables with a fixed value, as pgbench's -D.
  std::vector<std::pair<std::string, std::string>> defines;
  std::string protocol = "simple";  ///< of pgbench scripts, as pgbench's -M
  double scale = 1;                 ///< of the rate: 2 is twice as fast
  std::size_t top = 20;             ///< kinds of requests that are kept, the most frequent ones
  std::string arrivals_file;        ///< how the scenario names it
  std::string log_line_prefix;      ///< of a text log; empty: whatever fits its lines
};

struct PgbenchFile {
  std::string path;  ///< as the scenario names it
  double weight = 1;
  std::string text = {};  ///< of a built-in; empty: the file is read with the scenario
};
/// One of pgbench's own scripts, by its name or the beginning of it: tpcb-like, simple-update,
/// select-only. nullopt: there is none, or several begin so.
std::optional<PgbenchFile> pgbench_builtin(const std::string& name);

ImportedScenario import_pgbench(const std::vector<PgbenchFile>& files,
                                const ImportOptions& options);

/// The type of a statement's parameter.
struct ParameterType {
  std::string name;                 ///< as format_type says it
  std::vector<std::string> labels;  ///< of an enum
};

/// A statement as pg_stat_statements has it.
struct StatementStatistics {
  std::string text;  ///< constants are $1, $2, ...
  double calls = 0;
  double mean_ms = 0;
  std::vector<ParameterType> parameters;
  double table_rows = 0;  ///< of the largest table it names, an estimate; 0: unknown
  std::optional<double> rows_per_call = {};  ///< that it returned or changed
};

/// A column that is a key by itself, or refers to one: which values there are.
struct KeyColumn {
  std::string table;  ///< as the statements name it
  std::string column;
  std::string refers_to;  ///< "table.column"; empty: it is the key
  /// Least and greatest, where most whole numbers between them exist.
  std::optional<std::pair<std::int64_t, std::int64_t>> range = {};
  std::vector<std::string> sample = {};      ///< where that is not so
  std::optional<std::int64_t> highest = {};  ///< of whole numbers; 0: there are none yet
};

struct ServerStatements {
  std::vector<StatementStatistics> statements;  ///< most calls first
  double seconds = 0;                           ///< for which they were counted; 0: unknown
  std::vector<std::string> notes;
  std::vector<KeyColumn> keys = {};
  bool guessed = false;  ///< the types of the parameters are guesses
};
/// pg_stat_statements as CSV, or as psql prints it: aligned, unaligned or expanded. No parameters.
std::variant<ServerStatements, Diagnostic> read_statistics_file(std::string_view text,
                                                                const std::string& file);
/// Guesses parameter types from the words around them, where no server can be queried.
void guess_parameters(ServerStatements& server);

ImportedScenario import_statements(const ServerStatements& server, const ImportOptions& options);

enum class LogFormat : std::uint8_t { csv, json, text };
/// Errors in a log are reported with their line number, never with the content of the line.
std::variant<ImportedScenario, Diagnostic> import_log(std::string_view log, const std::string& file,
                                                      LogFormat format,
                                                      const ImportOptions& options);

/// A scenario to start from, with comments; it passes `scenario check` as it is.
std::string starter_scenario(const std::string& name);

}  // namespace poolgauge
