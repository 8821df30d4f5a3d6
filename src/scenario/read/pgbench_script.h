// A pgbench script into its commands, or everything that is wrong with its lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace poolgauge {

struct PgbenchCommand {
  enum class Kind { sql, set, sleep, if_true, or_if, otherwise, end_if, gset };
  Kind kind = Kind::sql;
  /// The SQL without its semicolon; of a meta-command what follows its first words.
  std::string text;
  std::size_t offset = 0;  ///< of text in the file
  std::size_t line = 1;    ///< where the command begins
  std::string name;        ///< of the variable that \set sets
  bool combined = false;   ///< SQL of several statements, joined by \;
};

struct PgbenchProblem {
  std::size_t offset = 0;
  std::string message;
  std::string found = {};
  std::string nearest = {};
};

struct PgbenchScript {
  std::vector<PgbenchCommand> commands;
  std::vector<PgbenchProblem> problems;
};

PgbenchScript split_pgbench_script(std::string_view content);

/// "select.sql@3": the file and its weight; a weight of -1: what follows the @ is none.
struct WeightedFile {
  std::string file;
  double weight = 1;
  bool has_weight = false;
};
WeightedFile weighted_file(const std::string& text);

}  // namespace poolgauge
