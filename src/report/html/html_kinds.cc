// The table of the kinds of request.
#include "report/html/html_parts.h"
#include "report/terminal/screen.h"

namespace poolgauge {
namespace {

constexpr std::size_t kMostInHtml = 200;

}  // namespace

std::string kinds_html(const Report& report) {
  const std::vector<const RequestKind*> kinds = shown_kinds(report, kMostInHtml);
  if (kinds.empty()) return "";
  HtmlTable table("Latency by kind of request",
                  {"request", "completed", "failed", "p50", "p95", "p99", "max"});
  for (const RequestKind* kind : kinds) {
    std::vector<std::string> cells = kind_cells(*kind);
    cells.insert(cells.begin(), kind->request);
    table.row(cells);
  }
  const std::string more = more_kinds(report, kinds.size());
  return html_heading("By kind of request") + table.str() +
         (more.empty() ? "" : html_paragraph(more));
}

}  // namespace poolgauge
