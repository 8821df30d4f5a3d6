// Recordings: what was written line by line gives the same answer when it is read.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include "observe_world.h"
#include "report/json/observe_record.h"
#include "report/observe_words.h"

namespace poolgauge::observe {
namespace {

/// A world's sums, and the lines that were written on the way.
struct Recorded {
  Tally tally{0.01, 0.05};
  RecordWriter writer;
  std::string text;
};

RecordHeader record_header() {
  RecordHeader header;
  header.server = world_circumstances().server;
  header.server.version = "15.8";
  header.started_s = 1'767'225'600;  // midnight
  return header;
}

void record_world(const WorldSpec& spec, Recorded& recorded) {
  World world(spec, 3);
  recorded.text = RecordWriter::header(record_header());
  recorded.tally.when_batch_ends(
      [&recorded](const Tally& tally) { recorded.text += recorded.writer.piece(tally); });
  watch(spec, world, recorded.tally, 3);
  recorded.tally.end(spec.seconds);
}

Observed answer_to(const Tally& tally) {
  Circumstances circumstances = world_circumstances();
  circumstances.started_s = record_header().started_s;
  return answer_of(tally, circumstances);
}

}  // namespace

TEST_CASE("a recording answers as the observation did", "[observe]") {
  WorldSpec spec;
  spec.connections = 7;
  Recorded recorded;
  record_world(spec, recorded);
  recorded.text += recorded.writer.end(recorded.tally, {0.001, 0.002, 0.1}, true);
  Result<Recording> read = read_recording(recorded.text);
  REQUIRE(read.ok());
  CHECK(read.value().ended);
  CHECK(read.value().interrupted);
  CHECK(read.value().cost.here == 0.002);
  CHECK(read.value().header.server.version == "15.8");
  const Observed was = answer_to(recorded.tally), is = answer_to(read.value().tally);
  CHECK(is.looks == was.looks);
  CHECK(is.seconds == Approx(was.seconds));
  CHECK(is.sessions_most == 7);
  const ObservedGroup &a = was.groups.at(0), &b = is.groups.at(0);
  CHECK(b.key == a.key);
  CHECK(b.in_use.value == Approx(a.in_use.value));
  CHECK(*b.in_use.low == Approx(*a.in_use.low));
  CHECK(b.busiest_minute == Approx(a.busiest_minute));
  CHECK(b.hold_s->value == Approx(a.hold_s->value));
  CHECK(b.hold_p95_s == Approx(a.hold_p95_s));
  CHECK(b.rate_per_s->value == Approx(a.rate_per_s->value));
  CHECK(b.all_in_use.value == Approx(a.all_in_use.value));
  CHECK(b.in_use_shares == a.in_use_shares);
  CHECK(b.cut == a.cut);
  CHECK(b.cut == ObserveCut::likely);
  CHECK(b.size.total == a.size.total);
  CHECK(b.guess.kind == a.guess.kind);
  CHECK(is.points.size() == was.points.size());
}

TEST_CASE("PgBouncer's figures are in a recording, and can be drawn", "[observe]") {
  Recorded recorded;
  recorded.text = RecordWriter::header(record_header());
  recorded.tally.when_batch_ends(
      [&recorded](const Tally& tally) { recorded.text += recorded.writer.piece(tally); });
  for (int second = 0; second <= 7200; ++second) {
    const std::size_t group = recorded.tally.group({"shop", "app", "web", ""});
    // Busy in the last minute of the first hour.
    const bool busy = second > 3540 && second <= 3600;
    std::vector<ObserveSession> sessions(4);
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      const bool active = i < (busy ? 4U : 1U);
      sessions[i] = {group, static_cast<std::int64_t>(i),
                     active ? ObserveState::active : ObserveState::idle};
    }
    recorded.tally.look({static_cast<double>(second), sessions});
    ObservePoolerLook look;
    look.t_s = second;
    look.version = "PgBouncer 1.18.0";
    look.pools = {{"shop", "app", "transaction", busy ? 3.0 : 0.0, busy ? 4.0 : 1.0, 0, 0.5}};
    if (second % 60 == 0) {
      look.stats = {{"shop", 10.0 * second, 0.5 * second, 1.5 * second, {}}};
      look.pool_sizes = {{"shop", 4}};
      recorded.tally.counters({static_cast<double>(second), {}}, "", 0, 0);
    }
    recorded.tally.pooler(look);
  }
  recorded.tally.end(7200);
  recorded.text += recorded.writer.end(recorded.tally, {}, false);
  const Result<Recording> read = read_recording(recorded.text);
  REQUIRE(read.ok());
  const Observed was = answer_to(recorded.tally), is = answer_to(read.value().tally);
  REQUIRE(is.pooler);
  CHECK(is.pooler->version == "PgBouncer 1.18.0");
  CHECK(is.pooler->looks == was.pooler->looks);
  const ObservedPool &a = was.pooler->pools.at(0), &b = is.pooler->pools.at(0);
  CHECK(b.servers_busy.value == Approx(a.servers_busy.value));
  CHECK(b.clients_waiting.value == Approx(a.clients_waiting.value));
  CHECK(b.waiting_looks.value == Approx(a.waiting_looks.value));
  CHECK(b.busiest_minute == Approx(a.busiest_minute).epsilon(0.05));
  CHECK(*b.busy_counted == Approx(1));
  CHECK(*b.mean_wait_s == Approx(0.05));
  CHECK(*b.pool_size == 4);
  CHECK(b.longest_wait_s == 0.5);
  const std::string drawn = recording_to_terminal(is, {});
  CHECK(drawn.find("4 in use from 00:59 UTC on") != std::string::npos);
  CHECK(drawn.find("in use, by hours since 00:00 UTC") != std::string::npos);
  CHECK(drawn.find("00h 1.05, 01h 1") != std::string::npos);
  CHECK(recording_to_markdown(is).find("- **busiest**: 4 in use") != std::string::npos);
}

