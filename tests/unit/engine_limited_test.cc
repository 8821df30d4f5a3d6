// A bound on the sockets of one pool: who waits for room, and when room comes back.
#include "engine/limited_backend.h"

#include "engine_bench.h"

namespace poolgauge {
namespace {

using namespace test;

struct Listener final : RoomListener {
  void connect_waits(ConnId conn) override { waiting.push_back(conn.number); }
  void connect_proceeds(ConnId conn) override { std::erase(waiting, conn.number); }
  std::vector<std::uint32_t> waiting;
};

struct Room {
  Room() : room(server, 2, listener) { server.connect_takes = 10ms; }

  Task<> connect(std::uint32_t number, Patience& patience) {
    const ConnId conn{number, number};
    Connected connected = co_await room.connect(conn, patience);
    outcomes[number] = connected.outcome;
    begun[number] = connected.begun;
    waited[number] = connected.waited;
    if (connected.session != nullptr) sessions[number] = std::move(connected.session);
  }
  Task<> later(Duration after, std::function<void()> act) {
    SleepUntil then(loop, loop.now() + after);
    co_await then;
    act();
  }

  ManualTime time;
  Loop loop{time};
  Scope scope{loop};
  StopList stops;
  ScriptedServer server{loop};
  Listener listener;
  LimitedBackend room;
  std::map<std::uint32_t, Outcome> outcomes;
  std::map<std::uint32_t, bool> begun;
  std::map<std::uint32_t, Duration> waited;
  std::map<std::uint32_t, std::unique_ptr<Session>> sessions;
};

TEST_CASE("a connect beyond the bound waits until a socket is closed", "[limited]") {
  Room w;
  Patience first(w.loop, w.stops), second(w.loop, w.stops), third(w.loop, w.stops);
  w.scope.spawn(w.connect(1, first));
  w.scope.spawn(w.connect(2, second));
  w.scope.spawn(w.connect(3, third));
  const auto look = [&w] {
    CHECK(w.room.taken() == 2);
    CHECK(w.listener.waiting == std::vector<std::uint32_t>{3});
    w.sessions.erase(1);
  };
  w.scope.spawn(w.later(50ms, look));
  w.loop.run(w.scope.live());
  CHECK(w.sessions.size() == 2);
  CHECK(w.waited[3] == 50ms);
  CHECK(w.room.taken() == 2);
  CHECK(w.listener.waiting.empty());
  w.sessions.clear();
  CHECK(w.room.taken() == 0);
}

TEST_CASE("a connect that is broken off keeps its place until it has ended", "[limited]") {
  Room w;
  w.server.connect_takes = 100ms;
  Patience first(w.loop, w.stops), second(w.loop, w.stops), third(w.loop, w.stops);
  w.scope.spawn(w.connect(1, first));
  w.scope.spawn(w.connect(2, second));
  w.scope.spawn(w.connect(3, third));
  const auto give_up = [&] { first.cancel(); };
  w.scope.spawn(w.later(20ms, give_up));
  w.loop.run(w.scope.live());
  CHECK_FALSE(w.outcomes[1].ok());
  CHECK(w.begun[1]);
  CHECK(w.waited[3] == 20ms);
  CHECK(w.room.taken() == 2);
  w.sessions.clear();
}

TEST_CASE("who waits for room too long fails, and nothing was sent", "[limited]") {
  Room w;
  Patience first(w.loop, w.stops), second(w.loop, w.stops), third(w.loop, w.stops),
      fourth(w.loop, w.stops);
  fourth.set_deadline(at(5ms));
  w.scope.spawn(w.connect(1, first));
  w.scope.spawn(w.connect(2, second));
  w.scope.spawn(w.connect(3, third));
  w.scope.spawn(w.connect(4, fourth));
  w.loop.run(w.scope.live());
  CHECK(w.loop.now() == at(60s));
  for (const std::uint32_t number : {3U, 4U}) {
    CHECK(w.outcomes[number].failure == FailureClass::connect_timeout);
    CHECK_FALSE(w.begun[number]);
  }
  CHECK(w.room.taken() == 2);
  w.sessions.clear();
}

}  // namespace
}  // namespace poolgauge
