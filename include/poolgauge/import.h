// Scenarios made from what is there already: pgbench scripts, a server's statistics, a log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "poolgauge/diagnostic.h"

namespace poolgauge {

/// A scenario's text, and what its reader should know of it.
struct ImportedScenario {
  std::string json;      ///< compact
  std::string arrivals;  ///< of a log: the CSV file of arrival times that the scenario replays
  std::vector<std::string> notes;
};

struct ImportOptions {
  std::string name = "imported";
  /// Variables with a fixed value, as pgbench's -D.
  std::vector<std::pair<std::string, std::string>> defines;
  double scale = 1;           ///< of the rate: 2 is twice as fast
  std::size_t top = 20;       ///< kinds of requests that are kept, the most frequent ones
  std::string arrivals_file;  ///< how the scenario names it
};

struct PgbenchFile {
  std::string path;  ///< as the scenario names it
  double weight = 1;
};
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
};

struct ServerStatements {
  std::vector<StatementStatistics> statements;  ///< most calls first
  double seconds = 0;                           ///< for which they were counted; 0: unknown
  std::vector<std::string> notes;
};
ImportedScenario import_statements(const ServerStatements& server, const ImportOptions& options);

enum class LogFormat : std::uint8_t { csv, json };
/// What is wrong with a log is said with its line, never with what stands there.
std::variant<ImportedScenario, Diagnostic> import_log(std::string_view log, const std::string& file,
                                                      LogFormat format,
                                                      const ImportOptions& options);

/// A scenario to start from, with comments; it passes `scenario check` as it is.
std::string starter_scenario(const std::string& name);

}  // namespace poolgauge
