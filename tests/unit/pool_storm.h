// Random timelines of clients on one pool, and the facts that must hold whatever they do.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "engine/app_loop.h"
#include "engine/pool.h"
#include "manual_time.h"
#include "poolgauge/policies.h"

namespace poolgauge::test {

/// What a storm does. All times are up to the given length.
struct StormPlan {
  std::uint32_t clients = 8;
  int rounds = 10;
  double gives_up = 0.2;
  double loses = 0.05;       ///< connection broken while held
  double discards = 0.05;    ///< invalidated by its holder
  double leaves_open = 0.3;  ///< returned within a transaction
  double connect_fails = 0.1;
  double exchange_fails = 0.1;  ///< pings and rollbacks
  double lightning = 0.2;       ///< now and then: a connection dies, whoever has it
  double works = 0.5;           ///< a holder sends something
  Duration ends = kForever;     ///< the run is stopped then
  static constexpr Duration kForever = std::chrono::hours(1000);
  Duration connect{5'000'000};
  Duration exchange{1'000'000};
  Duration hold{20'000'000};
  Duration rest{30'000'000};
  Duration task_time{0};             ///< of the application's event loop
  std::optional<std::int64_t> most;  ///< connections the driver may hold; nullopt: no bound
};

class Storm final : public Backend, private PoolObserver {
 public:
  Storm(std::unique_ptr<PoolPolicy> policy, const PoolSpec& spec, const StormPlan& plan,
        std::uint64_t seed);
  /// Runs to the end; the first fact that did not hold, or nothing.
  std::string run();

  Task<Connected> connect(ConnId conn, Patience& patience) override;

 private:
  class StormSession;
  struct Client {
    Client(Storm& s, std::uint32_t n, std::uint64_t seed)
        : storm(s), id{n}, rng(seed, n + 1), patience(s.world_.loop, s.stops_) {}
    Storm& storm;
    ClientId id;
    Rng rng;
    Patience patience;
    bool asking = false;
    bool stopped = false;
    TimePoint asked{};
    TimePoint last_opening{TimePoint::min()};
  };
  /// Jumps like ManualTime, but looks around first whenever the loop is quiet.
  struct WatchedTime final : TimeDriver {
    explicit WatchedTime(Storm& s) : storm(s) {}
    TimePoint now() override { return current; }
    void pass(TimePoint until) override {
      if (until > current) storm.look();
      if (until == kNever) storm.expect(false, "somebody waits for what never comes");
      if (until > current) current = until;
    }
    Storm& storm;
    TimePoint current{};
  };
  struct World {
    explicit World(TimeDriver& time) : loop(time), scope(loop) {}
    Loop loop;
    Scope scope;
  };

  void expect(bool holds, const char* fact) {
    if (!holds && trouble_.empty()) trouble_ = fact;
  }
  Duration some(Rng& rng, Duration most) { return Duration{rng.uniform_int(0, most.count())}; }
  void look();
  void look_at_sockets();
  Task<> live(Client& client);
  Task<> ask(Client& client, Lease& lease);
  Task<> hold(Client& client, Lease& lease);
  Task<> thunder();
  Task<> calm();
  Task<> end();
  StormSession* session_of(ConnId conn);
  void judge_refusal(Client& client, const Acquired& acquired);
  void judge_failed_connect(const Client& client, const Acquired& acquired);
  void judge_psycopg_refusal(Client& client, Refusal refusal, Duration waited);
  void judge_grant(Client& client, ConnId conn);

  void opening(TimePoint now, ConnId conn, const ClientId* payer) override;
  void opened(TimePoint, ConnId conn, Duration) override;
  void open_failed(TimePoint, ConnId, const Outcome&) override { --connecting_; }
  void abandoned(TimePoint, ConnId) override;
  void closed(TimePoint, ConnId conn, CloseReason) override;
  void checked(TimePoint now, ConnId conn, bool) override { last_check_[conn.number] = now; }
  void resetting(TimePoint, ConnId, Exchange::Kind) override {}

  StormPlan plan_;
  PoolSpec spec_;
  Rng rng_;
  WatchedTime time_{*this};
  World world_{time_};
  StopList stops_;
  AppLoop app_;
  bool shares_;
  bool lazy_;
  bool plain_;  ///< a kind that is no library's
  bool queue_pool_;
  bool psycopg_;
  bool falls_back_;
  bool serves_idle_;               ///< nobody waits while something is idle
  std::optional<Duration> limit_;  ///< of an acquire
  std::optional<std::int64_t> most_;
  Pool pool_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::string trouble_;
  std::set<std::uint32_t> alive_;         // by connection number
  std::map<std::uint32_t, int> holders_;  // by connection number
  std::vector<StormSession*> standing_;   // the sessions
  std::size_t clients_left_ = 0;
  bool cut_short_ = false;
  std::map<std::uint32_t, TimePoint> last_check_;
  std::int64_t sessions_ = 0;
  std::int64_t under_way_ = 0;  ///< connects with a socket, also those that were broken off
  std::int64_t connecting_ = 0;
  std::int64_t broken_off_ = 0;
  std::int64_t releasing_ = 0;
  std::int64_t answers_ = 0;
};

}  // namespace poolgauge::test
