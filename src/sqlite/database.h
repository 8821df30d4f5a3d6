// The database of a run: a target's file, or a throwaway one; its data, and its settings.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"
#include "sqlite/connection.h"
#include "sqlite/live_run.h"
#include "sqlite/scratch.h"
#include "sqlite/settings.h"

namespace poolgauge::sqlite {

class Database {
 public:
  /// `place`: nullopt for a throwaway file. The scenario must be adapted. Errors (kind target) say
  /// why the file cannot be used; nothing is written before `open` has succeeded, except that a
  /// file which is not there is created where the scenario has a setup. `allow_setup`: also where
  /// the file has tables.
  static Result<std::unique_ptr<Database>> open(const std::optional<Place>& place,
                                                const Scenario& scenario, bool allow_setup,
                                                const StopFlag& stop);

  /// Runs the setup files, then prepares each statement once.
  Status prepare(const Scenario& scenario, const StopFlag& stop);
  /// A run, with what was noticed before it in its notes.
  Result<Measurement> run(const Scenario& scenario, const RunOptions& options,
                          const StopFlag& stop) const;
  /// Runs the teardown files; a sentence for each that failed.
  std::vector<std::string> tear_down(const Scenario& scenario, const StopFlag& stop);

  const Settings& settings() const { return settings_; }
  /// "3.40.1"
  static std::string version();
  /// The pragmas that decide how fast and how safe it is, as the database has them.
  std::vector<std::pair<std::string, std::string>> pragmas();
  /// Names of the tables that there are, the first few: "message, user".
  std::string tables();
  /// Sentences for the report: what was there before.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  explicit Database(Settings settings) : settings_(std::move(settings)) {}
  Status check_pragmas();
  Status check_tables(bool allow_setup);

  Settings settings_;
  std::unique_ptr<Scratch> scratch_;
  Counters counters_;  // of our own connection: counts for nothing
  std::vector<Binding> bindings_;
  std::unique_ptr<Connection> connection_;  // stays open: keeps one in memory alive
  std::vector<std::string> notes_;
};

/// What is known of the database before it is open.
TargetFacts facts_of(const std::optional<Place>& place);

}  // namespace poolgauge::sqlite
