// Running a vector's timeline on the real pool driver, with a scripted server, in virtual time.
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "engine/pool.h"
#include "sim/virtual_time.h"
#include "vectors/make_pool.h"
#include "vectors/vector.h"

namespace poolgauge::vectors {

namespace {

std::string name_of(ConnId conn) {
  return "c" + std::to_string(conn.number);
}

class Log {
 public:
  explicit Log(Loop& loop) : loop_(loop) {}
  Event& add(const std::string& event) {
    if (!open_) return ignored_;
    events_.emplace_back();
    events_.back().t_ms = to_ms(loop_.now() - zero_);
    events_.back().event = event;
    return events_.back();
  }
  /// From here on events are kept; their times count from `zero`.
  void open(TimePoint zero) {
    zero_ = zero;
    open_ = true;
  }
  void close() { open_ = false; }
  std::deque<Event>& events() { return events_; }

 private:
  Loop& loop_;
  bool open_ = false;
  TimePoint zero_{};
  Event ignored_;
  std::deque<Event> events_;
};

/// The world around the pool, as the vector's env says.
struct Script {
  Json env;
  std::set<std::string> dead;
  Duration length(const char* key) const { return from_ms(env.value(key, 0.0)); }
  Duration connect_length(std::uint32_t attempt) const {
    if (!env.contains("connect_ms")) return from_ms(20);
    const Json& value = env["connect_ms"];
    if (!value.is_array()) return from_ms(value.get<double>());
    return from_ms(value[std::min<std::size_t>(attempt, value.size()) - 1].get<double>());
  }
  bool connect_fails(std::uint32_t attempt) const {
    for (const Json& failing : env.value("connect_fail", Json::array())) {
      if (failing.get<std::uint32_t>() == attempt) return true;
    }
    return false;
  }
};

class ScriptedSession final : public Session {
 public:
  ScriptedSession(Script& script, Log& log, ConnId conn)
      : script_(script), log_(log), conn_(conn) {}
  Task<Outcome> run(const Exchange& exchange, Patience& patience) override {
    Outcome outcome;
    Duration length{0};
    if (exchange.kind == Exchange::Kind::ping) {
      const bool alive = !script_.dead.contains(name_of(conn_));
      Event& event = log_.add("ping");
      event.conn = name_of(conn_);
      event.ok = alive;
      if (!alive) outcome.failure = FailureClass::connection_lost;
      length = script_.length("ping_ms");
    } else if (exchange.kind == Exchange::Kind::rollback ||
               exchange.kind == Exchange::Kind::commit) {
      length = script_.length("rollback_ms");
    } else {
      length = script_.length("reset_ms");
    }
    const TimePoint until = patience.loop().now() + length;
    if (length > Duration::zero()) co_await patience.sleep_until(until);
    co_return outcome;
  }
  Condition condition() const override { return Condition::clean; }
  bool reset_needs_exchange() const override {
    return script_.length("rollback_ms") > Duration::zero();
  }
  std::string error_text() const override { return {}; }

 private:
  Script& script_;
  Log& log_;
  ConnId conn_;
};

class ScriptedBackend final : public Backend {
 public:
  ScriptedBackend(Script& script, Log& log) : script_(script), log_(log) {}
  Task<Connected> connect(ConnId conn, Patience& patience) override {
    const TimePoint until = patience.loop().now() + script_.connect_length(conn.number);
    co_await patience.sleep_until(until);
    Connected connected;
    if (script_.connect_fails(conn.number)) {
      connected.outcome.failure = FailureClass::connect_error;
      connected.error = "connect failed";
      co_return connected;
    }
    connected.session = std::make_unique<ScriptedSession>(script_, log_, conn);
    co_return connected;
  }

