// Lines of a recording, read.
#include <array>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "observe/bounds.h"
#include "report/json/observe_record.h"

namespace poolgauge::observe {
namespace {

using RecordJson = nlohmann::json;

constexpr std::size_t kMostInUse = 300'000;  // more than PostgreSQL can have

Batch batch_of(const RecordJson& json, const Tally::Length& length) {
  Batch batch;
  batch.looks = length.looks;
  batch.seconds = length.seconds;
  std::size_t i = 0;
  for (double* const value :
       {&batch.busy, &batch.busy_square, &batch.active, &batch.idle_in_transaction, &batch.high,
        &batch.sessions, &batch.ages, &batch.aged, &batch.transactions, &batch.counted_s,
        &batch.counted_busy, &batch.counted_looks}) {
    *value = json.at(i++).get<double>();
  }
  return batch;
}

std::vector<std::uint32_t> busy_of(const RecordJson& json) {
  const auto first = json.at(0).get<std::size_t>();
  if (first + json.size() > kMostInUse) throw std::out_of_range("in use");
  std::vector<std::uint32_t> counts(first, 0);
  for (std::size_t i = 1; i < json.size(); ++i) counts.push_back(json[i].get<std::uint32_t>());
  return counts;
}

Tally::RestoredGroup group_of(const RecordJson& json, const Tally::Length& length) {
  Tally::RestoredGroup group;
  group.batch = batch_of(json.at("sums"), length);
  group.fresh.begun = json.at("begun").get<decltype(group.fresh.begun)>();
  group.fresh.ended = json.at("ended").get<decltype(group.fresh.ended)>();
  group.looks_by_busy = busy_of(json.at("busy"));
  group.waits = json.at("waits").get<decltype(group.waits)>();
  const RecordJson& so_far = json.at("so_far");
  group.sessions_least = so_far.at(0).get<std::uint32_t>();
  group.sessions_most = so_far.at(1).get<std::uint32_t>();
  group.hidden_most = so_far.at(2).get<std::uint32_t>();
  group.new_sessions = so_far.at(3).get<std::uint64_t>();
  group.starts_apart = so_far.at(4).get<std::size_t>();
  return group;
}

DatabaseTally database_of(const RecordJson& json) {
  DatabaseTally one;
  one.name = json.at("name").get<std::string>();
  const RecordJson& sums = json.at("sums");
  one.transactions = sums.at(0).get<double>();
  one.busy_s = sums.at(1).get<double>();
  one.active_s = sums.at(2).get<double>();
  one.sessions = sums.at(3).get<double>();
  one.counted_s = sums.at(4).get<double>();
  one.has_times = json.at("has").at(0).get<bool>();
  one.has_sessions = json.at("has").at(1).get<bool>();
  if (!json.at("usual").is_null()) one.usual_transactions_per_s = json["usual"].get<double>();
  return one;
}

std::uint8_t nibble_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  throw std::out_of_range("hexadecimal digit");
}

Histogram histogram_of(const RecordJson& json) {
  PackedHistogram packed;
  packed.count = json.at("count").get<std::uint64_t>();
  packed.clamped = json.at("clamped").get<std::uint64_t>();
  packed.sum_ns = json.at("sum_ns").get<double>();
  packed.min = Duration(json.at("min_ns").get<std::int64_t>());
  packed.max = Duration(json.at("max_ns").get<std::int64_t>());
  const auto counts = json.at("counts").get<std::string>();
  for (std::size_t i = 0; i + 1 < counts.size(); i += 2) {
    packed.counts.push_back(
        static_cast<std::uint8_t>(nibble_of(counts[i]) * 16 + nibble_of(counts[i + 1])));
  }
  Histogram histogram{7};
  if (packed.count > 0 && !histogram.merge(packed)) throw std::out_of_range("histogram");
  return histogram;
}

RecordHeader header_of(const RecordJson& json) {
  RecordHeader header;
  header.started_s = json.at("started_s").get<std::int64_t>();
  if (header.started_s < 0 || header.started_s > observe::kLatestTime_s) {
    throw std::out_of_range("started_s");
  }
  header.gap_s = json.at("gap_s").get<double>();
  header.recent_s = json.at("recent_s").get<double>();
  header.asked_for_s = json.at("asked_for_s").get<double>();
  const RecordJson& server = json.at("server");
  header.server.version_num = server.at("version_num").get<int>();
  header.server.version = server.at("version").get<std::string>();
  header.server.address = server.at("address").get<std::string>();
  header.server.role = server.at("role").get<std::string>();
  header.server.database = server.at("database").get<std::string>();
  header.server.max_connections = server.at("max_connections").get<std::int64_t>();
  header.server.reserved = server.at("reserved").get<std::int64_t>();
  header.server.standby = server.at("standby").get<bool>();
  header.server.through_pooler = server.at("through_pooler").get<bool>();
  header.server.tracks = server.at("tracks").get<bool>();
  header.server.prepared_transactions = server.at("prepared_transactions").get<std::int64_t>();
  return header;
}

void take_piece(const RecordJson& json, Tally& tally) {
  const RecordJson& piece = json.at("piece");
  Tally::Restored restored;
  restored.length = {piece.at(0).get<double>(), piece.at(2).get<double>(),
                     piece.at(1).get<double>()};
  restored.sessions_most = piece.at(3).get<std::uint64_t>();
  restored.looks_back = piece.at(4).get<std::uint64_t>();
  for (const RecordJson& group : json.at("groups")) {
    restored.groups.push_back(group_of(group, restored.length));
  }
  if (restored.groups.size() != tally.groups().size()) throw std::out_of_range("groups");
  for (const RecordJson& one : json.at("databases")) {
    restored.databases.push_back(database_of(one));
  }
  tally.restore(restored);
}

void take_pooler(const RecordJson& json, Tally& tally) {
  PoolerPiece piece;
  piece.version = json.at("pooler").get<std::string>();
  for (const RecordJson& one : json.at("pools")) {
    const auto name = one.at("name").get<std::array<std::string, 3>>();
    const auto sums = one.at("sums").get<std::array<double, 6>>();
    if (sums[1] <= 0) throw std::out_of_range("looks");
    piece.pools.push_back(
        {name[0], name[1], name[2], sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]});
  }
  for (const RecordJson& one : json.at("totals")) {
    const auto sums = one.at("sums").get<std::array<double, 5>>();
    piece.totals.push_back({one.at("name").get<std::string>(), sums[0], sums[1], sums[2], sums[3],
                            sums[4], one.at("assignments").get<bool>()});
  }
  piece.sizes = json.at("sizes").get<decltype(piece.sizes)>();
  piece.notes = json.at("notes").get<decltype(piece.notes)>();
  tally.restore_pooler(piece);
}

