// What is set beside the size: every figure within the others' limits, every reason given.
#include <catch2/catch.hpp>

#include "advise/settings.h"
#include "math/queues.h"

using namespace poolgauge;

namespace {

SettingsEvidence chat() {
  SettingsEvidence seen;
  seen.rate_per_s = 100;
  seen.hold_mean_s = 0.05;
  seen.hold_p99_s = 0.2;
  seen.hold_p999_s = 0.4;
  seen.wait_p95_s = 0.01;
  seen.wait_p99_s = 0.05;
  seen.wait_max_s = 0.2;
  seen.connect_p99_s = 0.004;
  seen.round_trip_s = 0.0001;
  seen.deadline_s = 10;
  seen.closes_at_return = true;
  return seen;
}

}  // namespace

TEST_CASE("Overflow takes what hardly a checkout opens") {
  const SettingsEvidence seen = chat();
  const std::int64_t kept = kept_of(seen, 15);
  const std::string why = kept_words(seen, kept, 15);
  CHECK(kept < 15);
  CHECK(kept >= 5);
  const double share = math::opens_per_s({100, 0.05, static_cast<std::uint64_t>(kept),
                                          static_cast<std::uint64_t>(15 - kept)}) /
                       100;
  CHECK(share <= 0.005);
  CHECK(why.find("open a connection") != std::string::npos);
}

TEST_CASE("A pool that is always full has no overflow, nor has one that closes nothing") {
  SettingsEvidence seen = chat();
  CHECK(kept_of(seen, 5) == 5);
  CHECK(kept_words(seen, 5, 5).find("always in use") != std::string::npos);
  // What failed is not in the rate, but was in the pool.
  seen.busy_mean = 39;
  CHECK(kept_of(seen, 40) == 40);
  seen.busy_mean = 0;
  CHECK(kept_of(seen, 40) < 40);
  seen.closes_at_return = false;
  CHECK(kept_of(seen, 40) == 40);
}

TEST_CASE("A dear connect makes the kept part larger") {
  SettingsEvidence seen = chat();
  const std::int64_t cheap = kept_of(seen, 15);
  seen.connect_p99_s = 1;
  CHECK(kept_of(seen, 15) > cheap);
}

TEST_CASE("Why so many are kept is told with the figures of the run that is shown") {
  // An earlier run suggested the size, and another one is shown: its connects took longer.
  SettingsEvidence seen = chat();
  const std::int64_t kept = kept_of(seen, 15);
  seen.connect_p99_s = 1;
  REQUIRE(kept_of(seen, 15) != kept);
  const std::string why = kept_words(seen, kept, 15);
  INFO(why);
  CHECK(why.find("wait 1.00 s for it") != std::string::npos);
  CHECK(why.find("the smallest") == std::string::npos);
  Recommendation r;
  set_times(seen, r);
  std::string all;
  for (const std::string& one : r.why) all += one + "\n";
  CHECK(all.find("ten times the connect time (p99 1.00 s), but at least 2 s") != std::string::npos);
}

TEST_CASE("The longest wait is the one that was served only where others were not") {
  SettingsEvidence seen = chat();
  const auto words = [&seen] {
    Recommendation r;
    set_times(seen, r);
    return r.why[0];
  };
  CHECK(words().ends_with("the longest wait seen was 200 ms"));
  seen.some_unserved = true;
  CHECK(words().ends_with("that ended with a connection was 200 ms"));
  seen.wait_unended = true;
  CHECK(words().find("at least 200 ms and had not ended") != std::string::npos);
}

TEST_CASE("The limit of the wait is told with the rule that gave it") {
  SettingsEvidence seen = chat();
  seen.wait_name = "timeout";
  const auto words = [&seen] {
    Recommendation r;
    set_times(seen, r);
    return r.why[0].substr(0, r.why[0].find(';'));
  };
  CHECK(words() == "timeout 2 s: at least a fifth of the deadline of 10 s");
  seen.wait_max_s = 1.6;
  CHECK(words() == "timeout 4 s: twice the longest wait, rounded up");
  seen.wait_p99_s = 1.5;
  CHECK(words() == "timeout 6 s: four times the p99 of the waits (1.50 s)");
  seen.hold_p99_s = 5;
  CHECK(words() ==
        "timeout 5 s: the deadline of 10 s minus the hold time (p99 5.00 s), rounded down");
  seen.confirmed_wait_s = 3;
  CHECK(words() == "timeout 3 s: as in the runs that confirmed it");
  seen = chat();
  seen.wait_name = "timeout";
  seen.deadline_s.reset();
  CHECK(words() == "timeout 6 s: at least a fifth of 30 s (no request deadline is known)");
}

