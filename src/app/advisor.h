// The search for the smallest sufficient pool, run in a world: calibrate, propose, verify, try a
// smaller neighbour, confirm.
#pragma once

#include <cstdint>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advise/search.h"
#include "advise/settings.h"
#include "advise/size_evidence.h"
#include "app/context.h"
#include "app/requests.h"
#include "app/simulated_sizes.h"
#include "app/world.h"
#include "poolgauge/report.h"

namespace poolgauge::app {

/// A run of the search, and the report it would have been on its own.
struct AdvisedRun {
  SearchTrial trial;
  std::int64_t kept = 0;
  double seconds = 0;
  Report report;
};

/// What the search ended with.
struct Findings {
  std::string outcome = "unconfirmed";  ///< as SearchRecord::outcome
  std::int64_t total = 1;
  std::int64_t most = 1;     ///< that is of any use: what is allowed, and no more than users
  std::int64_t allowed = 1;  ///< by the budget
  int needed = 3;            ///< confirming runs in a row
  SizeEvidence evidence;     ///< of `total`
  std::vector<AdvisedRun> runs;
  std::vector<std::string> undecided;  ///< goals that no run of this length can decide
  std::vector<std::string> unshown;    ///< rates that it can judge, but not show
  std::size_t open_rates = 0;          ///< of `unshown`: a longer run would show them
  std::vector<std::string> notes;
  bool costs_assumed = false;  ///< of statements, in a simulation: nothing is confirmed by it
  GuardLog guards;             ///< of the last run; where one of them ended the search, it says so

  /// The usable run nearest to a size, whole ones first; nullptr: there is none.
  const AdvisedRun* nearest(std::int64_t size) const;
  /// The last usable run of exactly what is recommended; nullptr: there is none.
  const AdvisedRun* confirming() const;
};

class Advisor {
 public:
  Advisor(const AdviseRequest& options, const Context& context, const Scenario& scenario,
          World& world, ProgressSink& progress, std::uint64_t seed, std::time_t started);

  /// Runs until there is an answer, the time limit is reached, or it is stopped. `most`:
  /// connections of each process that the budget allows. An error: nothing can be said.
  Status search(std::int64_t most);
  const Findings& findings() const { return findings_; }
  /// The model as the calibration left it.
  const SimulatedSizes& sizes() const { return *sizes_; }

 private:
  Status search_sizes(std::int64_t most);
  Status calibrate();
  Status measure(const SearchStep& step);
  Status take(const Scenario& scenario, SearchTrial trial, std::int64_t kept);
  void conclude(const SearchStep& step);
  Status judge_costs();
  bool decidable();
  int runs_left() const;
  std::vector<SearchTrial> trials() const;
  bool stopped() const {
    return context_.stop.requested() || world_.died() || !world_.guard_stop().empty();
  }

  const AdviseRequest& options_;
  const Context& context_;
  const Scenario& scenario_;
  World& world_;
  ProgressSink& progress_;
  std::uint64_t seed_;
  std::time_t started_;
  /// What the confirming runs of a size have in common.
  struct Settled {
    Scenario scenario;
    std::int64_t kept = 0;
  };
  std::map<std::int64_t, Settled> settled_;
  SearchLimits limits_;
  std::unique_ptr<SimulatedSizes> sizes_;
  Findings findings_;
};

/// What a run shows about all settings except the size.
SettingsEvidence evidence_of(const Scenario& scenario, const Report& report);
/// The scenario with every setting of the pool as it will be recommended.
Scenario as_recommended(const Scenario& scenario, std::int64_t kept, std::int64_t total,
                        const Recommendation& times);

}  // namespace poolgauge::app
