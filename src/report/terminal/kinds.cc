// Kinds of request: which are shown, and their table in Markdown.
#include "report/terminal/screen.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/markup.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kMostInMarkdown = 20;

}  // namespace

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

std::vector<std::string> kind_cells(const RequestKind& kind) {
  std::vector<std::string> cells{with_thousands(kind.completed), with_thousands(kind.failed)};
  const LatencySummary& s = kind.latency;
  for (const auto& value : {s.p50, s.p95, s.p99, s.max}) {
    cells.push_back(s.count > 0 ? time_text(value) : "");
  }
  return cells;
}

std::string kinds_markdown(const Report& report) {
  const std::vector<const RequestKind*> kinds = shown_kinds(report, kMostInMarkdown);
  if (kinds.empty()) return "";
  std::string out =
      "| latency by kind of request | completed | failed | p50 | p95 | p99 | max |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const RequestKind* kind : kinds) {
    std::vector<std::string> cells = kind_cells(*kind);
    cells.insert(cells.begin(), escaped(kind->request));
    out += table_row(cells);
  }
  const std::string more = more_kinds(report, kinds.size());
  return out + "\n" + (more.empty() ? "" : more + "\n\n");
}

}  // namespace poolgauge
