// Parts: who they are in plain members, what they counted in one packed text.
#include "report/json/json_parts.h"

#include "report/json/json_number.h"
#include "report/json/measurement_bytes.h"

namespace poolgauge {

namespace {

using PartJson = nlohmann::ordered_json;

/// More than a day's slices of many steps; an hour of a usual scenario has about 20 MiB.
constexpr std::size_t kMostMeasured = std::size_t{1} << 30;
constexpr std::uint32_t kMostParts = 100000;

PartJson clock_json(const std::optional<ClockOffset>& clock) {
  if (!clock) return nullptr;
  return {{"ms", rounded(clock->ms)}, {"error_ms", rounded(clock->error_ms)}};
}

std::optional<ClockOffset> read_clock(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  return ClockOffset{node["ms"].number(), node["error_ms"].number()};
}

std::shared_ptr<const Measurement> read_measured(const JsonNode& node) {
  const auto packed = from_base64(node.text(), kMostMeasured);
  const auto bytes =
      packed ? inflated(packed->data(), packed->size(), kMostMeasured) : std::nullopt;
  auto measured = bytes ? measurement_from(*bytes) : std::nullopt;
  if (!measured) {
    node.expected("what a part measured, as this version packs it");
    return nullptr;
  }
  return std::make_shared<const Measurement>(std::move(*measured));
}

}  // namespace

nlohmann::ordered_json part_json(const PartFacts& facts) {
  PartJson json = {{"number", facts.part.number()},           {"of", facts.part.count},
                   {"start", text_or_null(facts.start)},      {"met", facts.met},
                   {"clock_offset", clock_json(facts.clock)}, {"lost", facts.lost}};
  if (facts.measured) json["measured"] = base64(deflated(measurement_bytes(*facts.measured)));
  return json;
}

std::optional<PartFacts> read_part(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  PartFacts facts;
  const std::uint32_t number = node["number"].small_count();
  facts.part.count = node["of"].small_count();
  if (number < 1 || number > facts.part.count || facts.part.count > kMostParts) {
    node["number"].expected("a part's number, 1 or more, and not above \"of\"");
    return std::nullopt;
  }
  facts.part.index = number - 1;
  facts.start = node["start"].text_or("");
  facts.met = node["met"].flag();
  facts.clock = read_clock(node["clock_offset"]);
  for (const JsonNode& lost : node["lost"].items()) facts.lost.push_back(lost.text());
  facts.measured = read_measured(node["measured"]);
  return facts;
}

nlohmann::ordered_json parts_json(const JoinedParts& parts) {
  PartJson joined = PartJson::array();
  for (const JoinedPart& part : parts.joined) {
    joined.push_back({{"number", part.number},
                      {"file", part.file},
                      {"completed", part.completed},
                      {"partial", part.partial},
                      {"clock_offset", clock_json(part.clock)}});
  }
  return {{"of", parts.of},
          {"start", text_or_null(parts.start)},
          {"joined", std::move(joined)},
          {"missing", parts.missing}};
}

std::optional<JoinedParts> read_parts(const JsonNode& node) {
  if (node.is_null()) return std::nullopt;
  JoinedParts parts;
  parts.of = node["of"].small_count();
  parts.start = node["start"].text_or("");
  for (const JsonNode& item : node["joined"].items()) {
    JoinedPart part;
    part.number = item["number"].small_count();
    part.file = item["file"].text();
    part.completed = item["completed"].count();
    part.partial = item["partial"].flag();
    part.clock = read_clock(item["clock_offset"]);
    parts.joined.push_back(std::move(part));
  }
  for (const JsonNode& number : node["missing"].items()) {
    parts.missing.push_back(number.small_count());
  }
  return parts;
}

}  // namespace poolgauge