 private:
  Script& script_;
  Log& log_;
};

class Watcher final : public PoolObserver {
 public:
  Watcher(Log& log, const std::vector<std::string>& clients) : log_(log), clients_(clients) {}
  void opening(TimePoint, ConnId conn, const ClientId* payer) override {
    Event& event = log_.add("connect_start");
    event.conn = name_of(conn);
    event.by = payer != nullptr ? clients_[payer->value] : "pool";
    ++under_way_;
    known_[name_of(conn)] = conn;
  }
  void opened(TimePoint, ConnId conn, Duration) override {
    log_.add("connect_ok").conn = name_of(conn);
    --under_way_;
  }
  void open_failed(TimePoint, ConnId conn, const Outcome&) override {
    log_.add("connect_fail").conn = name_of(conn);
    --under_way_;
  }
  bool quiet() const { return under_way_ == 0; }
  std::optional<ConnId> named(const std::string& name) const {
    const auto found = known_.find(name);
    return found != known_.end() ? std::optional(found->second) : std::nullopt;
  }
  void closed(TimePoint, ConnId conn, CloseReason) override {
    log_.add("close").conn = name_of(conn);
  }
  void checked(TimePoint, ConnId, bool) override {}
  void resetting(TimePoint, ConnId conn, Exchange::Kind how) override {
    const bool resets = how == Exchange::Kind::reset_query || how == Exchange::Kind::discard_all;
    log_.add(resets ? "reset" : "rollback").conn = name_of(conn);
  }

 private:
  Log& log_;
  int under_way_ = 0;
  std::map<std::string, ConnId> known_;
  const std::vector<std::string>& clients_;
};

/// One client of the timeline: runs its batches one after the other.
struct Client {
  Client(Loop& loop, StopList& stops) : patience(loop, stops) {}
  ClientId id;
  std::string name;
  Patience patience;
  Lease lease;
  std::deque<std::vector<Json>> batches;
  bool running = false;
};

class Replayer {
 public:
  Replayer(const Json& vector, std::unique_ptr<PoolPolicy> policy)
      : vector_(vector),
        loop_(time_),
        scope_(loop_),
        log_(loop_),
        backend_(script_, log_),
        watcher_(log_, names_),
        app_(loop_, stops_, {}, 0),
        pool_(scope_, stops_, backend_, app_, std::move(policy), 0, &watcher_) {
    script_.env = vector["env"];
  }
  Replay run() {
    scope_.spawn(dispatch());
    loop_.run(scope_.live());
    pool_.shut_down();
    Replay result;
    result.events.assign(log_.events().begin(), log_.events().end());
    result.trouble = trouble_;
    return result;
  }

 private:
  Client& client_named(const std::string& name) {
    for (auto& client : clients_) {
      if (client->name == name) return *client;
    }
    clients_.push_back(std::make_unique<Client>(loop_, stops_));
    Client& client = *clients_.back();
    client.id = ClientId{static_cast<std::uint32_t>(names_.size())};
    client.name = name;
    names_.push_back(name);
    return client;
  }

  Task<> dispatch() {
    // Time zero of a pool that connects in its constructor is the end of that.
    const bool settles = starts_settled(vector_["pool"].get<std::string>());
    if (!settles) log_.open(loop_.now());
    pool_.start();
    if (settles) co_await settle();
    const TimePoint zero = loop_.now();
    if (settles) log_.open(zero);
    const Json& timeline = vector_["timeline"];
    double last_ms = 0;
    for (std::size_t i = 0; i < timeline.size();) {
      const double t_ms = timeline[i]["t_ms"].get<double>();
      const std::string name = timeline[i]["client"].get<std::string>();
      std::vector<Json> batch;
      while (i < timeline.size() && timeline[i]["t_ms"] == t_ms && timeline[i]["client"] == name) {
        batch.push_back(timeline[i++]);
      }
      last_ms = std::max(last_ms, t_ms);
      const TimePoint at = zero + from_ms(t_ms);
      co_await sleep_until(loop_, at);
      Client& client = client_named(name);
      client.batches.push_back(std::move(batch));
      if (!client.running) scope_.spawn(run_client(client));
      client.running = true;
    }
    for (const Json& event : vector_["expect"]) {
      last_ms = std::max(last_ms, event["t_ms"].get<double>());
    }
    const double tail_ms = vector_.value("tol_ms", 15.0) + 60;
    const TimePoint end = zero + from_ms(last_ms + tail_ms);
    co_await sleep_until(loop_, end);
    log_.close();
    stops_.stop_firmly();
    const TimePoint soon = loop_.now() + from_ms(0.1);
    co_await sleep_until(loop_, soon);  // whoever still waits gives up before anything is returned
    for (auto& client : clients_) {
      const bool holds = client->lease.held();
      if (holds) co_await pool_.release(client->lease, Condition::clean);
    }
  }

