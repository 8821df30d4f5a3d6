// Lines of a recording, written.
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/json/observe_record.h"

namespace poolgauge::observe {
namespace {

using RecordJson = nlohmann::json;

constexpr double kBusiest = 0.1;  // of the looks, for which both numbers are kept

std::string line_of(const RecordJson& json) {
  return json.dump(-1, ' ', false, RecordJson::error_handler_t::replace) + "\n";
}

/// Six digits are more than any of these sums deserves.
double short_number(double value) {
  return std::strtod(fmt::format("{:.7g}", value).c_str(), nullptr);
}

RecordJson batch_json(const Batch& batch) {
  RecordJson json = RecordJson::array();
  for (const double value : {batch.busy, batch.busy_square, batch.active, batch.idle_in_transaction,
                             batch.high, batch.sessions, batch.ages, batch.aged, batch.transactions,
                             batch.counted_s, batch.counted_busy, batch.counted_looks}) {
    json.push_back(short_number(value));
  }
  return json;
}

/// The first number in use that was seen, then how often each from there on.
RecordJson busy_json(const std::vector<std::uint32_t>& counts) {
  std::size_t first = 0, end = counts.size();
  while (first < end && counts[first] == 0) ++first;
  while (end > first && counts[end - 1] == 0) --end;
  RecordJson json = RecordJson::array({first});
  for (std::size_t i = first; i < end; ++i) json.push_back(counts[i]);
  return json;
}

RecordJson group_json(const GroupTally& group) {
  RecordJson json = {{"sums", batch_json(group.batches.back())},
                     {"begun", group.batch_fresh.back().begun},
                     {"ended", group.batch_fresh.back().ended},
                     {"busy", busy_json(group.batch_looks_by_busy.back())},
                     {"waits", RecordJson::array()},
                     {"so_far",
                      {group.sessions_least, group.sessions_most, group.hidden_most,
                       group.new_sessions, group.starts_apart}}};
  for (const double wait : group.waits) json["waits"].push_back(short_number(wait));
  return json;
}

RecordJson optional_json(const std::optional<double>& value) {
  return value ? RecordJson(*value) : RecordJson(nullptr);
}

RecordJson database_json(const DatabaseTally& one) {
  return {{"name", one.name},
          {"sums", {one.transactions, one.busy_s, one.active_s, one.sessions, one.counted_s}},
          {"has", {one.has_times, one.has_sessions}},
          {"usual", optional_json(one.usual_transactions_per_s)}};
}

RecordJson histogram_json(const Histogram& histogram) {
  const PackedHistogram packed = histogram.packed();
  std::string counts;
  for (const std::uint8_t byte : packed.counts) counts += fmt::format("{:02x}", byte);
  return {{"count", packed.count},        {"clamped", packed.clamped},    {"sum_ns", packed.sum_ns},
          {"min_ns", packed.min.count()}, {"max_ns", packed.max.count()}, {"counts", counts}};
}

/// Both numbers in the looks with the most in use: what stands_when_busy asks for.
RecordJson both_json(const GroupTally& group, double looks) {
  RecordJson json = RecordJson::array();
  double seen = 0;
  for (auto it = group.looks_by_both.rbegin(); it != group.looks_by_both.rend(); ++it) {
    json.push_back({it->first.first, it->first.second, it->second});
    seen += static_cast<double>(it->second);
    if (seen >= kBusiest * looks) break;
  }
  return json;
}

std::string pooler_line(const PoolerPiece& piece) {
  RecordJson pools = RecordJson::array(), totals = RecordJson::array();
  for (const PoolerPiece::Pool& one : piece.pools) {
    pools.push_back({{"name", {one.database, one.user, one.mode}},
                     {"sums",
                      {short_number(one.t_s), one.looks, one.busy, one.waiting, one.queued,
                       short_number(one.longest_wait_s)}}});
  }
  for (const PoolerPiece::Totals& one : piece.totals) {
    totals.push_back(
        {{"name", one.database},
         {"sums", {one.seconds, one.transactions, one.wait_s, one.transaction_s, one.assignments}},
         {"assignments", one.has_assignments}});
  }
  return line_of({{"pooler", piece.version},
                  {"pools", std::move(pools)},
                  {"totals", std::move(totals)},
                  {"sizes", piece.sizes},
                  {"notes", piece.notes}});
}

std::string ages_lines(const Tally& tally) {
  std::string lines;
  for (std::size_t i = 0; i < tally.groups().size(); ++i) {
    const GroupTally& group = tally.groups()[i];
    lines += line_of({{"ages", i},
                      {"transactions", histogram_json(group.xact_ages)},
                      {"idle", histogram_json(group.idle_ages)},
                      {"both", both_json(group, static_cast<double>(tally.looks()))}});
  }
  return lines;
}

}  // namespace

std::string RecordWriter::header(const RecordHeader& header) {
  const ObserveServer& server = header.server;
  return line_of({{"poolgauge_observe", 1},
                  {"started_s", header.started_s},
                  {"gap_s", header.gap_s},
                  {"recent_s", header.recent_s},
                  {"asked_for_s", header.asked_for_s},
                  {"server",
                   {{"version_num", server.version_num},
                    {"version", server.version},
                    {"address", server.address},
                    {"role", server.role},
                    {"database", server.database},
                    {"max_connections", server.max_connections},
                    {"reserved", server.reserved},
                    {"standby", server.standby},
                    {"through_pooler", server.through_pooler},
                    {"tracks", server.tracks},
                    {"prepared_transactions", server.prepared_transactions}}}});
}

std::string RecordWriter::news(const Tally& tally) {
  std::string lines;
  for (; groups_ < tally.groups().size(); ++groups_) {
    const ObserveKey& key = tally.groups()[groups_].key;
    lines += line_of({{"group", {key.database, key.role, key.application, key.address}}});
  }
  for (; troubles_ < tally.troubles().size(); ++troubles_) {
    lines += line_of({{"note", tally.troubles()[troubles_]}});
  }
  return lines;
}

std::string RecordWriter::piece(const Tally& tally) {
  std::string lines = news(tally);
  const Tally::Length& length = tally.lengths().back();
  RecordJson groups = RecordJson::array(), databases = RecordJson::array();
  for (const GroupTally& group : tally.groups()) groups.push_back(group_json(group));
  for (const DatabaseTally& one : tally.databases()) databases.push_back(database_json(one));
  lines += line_of({{"piece",
                     {short_number(length.begin_s), short_number(length.seconds), length.looks,
                      tally.sessions_most(), tally.looks_back()}},
                    {"groups", std::move(groups)},
                    {"databases", std::move(databases)}});
  if (const auto pooler = tally.seen_pooler().piece_since(poolers_)) lines += pooler_line(*pooler);
  if (++pieces_ % kAgesEvery == 0) lines += ages_lines(tally);
  return lines;
}

std::string RecordWriter::end(const Tally& tally, const ObserveCost& cost, bool interrupted) {
  const auto pooler = tally.seen_pooler().piece_since(poolers_);
  return news(tally) + (pooler ? pooler_line(*pooler) : std::string()) + ages_lines(tally) +
         line_of(
             {{"end", {cost.server, cost.here, cost.interval_s}}, {"interrupted", interrupted}});
}

}  // namespace poolgauge::observe
