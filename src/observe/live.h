// What is seen of a server from one sample to the next, for dashboards; and the answer for each
// window that is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "observe/observe.h"
#include "observe/tally.h"

namespace poolgauge::observe {

/// One group: what the last sample found, and sums since the start. Sums are of session-seconds.
struct LiveGroup {
  ObserveKey key;
  std::optional<std::int64_t> limit;  ///< told
  std::uint32_t sessions = 0, in_use = 0, idle_in_transaction = 0, lock_waiting = 0;
  std::uint32_t sessions_most = 0;
  double oldest_transaction_s = 0;
  double in_use_s = 0, idle_in_transaction_s = 0, lock_waiting_s = 0;
  double all_in_use_s = 0;         ///< time with all of its limit, or of its sessions, in use
  std::uint64_t opened = 0;        ///< sessions that were new
  std::vector<std::int64_t> pids;  ///< of the last sample, sorted
};
struct LiveDatabase {
  std::string name;
  double transactions = 0;
};

/// Everything so far.
struct LiveState {
  std::uint64_t looks = 0;
  double observed_s = 0;  ///< time that samples cover
  double took_s = 0;      ///< the last one
  std::uint32_t sessions = 0;
  std::vector<LiveGroup> groups;
  std::vector<LiveDatabase> databases;
  std::optional<ObservePoolerLook> pooler;  ///< the last look, unless it is older than 15 s
  bool pooler_seen = false;                 ///< there was one at some time
  std::optional<Observed> window;           ///< the last one that is over
};

/// The server that is watched, as far as it answers.
struct LiveTarget {
  ObserveServer server;
  bool connected = false;
  std::string trouble;          ///< why it is not; without secrets
  double last_sample_at_s = 0;  ///< since 1970; 0: none yet
};

/// Sums, sample after sample, and answers for one window after another.
class LiveTally : public ObserveSink {
 public:
  /// `gap_s` and `recent_s`: Tally's. `question` is that of each window, which lasts asked_for_s.
  LiveTally(ObserveQuestion question, double recent_s);

  /// A new connection to the server, whose times begin at 0 again.
  void restart(const ObserveServer& server);
  std::size_t group(const ObserveKey& key) override;
  void look(const ObserveLook& look) override;
  void counters(const ObserveCounterLook& look, const std::string& own_database,
                double own_transactions, double own_busy_s) override;
  void pooler(const ObservePoolerLook& look) override;
  void gap(double t_s, const std::string& why) override;
  void end(double t_s) override;

  const LiveState& state() const { return state_; }

 private:
  void begin_window();
  void add_session(const ObserveSession& session, double seconds);
  void close_group(LiveGroup& group, std::vector<std::int64_t> pids, double seconds);

  ObserveQuestion question_;
  double recent_s_;
  ObserveServer server_;
  LiveState state_;
  std::unique_ptr<Tally> window_;
  double window_began_s_ = 0;
  std::optional<double> last_look_s_, last_pooler_s_;
  std::vector<ObserveCounters> last_counters_;
};

}  // namespace poolgauge::observe
