// Holding a replay against what a vector expects.
#include <algorithm>
#include <cmath>
#include <regex>

#include "vectors/vector.h"

namespace poolgauge::vectors {

namespace {

// Vectors are written in whole milliseconds; virtual time is exact. A larger tolerance counts only
// where the rule itself has jitter or polling, which a vector says by asking for more than usual.
constexpr double kExact_ms = 0.5;
constexpr double kUsual_ms = 15;

double tolerance(const Json& vector, const Json& expected) {
  if (expected.contains("tol_ms")) return expected["tol_ms"].get<double>();
  const double whole = vector.value("tol_ms", kUsual_ms);
  return whole > kUsual_ms ? whole : kExact_ms;
}

bool same_text(const Json& expected, const char* key, const std::optional<std::string>& found) {
  if (!expected.contains(key) || !found) return true;
  const std::string wanted = expected[key].get<std::string>();
  return wanted == "*" || wanted == *found;
}

bool same_values(const Json& expected, const Json& found) {
  for (const auto& [name, value] : expected.items()) {
    const Json got = found.contains(name) ? found[name] : Json(0);
    if (got != value) return false;
  }
  return true;
}

bool matches(const Json& vector, const Json& expected, const Event& found) {
  if (found.event != expected["event"]) return false;
  if (std::abs(found.t_ms - expected["t_ms"].get<double>()) > tolerance(vector, expected)) {
    return false;
  }
  const bool texts = same_text(expected, "client", found.client) &&
                     same_text(expected, "conn", found.conn) &&
                     same_text(expected, "by", found.by) && same_text(expected, "kind", found.kind);
  if (!texts) return false;
  if (expected.contains("ok") && found.ok && expected["ok"].get<bool>() != *found.ok) return false;
  if (expected.contains("values") && !same_values(expected["values"], found.values)) return false;
  if (!expected.contains("message_regex")) return true;
  const std::regex pattern(expected["message_regex"].get<std::string>());
  return std::regex_search(found.message.value_or(""), pattern);
}

std::string show(const Event& event) {
  std::string text = event.event + " at " + std::to_string(event.t_ms) + " ms";
  if (event.client) text += " client " + *event.client;
  if (event.conn) text += " conn " + *event.conn;
  if (event.by) text += " by " + *event.by;
  if (event.kind) text += " kind " + *event.kind;
  if (event.message) text += " (" + *event.message + ")";
  if (event.ok) text += *event.ok ? " ok" : " bad";
  if (!event.values.is_null()) text += " " + event.values.dump();
  return text;
}

std::string compare_with(const Json& vector, const Json& expectation,
                         const std::vector<Event>& events) {
  const Json& observe = vector["observe"];
  std::vector<const Event*> left;
  for (const Event& event : events) {
    const bool seen = std::find(observe.begin(), observe.end(), event.event) != observe.end();
    if (seen) left.push_back(&event);
  }
  for (const Json& expected : expectation) {
    const auto found = std::find_if(left.begin(), left.end(), [&](const Event* event) {
      return matches(vector, expected, *event);
    });
    if (found == left.end()) return "missing " + expected.dump();
    left.erase(found);
  }
  return left.empty() ? "" : "unexpected " + show(*left.front());
}

}  // namespace

std::string compare(const Json& vector, const std::vector<Event>& events) {
  const std::string trouble = compare_with(vector, vector["expect"], events);
  if (trouble.empty() || !vector.contains("alt_expect")) return trouble;
  const std::string other = compare_with(vector, vector["alt_expect"], events);
  return other.empty() ? "" : trouble;
}

}  // namespace poolgauge::vectors
