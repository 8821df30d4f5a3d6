// Kinds of request in JSON, Markdown and HTML.
#include "report/kinds.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/html_parts.h"
#include "report/markdown_text.h"
#include "report/words.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostInMarkdown = 20;
constexpr std::size_t kMostInHtml = 200;

std::vector<std::string> cells_of(const RequestKind& kind) {
  std::vector<std::string> cells{with_thousands(kind.completed), with_thousands(kind.failed)};
  const LatencySummary& s = kind.latency;
  for (const auto& value : {s.p50, s.p95, s.p99, s.max}) {
    cells.push_back(s.count > 0 ? time_text(value) : "");
  }
  return cells;
}

}  // namespace

void write_kinds(Json& root, const Report& report, Json (*summary)(const LatencySummary&)) {
  if (report.kinds.empty()) return;
  Json list = Json::array();
  for (const RequestKind& kind : report.kinds) {
    Json failures = Json::array();
    for (const ClassCount& one : kind.failures) {
      failures.push_back({{"class", name_of(one.failure)}, {"count", one.count}});
    }
    list.push_back({{"request", kind.request},
                    {"completed", kind.completed},
                    {"failed", kind.failed},
                    {"in_flight", kind.in_flight},
                    {"failures", std::move(failures)},
                    {"latency_ms", summary(kind.latency)}});
  }
  root["requests_by_kind"] = std::move(list);
}

std::vector<RequestKind> read_kinds(const JsonNode& node,
                                    LatencySummary (*summary)(const JsonNode&),
                                    FailureClass (*failure)(const JsonNode&)) {
  std::vector<RequestKind> kinds;
  if (node.is_null()) return kinds;
  for (const JsonNode& item : node.items()) {
    RequestKind kind;
    kind.request = item["request"].text();
    kind.completed = item["completed"].count();
    kind.failed = item["failed"].count();
    kind.in_flight = item["in_flight"].count();
    for (const JsonNode& one : item["failures"].items()) {
      kind.failures.push_back({failure(one["class"]), one["count"].count()});
    }
    kind.latency = summary(item["latency_ms"]);
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

std::vector<const RequestKind*> shown_kinds(const Report& report, std::size_t most) {
  std::vector<const RequestKind*> shown;
  if (report.kinds.size() < 2) return shown;
  for (const RequestKind& kind : report.kinds) shown.push_back(&kind);
  if (shown.size() <= most) return shown;
  std::stable_sort(shown.begin(), shown.end(), [](const RequestKind* a, const RequestKind* b) {
    return a->completed + a->failed > b->completed + b->failed;
  });
  shown.resize(most);
  return shown;
}

std::string more_kinds(const Report& report, std::size_t shown) {
  if (shown == 0 || report.kinds.size() <= shown) return "";
  return fmt::format("and {} more kinds of request: see the JSON report",
                     with_thousands(report.kinds.size() - shown));
}

std::string kinds_markdown(const Report& report) {
  const std::vector<const RequestKind*> kinds = shown_kinds(report, kMostInMarkdown);
  if (kinds.empty()) return "";
  std::string out =
      "| latency by kind of request | completed | failed | p50 | p95 | p99 | max |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const RequestKind* kind : kinds) {
    std::vector<std::string> cells = cells_of(*kind);
    cells.insert(cells.begin(), escaped(kind->request));
    out += table_row(cells);
  }
  const std::string more = more_kinds(report, kinds.size());
  return out + "\n" + (more.empty() ? "" : more + "\n\n");
}

std::string kinds_html(const Report& report) {
  const std::vector<const RequestKind*> kinds = shown_kinds(report, kMostInHtml);
  if (kinds.empty()) return "";
  HtmlTable table("Latency by kind of request",
                  {"request", "completed", "failed", "p50", "p95", "p99", "max"});
  for (const RequestKind* kind : kinds) {
    std::vector<std::string> cells = cells_of(*kind);
    cells.insert(cells.begin(), kind->request);
    table.row(cells);
  }
  const std::string more = more_kinds(report, kinds.size());
  return html_heading("By kind of request") + table.str() +
         (more.empty() ? "" : html_paragraph(more));
}

}  // namespace poolgauge