void take_ages(const RecordJson& json, Tally& tally) {
  Tally::RestoredAges ages{
      histogram_of(json.at("transactions")), histogram_of(json.at("idle")), {}};
  for (const RecordJson& both : json.at("both")) {
    ages.looks_by_both[{both.at(0).get<std::uint32_t>(), both.at(1).get<std::uint32_t>()}] =
        both.at(2).get<std::uint64_t>();
  }
  const auto group = json.at("ages").get<std::size_t>();
  if (group >= tally.groups().size()) throw std::out_of_range("group");
  tally.restore_ages(group, std::move(ages));
}

void take_line(const RecordJson& json, Recording& recording) {
  Tally& tally = recording.tally;
  if (json.contains("group")) {
    const auto key = json["group"].get<std::array<std::string, 4>>();
    tally.group({key[0], key[1], key[2], key[3]});
  } else if (json.contains("note")) {
    tally.restore_trouble(json["note"].get<std::string>());
  } else if (json.contains("pooler")) {
    take_pooler(json, tally);
  } else if (json.contains("piece")) {
    take_piece(json, tally);
  } else if (json.contains("ages")) {
    take_ages(json, tally);
  } else if (json.contains("end")) {
    const RecordJson& cost = json["end"];
    recording.cost = {cost.at(0).get<double>(), cost.at(1).get<double>(), cost.at(2).get<double>()};
    recording.interrupted = json.at("interrupted").get<bool>();
    recording.ended = true;
  }
}

Error damaged(std::size_t line, const char* what) {
  return {ErrorKind::usage, fmt::format("line {} {}", line, what),
          "expected a file that observe --record wrote"};
}

}  // namespace

Result<Recording> read_recording(std::string_view text) {
  std::optional<Recording> recording;
  std::size_t number = 0;
  while (true) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // torn, or nothing
    const RecordJson json = RecordJson::parse(text.substr(0, end), nullptr, false);
    text.remove_prefix(end + 1);
    ++number;
    if (json.is_discarded() || !json.is_object()) return damaged(number, "is not a JSON object");
    try {
      if (number == 1) {
        if (json.value("poolgauge_observe", 0) != 1) {
          return damaged(number, "is not the header of a recording");
        }
        const RecordHeader header = header_of(json);
        recording = Recording{header, Tally(header.gap_s, header.recent_s), {}, false, false};
      } else {
        take_line(json, *recording);
      }
    } catch (const std::exception&) {
      return damaged(number, number == 1 ? "is not the header of a recording" : "is damaged");
    }
  }
  if (!recording) return damaged(1, "is missing");
  return std::move(*recording);
}

}  // namespace poolgauge::observe
