// Host names are looked up where nobody waits for them.
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>

#include "live_bench.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/host_names.h"
#include "tcp_relay.h"

using namespace poolgauge;
using namespace poolgauge::test;

namespace {

/// Answers the first `prompt` questions at once, and none of the later ones until it is told to.
class Names {
 public:
  explicit Names(int prompt) : state_(std::make_shared<State>()) { state_->prompt = prompt; }
  ~Names() { answer(); }
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;
  ResolveHost resolve(std::vector<std::string> addresses) const {
    return [state = state_, addresses](const std::string&) {
      std::unique_lock lock(state->mutex);
      if (++state->asked > state->prompt) {
        state->bell.wait(lock, [&] { return state->answers; });
      }
      return HostAddresses{addresses, addresses.empty() ? "Name or service not known" : ""};
    };
  }
  void answer() {
    const std::lock_guard lock(state_->mutex);
    state_->answers = true;
    state_->bell.notify_all();
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable bell;
    int prompt = 0;
    int asked = 0;
    bool answers = false;
  };
  std::shared_ptr<State> state_;
};

ConnectPlaces places_of(const std::string& conninfo, const ResolveHost& resolve) {
  HostNames names(conninfo, resolve);
  ConnectTrouble trouble;
  const auto found = names.look_up(never(), monotonic_now() + 20s, trouble);
  INFO(trouble.text);
  REQUIRE(found == HostNames::Found::yes);
  return *names.places();
}

TEST_CASE("each address of each host is an entry, with the host's own port", "[pg][names]") {
  const ResolveHost two = Names(9).resolve({"10.0.0.1", "fd00::1"});
  CHECK(places_of("host=db.test port=5433", two) ==
        ConnectPlaces{"db.test,db.test", "10.0.0.1,fd00::1", "5433,5433"});
  CHECK(places_of("postgresql://a.test:1,127.0.0.1:2,b.test:3/x", two) ==
        ConnectPlaces{"a.test,a.test,127.0.0.1,b.test,b.test", "10.0.0.1,fd00::1,,10.0.0.1,fd00::1",
                      "1,1,2,3,3"});
}

TEST_CASE("addresses, sockets and what has a hostaddr are looked up by nobody", "[pg][names]") {
  const Names silent(0);
  const ResolveHost hangs = silent.resolve({"10.0.0.1"});
  for (const char* conninfo : {"host=127.0.0.1", "host=::1", "host=/tmp", "host=@abstract",
                               "host=db.test hostaddr=10.0.0.9", "host=''",
                               "host=/tmp,127.0.0.1 port=1,2", "host=fe80::1%lo"}) {
    INFO(conninfo);
    CHECK(places_of(conninfo, hangs) == ConnectPlaces{});
  }
}

TEST_CASE("the environment's host is looked up, too", "[pg][names]") {
  setenv("PGHOST", "env.test", 1);
  const ConnectPlaces places = places_of("port=5433", Names(9).resolve({"10.0.0.1"}));
  unsetenv("PGHOST");
  CHECK(places == ConnectPlaces{"env.test", "10.0.0.1", "5433"});
}

TEST_CASE("a service's host is looked up, but for what the string says itself", "[pg][names]") {
  const TemporaryBase base;
  std::ofstream(base / "services") << "[x]\nhost=service.test\nport=6000\n";
  setenv("PGSERVICEFILE", (base / "services").c_str(), 1);
  setenv("PGHOST", "env.test", 1);
  const ConnectPlaces service = places_of("service=x", Names(9).resolve({"10.0.0.1"}));
  const ConnectPlaces own = places_of("service=x host=own.test", Names(9).resolve({"10.0.0.1"}));
  unsetenv("PGHOST");
  unsetenv("PGSERVICEFILE");
  CHECK(service == ConnectPlaces{"service.test", "10.0.0.1", "6000"});
  CHECK(own == ConnectPlaces{"own.test", "10.0.0.1", "6000"});
}

TEST_CASE("a host that is not known is left out, or is the trouble", "[pg][names]") {
  const ResolveHost some = [](const std::string& host) {
    return host == "known.test" ? HostAddresses{{"10.0.0.1"}, ""}
                                : HostAddresses{{}, "Name or service not known"};
  };
  CHECK(places_of("host=unknown.test,known.test port=1,2", some) ==
        ConnectPlaces{"known.test", "10.0.0.1", "2"});
  HostNames names("host=unknown.test", some);
  ConnectTrouble trouble;
  CHECK(names.look_up(never(), monotonic_now() + 20s, trouble) == HostNames::Found::no);
  CHECK(trouble.text ==
        "could not translate host name \"unknown.test\" to address: Name or service not known");
}

TEST_CASE("a name service that hangs is given up, or left at a stop request", "[pg][names]") {
  const Names silent(0);
  HostNames names("host=slow.test", silent.resolve({"10.0.0.1"}));
  ConnectTrouble trouble;
  CHECK(names.look_up(never(), monotonic_now() + 50ms, trouble) == HostNames::Found::no);
  CHECK(trouble.text.starts_with("no address for host name \"slow.test\" within"));
  StopFlag stop;
  stop.request();
  HostNames others("host=slow.test", silent.resolve({"10.0.0.1"}));
  CHECK(others.look_up(stop, kNever, trouble) == HostNames::Found::interrupted);
}

// Each request connects. A look-up of its own would find nothing, and ours answers only once.
TEST_CASE("a slow resolver stops nobody once the load is on", "[live][names]") {
  TcpRelay relay(sql("SHOW unix_socket_directories") + "/.s.PGSQL.5432");
  const std::string conninfo = with_option(
      relay.conninfo() + " user=poolgauge dbname=postgres sslmode=disable", "host", "db.test");
  const Names names(1);
  LiveOptions options;
  options.resolve = names.resolve({"127.0.0.1"});
  options.probe_server = false;
  Scenario scenario = live_scenario({live_sql("SELECT 1")});
  scenario.deployment.pool.kind = "none";
  const Result<Measurement> result = run_live(scenario, conninfo, options, never());
  if (!result) FAIL(result.error().message);
  CHECK(result.value().requests.completed > 4);
  CHECK(result.value().requests.failed == 0);
  CHECK(result.value().pools.at(0).connects > 4);
}

}  // namespace