TEST_CASE("a recording can be read while it grows, and after a crash", "[observe]") {
  WorldSpec spec;
  Recorded recorded;
  record_world(spec, recorded);
  const std::string& text = recorded.text;
  for (std::size_t cut = text.find('\n') + 1; cut < text.size(); cut += text.size() / 50) {
    Result<Recording> read = read_recording(text.substr(0, cut));
    REQUIRE(read.ok());
    CHECK_FALSE(read.value().ended);
  }
  const Result<Recording> half = read_recording(text.substr(0, text.size() / 2));
  CHECK(half.value().tally.seconds() == Approx(spec.seconds / 2).epsilon(0.3));
  CHECK(answer_to(half.value().tally).groups.at(0).in_use.value == Approx(5).epsilon(0.15));
}

TEST_CASE("what is no recording, or a damaged one, is refused with its line", "[observe]") {
  Recorded recorded;
  WorldSpec spec;
  spec.seconds = 60;
  record_world(spec, recorded);
  const auto error = [](const std::string& text) {
    const Result<Recording> read = read_recording(text);
    return read.ok() ? std::string() : read.error().message;
  };
  CHECK(error("") == "line 1 is missing");
  CHECK(error("hello\n") == "line 1 is not a JSON object");
  CHECK(error("{\"schema_version\": 1}\n") == "line 1 is not the header of a recording");
  std::string text = recorded.text;
  text.replace(text.find("1767225600"), 10, "-7");
  CHECK(error(text) == "line 1 is not the header of a recording");
  text = recorded.text;
  const std::size_t third = text.find('\n', text.find('\n') + 1) + 1;
  text.replace(text.find("\"sums\"", third), 6, "\"suns\"");
  CHECK(error(text) == "line 3 is damaged");
  text = recorded.text;
  text.replace(text.find("\"busy\":["), 8, "\"busy\":[99999999999,");
  CHECK(error(text) == "line 3 is damaged");
}

namespace {

/// 1,000 sessions in 10 groups, of which three times as many are in use from 14:00 to 15:00.
void record_day(int samples_per_minute, Recorded& recorded) {
  recorded.text = RecordWriter::header(record_header());
  recorded.tally.when_batch_ends(
      [&recorded](const Tally& tally) { recorded.text += recorded.writer.piece(tally); });
  Rng rng(5);
  std::vector<ObserveCounters> counters{{"shop", 1e6, 0.0, 0.0, 1e4, "then", 1e5}};
  for (int minute = 0; minute < 1440; ++minute) {
    const double used = minute / 60 == 14 ? 0.6 : 0.2;
    for (int sample = 0; sample < samples_per_minute; ++sample) {
      ObserveLook look{minute * 60 + sample * 60.0 / samples_per_minute, {}};
      for (int pid = 0; pid < 1000; ++pid) {
        const ObserveKey key{"shop", "app", "web" + std::to_string(pid % 10), "10.0.0.7"};
        const bool busy = rng.uniform() < used;
        const double age = 0.1 * rng.exponential();
        look.sessions.push_back({recorded.tally.group(key), pid,
                                 busy ? ObserveState::idle_in_transaction : ObserveState::idle,
                                 ObserveWait::none, age, busy ? age : kNoAge, look.t_s + 100});
      }
      recorded.tally.look(look);
    }
    counters[0].transactions += 60 * 1000 * used * 10;
    *counters[0].idle_in_transaction_s += 60 * 1000 * used;
    recorded.tally.counters({minute * 60 + 59.9, counters}, "other", 0, 0);
  }
  recorded.tally.end(86'400);
  recorded.text += recorded.writer.end(recorded.tally, {}, false);
}

}  // namespace

TEST_CASE("a day of 1,000 sessions in 10 groups stays small, with its hours", "[observe]") {
  Recorded recorded;
  record_day(2, recorded);
  CHECK(recorded.text.size() < 20'000'000);
  const Result<Recording> read = read_recording(recorded.text);
  REQUIRE(read.ok());
  const Observed observed = answer_to(read.value().tally);
  REQUIRE(observed.groups.size() == 10);
  for (const ObservedGroup& group : observed.groups) {
    REQUIRE(group.hours.size() == 24);
    for (const ObserveHour& hour : group.hours) {
      CHECK(hour.in_use == Approx(hour.hour == 14 ? 60 : 20).epsilon(0.1));
    }
    CHECK(group.busiest_minute_at_s / 3600 == Approx(14.5).margin(0.6));
    // The busy hour and growth; the course of the day is no error of the busiest minute.
    CHECK(group.size.demand > 60 * 1.25);
    CHECK(group.size.demand < 100 * 1.25);
  }
}

TEST_CASE("a day of one sample a second, as a file to try", "[.][observe_day]") {
  Recorded recorded;
  record_day(60, recorded);
  CHECK(recorded.text.size() < 20'000'000);
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "observe-day.jsonl";
  std::ofstream(path) << recorded.text;
  WARN(path << ": " << recorded.text.size() << " bytes");
}

}  // namespace poolgauge::observe