  static bool starts_settled(const std::string& pool) {
    return pool.starts_with("asyncpg") || pool.starts_with("pgbouncer") ||
           pool.starts_with("hikari");
  }

  Task<> settle() {
    while (!watcher_.quiet()) {
      const TimePoint soon = loop_.now() + from_ms(0.1);
      co_await sleep_until(loop_, soon);
    }
  }

  Task<> run_client(Client& client) {
    while (!client.batches.empty()) {
      const std::vector<Json> batch = std::move(client.batches.front());
      client.batches.pop_front();
      for (const Json& op : batch) co_await run_op(client, op);
    }
    client.running = false;
  }

  Task<> run_op(Client& client, const Json& op) {
    const std::string verb = op["op"].get<std::string>();
    if (verb == "stat") {
      log_stat();
    } else if (verb == "kill") {
      kill(op["conn"].get<std::string>());
    } else if (verb == "disconnect") {
      if (client.lease.held()) co_await pool_.release(client.lease, Condition::clean);
      pool_.client_gone(client.id);
    } else if (verb == "acquire") {
      co_await acquire(client, op);
    } else if (verb == "release" || verb == "invalidate") {
      if (!client.lease.held()) co_return;
      Condition condition = verb == "invalidate" ? Condition::invalidated : Condition::clean;
      const std::string state = op.value("state", "");
      if (state == "intrans") condition = Condition::in_transaction;
      if (state == "broken") condition = Condition::broken;
      co_await pool_.release(client.lease, condition);
    } else if (verb != "use") {
      trouble_ = "unknown operation " + verb;
    }
  }

  void kill(const std::string& conn) {
    script_.dead.insert(conn);
    if (const auto id = watcher_.named(conn)) pool_.lost(*id);
  }

  Task<> acquire(Client& client, const Json& op) {
    TimePoint deadline = kNever;
    if (op.contains("timeout_ms")) {
      deadline = loop_.now() + from_ms(op["timeout_ms"].get<double>());
    }
    client.patience.set_deadline(deadline);
    Acquired acquired = co_await pool_.acquire(client.id, client.patience);
    client.patience.set_deadline(kNever);
    if (acquired.granted()) {
      Event& event = log_.add("acquired");
      event.client = client.name;
      event.conn = poolgauge::vectors::name_of(acquired.lease.conn());
      client.lease = std::move(acquired.lease);
      co_return;
    }
    Event& event = log_.add("error");
    event.client = client.name;
    event.message = pool_.refusal_text(acquired.refusal);
    switch (acquired.refusal) {
      case Refusal::timeout:
      case Refusal::gave_up: event.kind = "timeout"; break;
      case Refusal::overloaded: event.kind = "too_many"; break;
      case Refusal::connect_failed: event.kind = "connect_error"; break;
    }
  }

  void log_stat() {
    Json values = Json::object();
    for (const auto& [name, value] : pool_.statistics()) values[std::string(name)] = value;
    log_.add("stat").values = std::move(values);
  }

  const Json& vector_;
  VirtualTime time_;
  Loop loop_;
  Scope scope_;
  StopList stops_;
  Script script_;
  Log log_;
  ScriptedBackend backend_;
  std::vector<std::string> names_;
  Watcher watcher_;
  AppLoop app_;
  Pool pool_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::string trouble_;
};

}  // namespace

Replay replay(const Json& vector) {
  MadePool made = make_pool(vector);
  if (made.policy == nullptr) return {{}, made.trouble};
  Replayer replayer(vector, std::move(made.policy));
  return replayer.run();
}

}  // namespace poolgauge::vectors
