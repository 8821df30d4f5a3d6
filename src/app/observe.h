// `observe`: a live server, a recording, or metrics of pools become the sizes of pools.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/context.h"
#include "app/requests.h"
#include "observe/live.h"
#include "pg/observe/observe_read.h"
#include "poolgauge/observe.h"
#include "poolgauge/observed_load.h"
#include "poolgauge/result.h"
#include "report/json/observe_record.h"

namespace poolgauge::app {

struct ObserveRequest {
  TargetOptions target;
  std::optional<std::string> pgbouncer;  ///< its console; may hold a password
  std::optional<double> for_given_s, gap_given_s, every_given_s;
  std::optional<std::int64_t> processes;
  std::vector<std::pair<std::string, std::int64_t>> limits;  ///< --group NAME=LIMIT
  std::string profile = "production";
  std::vector<std::string> metrics;  ///< --metrics: files, or URLs
  std::string listen;                ///< --listen: an address with a port; empty: no
  std::string token_file;            ///< --token-file
  std::string file;                  ///< a recording to report on; empty: a server
  std::string record;                ///< a file to append to while observing; empty: none
  std::string scenario;              ///< a file to write; empty: none
  std::uint64_t seed = 1;

  double for_s() const { return for_given_s.value_or(300); }
  double gap_s() const { return gap_given_s.value_or(0.01); }
  double every_s() const { return every_given_s.value_or(5); }
};

ObserveQuestion observe_question(const ObserveRequest& request);

/// "observing, 3 s of 60 s: 3 of 10 sessions in use"
std::string observe_line(double elapsed_s, double length_s, const std::string& seen);
/// Whether --metrics names a URL, and no file.
bool is_url(const std::string& place);

/// The answer, and what else was seen.
struct ObserveAnswer {
  Observed observed;
  std::time_t started = 0;
  int status = 0;  ///< the exit status
  std::vector<ObservedStatement> statements;
};

/// A usage error where options of `observe` contradict each other; before anything is looked at.
Status check_observe(const ObserveRequest& request);
/// The same for --metrics, and for --listen, which besides writes no file.
Status check_metrics(const ObserveRequest& request);
Status check_listen(const ObserveRequest& request, bool writes);

/// From the recording that the request names, without a server.
Result<ObserveAnswer> observe_recording(const ObserveRequest& request);
/// The answer from what was recorded; `question` without its times, which the recording has.
Observed answer_of_recording(const observe::Recording& recording, ObserveQuestion question);

/// Watches the server for as long as the request says, and records as it says. An observation of
/// hours is always recorded, in `directory`.
Result<ObserveAnswer> observe_server(const ObserveRequest& request, const std::string& directory,
                                     const Context& context, ProgressSink& progress);

/// From pages of metrics, in files or at URLs, some time apart.
Result<ObserveAnswer> observe_metrics(const ObserveRequest& request, const Context& context,
                                      ProgressSink& progress);

/// A scenario of the load that was observed. The error: there is no group whose load is known.
Result<ImportedScenario> observed_scenario(const ObserveAnswer& answer, const std::string& name);

// --listen: a server is watched until a stop request, and what it shows is published.

/// What the last sample showed, for threads that answer others.
class LivePublisher {
 public:
  struct Published {
    observe::LiveState state;
    observe::LiveTarget target;
    TimePoint at{};
  };
  void publish(const observe::LiveState& state, const observe::LiveTarget& target);
  /// Of a server that has not answered for long, the target is not connected.
  Published latest() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Published> published_ = std::make_shared<const Published>();
};

/// Watches until a stop request; a server that does not come back is tried again and again. The
/// error: it could not be reached, or refused, before anything was seen.
Status watch_live(const ObserveRequest& request, const std::string& conninfo,
                  const Context& context, LivePublisher& publisher);

}  // namespace poolgauge::app
