// A modeled PgBouncer in front of the modeled server: the pools' connections are its clients, its
// own policy decides which of them has a server connection.
#pragma once

#include <memory>
#include <vector>

#include "engine/pool.h"
#include "engine/window_start.h"
#include "poolgauge/simulate.h"
#include "sim/shared_cores.h"

namespace poolgauge {

/// One for the whole fleet, as the real one. It runs with the trial, on the same loop: begin()
/// before the trial runs, end() after it.
class PoolerBackend final : public Backend {
 public:
  PoolerBackend(Loop& loop, const Scenario& scenario, const ServerProfile& profile,
                Backend& server);
  Task<Connected> connect(ConnId conn, Patience& patience) override;

  /// Its first login to the server, and the watching of the window that begins at `window`.
  void begin(const WindowStart& window, Duration length);
  /// Lets everything in progress end; the loop is run for it.
  void end();
  const PoolerView& view() const { return view_; }

 private:
  friend class PooledSession;
  enum class Mode : std::uint8_t { session, transaction, statement };

  ClientId enter();
  void leave(ClientId client);
  /// What SHOW STATS adds up.
  struct Totals {
    std::uint64_t transactions = 0, queries = 0;
    double wait_s = 0, transaction_s = 0, query_s = 0;
  };
  Task<> watch(const WindowStart& start, Duration length);
  void sample(double t_s);
  Task<> give_back(Lease lease, Condition condition);
  Task<> part(Lease lease, Condition condition, ClientId client);

  Loop& loop_;
  const ServerProfile& profile_;
  Mode mode_;
  bool resets_in_passing_;  ///< a return starts a reset that the client does not wait for
  std::int64_t max_client_conn_;
  std::int64_t clients_ = 0;
  std::vector<std::uint32_t> free_clients_;
  std::uint32_t clients_made_ = 0;
  Scope scope_;
  StopList stops_;
  AppLoop app_;  ///< PgBouncer answers at once
  SharedCores processor_;
  Pool pool_;
  Totals totals_;
  Totals totals_at_begin_;
  PoolerView view_;
};

}  // namespace poolgauge
