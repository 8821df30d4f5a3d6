// `observe` as comma-separated values: a line for each batch of looks and each group.
#include <fmt/format.h>

#include "poolgauge/observe.h"

namespace poolgauge {
namespace {

/// RFC 4180: names of strangers are quoted, always.
std::string quoted_cell(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string to_csv(const Observed& observed) {
  std::string text =
      "t_s,seconds,database,role,application_name,client_addr,sessions,in_use,"
      "idle_in_transaction";
  text += observed.metrics_of.empty() ? "\r\n" : ",waiting\r\n";
  for (const ObservePoint& point : observed.points) {
    for (std::size_t i = 0; i < point.in_use.size() && i < observed.groups.size(); ++i) {
      const ObserveKey& key = observed.groups[i].key;
      text += fmt::format("{:.6g},{:.6g},{},{},{},{},{:.6g},{:.6g},{:.6g}", point.t_s,
                          point.seconds, quoted_cell(key.database), quoted_cell(key.role),
                          quoted_cell(key.application), quoted_cell(key.address), point.sessions[i],
                          point.in_use[i], point.idle_in_transaction[i]);
      if (i < point.waiting.size()) text += fmt::format(",{:.6g}", point.waiting[i]);
      text += "\r\n";
    }
  }
  return text;
}

}  // namespace poolgauge