TEST_CASE("A pool of which all connections stay open says no more") {
  SettingsEvidence seen = chat();
  seen.kept_name = "pool_size";
  seen.rate_per_s = 1;
  seen.hold_mean_s = 0.5;
  CHECK(kept_words(seen, 2, 2) == "pool_size 2: both connections stay open");
  CHECK(kept_words(seen, 3, 3) == "pool_size 3: all connections stay open");
}

TEST_CASE("A percentile is called so only where the sample was large enough for it") {
  SettingsEvidence seen = chat();
  const auto all = [&seen] {
    Recommendation r;
    set_times(seen, r);
    std::string words;
    for (const std::string& one : r.why) words += one + "\n";
    for (const std::string& one : r.warnings) words += one + "\n";
    return words;
  };
  const auto says = [](const std::string& text, const char* piece) {
    INFO(text);
    return text.find(piece) != std::string::npos;
  };
  CHECK(says(all(), "twice the p99.9 of the connection hold time (400 ms), but at least 5 s"));
  CHECK(says(all(), "the connect time (p99 4.00 ms)"));
  seen.hold_p99_known = seen.hold_p999_known = seen.wait_p99_known = seen.connect_p99_known = false;
  CHECK(says(all(), "twice the longest connection hold time (400 ms), but at least 5 s"));
  CHECK(says(all(), "the connect time (up to 4.00 ms)"));
  CHECK_FALSE(says(all(), "p99"));
  seen.wait_max_s = seen.wait_p99_s = 1.5;
  CHECK(says(all(), "timeout 6 s: four times the longest wait (1.50 s)"));
  seen.hold_p99_s = 12;
  CHECK(says(all(), "a hold time of 12.0 s (longest) leaves no time"));
  // All connects of a simulation take the same time: no mean beside a p99 that equals it.
  seen.connect_mean_s = seen.connect_p99_s;
  seen.connect_p99_known = true;
  CHECK(says(all(), "the connect time (4.00 ms for each connection in this run)"));
}

TEST_CASE("Timeouts stay within the deadline and above every wait that was seen") {
  for (const double wait : {0.0, 0.3, 2.0}) {
    for (const double deadline : {1.0, 10.0, 60.0}) {
      SettingsEvidence seen = chat();
      seen.wait_max_s = wait;
      seen.deadline_s = deadline;
      Recommendation r;
      set_times(seen, r);
      INFO("wait " << wait << ", deadline " << deadline);
      CHECK(r.pool_timeout_s + r.statement_timeout_s <= deadline + 0.11);
      if (2 * wait + 1 < deadline - seen.hold_p99_s) CHECK(r.pool_timeout_s >= 2 * wait);
      CHECK(r.pool_timeout_s >= 0.1);
      CHECK(r.idle_in_transaction_timeout_s >= 5);
      CHECK(r.connect_timeout_s >= 2);
      CHECK(r.connect_timeout_s <= 5);
      CHECK(r.why.size() == 6);
    }
  }
}

TEST_CASE("A hold longer than the deadline is said") {
  SettingsEvidence seen = chat();
  seen.hold_p99_s = 12;
  Recommendation r;
  set_times(seen, r);
  REQUIRE(r.warnings.size() == 1);
  CHECK(r.warnings[0].find("no pool size helps") != std::string::npos);
}

TEST_CASE("Pre-ping goes where it costs a connection") {
  SettingsEvidence seen = chat();
  Recommendation r;
  set_times(seen, r);
  CHECK(r.pre_ping);
  seen.rate_per_s = 2000;
  seen.round_trip_s = 0.002;
  Recommendation dear;
  set_times(seen, dear);
  CHECK_FALSE(dear.pre_ping);
}

TEST_CASE("each setting has the name that its library gives it, and none that it does not have") {
  SettingsEvidence seen = chat();
  seen.kept_name = "minimumIdle";
  seen.wait_name = "connectionTimeout";
  seen.age_name = "maxLifetime";
  seen.ping_name = "";
  Recommendation r;
  set_times(seen, r);
  std::string all = kept_words(seen, kept_of(seen, 15), 15);
  for (const std::string& why : r.why) all += "\n" + why;
  for (const char* own : {"minimumIdle ", "connectionTimeout ", "maxLifetime "}) {
    INFO(own);
    CHECK(all.find(own) != std::string::npos);
  }
  for (const char* foreign : {"pool_size", "pool_timeout", "recycle", "ping"}) {
    INFO(foreign);
    CHECK(all.find(foreign) == std::string::npos);
  }
}
