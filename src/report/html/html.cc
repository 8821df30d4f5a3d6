// A report as one HTML page that needs nothing else: the order of what a reader wants to know.
#include <fmt/format.h>

#include "assess/diagnosis.h"
#include "base/text.h"
#include "report/advice_words.h"
#include "report/html/html_parts.h"
#include "report/json/json_node.h"
#include "report/markup.h"
#include "report/sentences.h"
#include "report/terminal/parts.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// Colour and sign of a verdict; the words beside them say the same.
struct Look {
  const char* tone;
  const char* sign;
};

Look look_of(VerdictStatus status) {
  switch (status) {
    case VerdictStatus::pass: return {"pass", "✓"};
    case VerdictStatus::slo_missed:
    case VerdictStatus::regression: return {"miss", "✗"};
    case VerdictStatus::inconclusive:
    case VerdictStatus::guard:
    case VerdictStatus::interrupted: return {"open", "?"};
  }
  return {"open", "?"};
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

/// "2026-01-31T12:00:00Z" as people write it; anything else as it is.
std::string date_text(std::string started_at) {
  constexpr std::size_t kLength = 20, kMiddle = 10;
  if (started_at.size() != kLength || started_at[kMiddle] != 'T' || started_at.back() != 'Z') {
    return started_at;
  }
  started_at[kMiddle] = ' ';
  started_at.pop_back();
  return started_at + " UTC";
}

/// The figures one compares first.
struct Tile {
  std::string name, value, below;
};

std::vector<Tile> tiles_of(const Report& report) {
  std::vector<Tile> tiles;
  const auto& interval = report.latency.p95_ci95;
  tiles.push_back(
      {"latency p95", time_text(report.latency.p95),
       interval ? time_text(interval->first) + " – " + time_text(interval->second) : ""});
  tiles.push_back({"pool wait p95", time_text(report.pool_wait.p95),
                   "connection held for " + time_text(report.connection_time.p95)});
  tiles.push_back({"throughput", per_second(report.throughput_per_s),
                   with_thousands(report.requests.completed) + " completed"});
  tiles.push_back({"pool timeouts", percent(report.rate_pool_timeout),
                   with_thousands(report.requests.failed) + " failures of any kind"});
  // Pool by pool: peaks need not fall together, so their sum would be none.
  std::string used, waiting;
  for (const PoolSummary& pool : report.pools) {
    const PoolMeasurement& m = pool.measured;
    used += (used.empty() ? "" : ", ") + with_thousands(m.peak_checked_out);
    if (m.capacity >= 0) used += " of " + with_thousands(static_cast<std::uint64_t>(m.capacity));
    waiting += (waiting.empty() ? "" : ", ") + with_thousands(m.peak_waiting);
  }
  if (!used.empty()) tiles.push_back({"connections in use", used, waiting + " waiting at peak"});
  if (report.server.samples > 0) {
    tiles.push_back({"statements running", significant(report.server.active_mean),
                     "on average, on the server"});
  }
  return tiles;
}

std::string tiles(const Report& report) {
  std::string out = "<dl class=\"tiles\">";
  for (const Tile& tile : tiles_of(report)) {
    out += fmt::format("<div><dt>{}</dt><dd><b>{}</b><small>{}</small></dd></div>",
                       markup_text(tile.name), markup_text(tile.value), markup_text(tile.below));
  }
  return out + "</dl>\n";
}

/// The verdict's reason, above, has this finding's evidence.
bool is_reason(const Report& report, const Finding& finding) {
  return finding.finding == "client_bound" && report.client_saturated &&
         report.verdict.status == VerdictStatus::inconclusive && !report.gate;
}

std::string findings(const Report& report) {
  std::string out, advice;
  for (const Finding& finding : report.diagnosis) {
    const bool first = out.empty();
    out += fmt::format(
        "<p{}>{}<b>{}</b> {}</p>\n", first ? " class=\"lead\"" : "",
        first ? "" : "Also: ", markup_text(first ? headline(finding) : further_headline(finding)),
        is_reason(report, finding) ? "" : markup_text(finding.evidence));
    if (!finding.advice.empty()) advice += "<li>" + markup_text(finding.advice) + "</li>";
  }
  if (!advice.empty()) {
    out += "<div class=\"todo\"><p>What to do</p><ul>" + advice + "</ul></div>\n";
  }
  return out;
}

/// What the page is about; a comparison has no verdict of its own.
std::string title_of(const Report& report) {
  if (report.command != "compare" || !report.gate) return verdict_label(report);
  return report.gate->candidate.name + " compared with " + report.gate->baseline.name;
}

/// Whose figures follow, where the page is about more than one run; with what was found in all.
std::string whose_figures(const Report& report) {
  if (report.recommendation) {
    return html_paragraph(shown_run_words(report) + ", in figures:");
  }
  if (report.curve) {
    return html_paragraph(report.curve->finding, "lead") +
           html_paragraph("The figures and sections below, except By size, show one of the runs: " +
                          joined({report.load_text, report.pool_text}) + ".");
  }
  if (report.command == "compare" && report.gate) {
    return html_paragraph("The figures and sections below, except Comparison, show " +
                          report.gate->candidate.name + " alone.");
  }
  return "";
}

std::string verdict(const Report& report) {
  const bool compared = report.command == "compare" && report.gate;
  const Look look = compared ? Look{"open", "·"} : look_of(report.verdict.status);
  std::string out = fmt::format(
      "<section id=\"verdict\" class=\"verdict {}\" aria-labelledby=\"verdict-h\">"
      "<h2 id=\"verdict-h\"><span aria-hidden=\"true\">{}</span>{}</h2>\n",
      look.tone, look.sign, markup_text(capitalised(title_of(report))));
  const bool said = report.recommendation || compared;
  if (!said && report.verdict.status != VerdictStatus::slo_missed) {
    for (const std::string& reason : report.verdict.reasons) {
      if (reason != "interrupted") out += html_paragraph(reason);  // the heading says it
    }
  }
  return out + whose_figures(report) + findings(report) + tiles(report) + "</section>\n";
}

std::string goals(const Report& report) {
  std::string out;
  for (const GoalResult& goal : report.verdict.goals) {
    const char* const tone = !goal.judged() ? "open" : goal.met ? "pass" : "miss";
    const char* const sign = !goal.judged() ? "?" : goal.met ? "✓" : "✗";
    out += fmt::format(
        "<li class=\"{}\"><span class=\"state\"><span aria-hidden=\"true\">{}</span> {}</span>"
        "<code>{}</code><span class=\"figure\">{}{}</span></li>\n",
        tone, sign, markup_text(goal_state(goal)), markup_text(goal.goal),
        goal.measured ? how_known(report) + std::string(" ") : "",
        markup_text(measured_text(goal) + goal_caveat(report, goal)));
  }
  if (!out.empty()) out = "<ul class=\"goals\">\n" + out + "</ul>\n";
  return html_section("goals", "Goals", out);
}

std::string trust(const Report& report) {
  std::string inside = html_list(trust_parts(report));
  if (!report.notes.empty()) inside += html_heading("Notes") + html_list(report.notes);
  std::string meanings;
  for (const Explanation& entry : page_explanations(report)) {
    meanings += fmt::format("<li><b>{}</b>: {}</li>", markup_text(entry.figure),
                            markup_text(entry.meaning));
  }
  inside += html_folded("What the figures mean", "<ul>" + meanings + "</ul>\n");
  return html_section("trust", "How far to trust it", inside);
}

std::string reproduction(const Report& report) {
  std::string inside;
  if (!report.command_line.empty()) {
    inside += "<pre tabindex=\"0\"><code>" + markup_text(report.command_line) + "</code></pre>\n";
  }
  std::vector<std::pair<std::string, std::string>> pairs{{"scenario", report.scenario_file},
                                                         {"seed", fmt::format("{}", report.seed)},
                                                         {"started", report.started_at},
                                                         {"poolgauge", report.tool_version}};
  const TargetFacts& target = report.target;
  if (target.kind == "sqlite") {
    pairs.emplace_back("SQLite", target.server_version + ", " + target.address);
  } else if (!target.server_version.empty()) {
    pairs.emplace_back("PostgreSQL", target.server_version + ", " + target.address);
    pairs.emplace_back("max_connections", fmt::format("{}, {} reserved", target.max_connections,
                                                      target.reserved_connections));
  }
  if (target.replica) {
    pairs.emplace_back("replica", target.replica->server_version + ", " + target.replica->address);
  }
  pairs.emplace_back("SHA-256 of the scenario", report.scenario_sha256);
  inside += html_pairs(pairs);
  if (!report.scenario_json.empty()) {
    inside += html_folded("The scenario as it ran",
                          "<pre tabindex=\"0\"><code>" +
                              markup_text(indented_json(report.scenario_json)) + "</code></pre>\n");
  }
  return html_section("reproduce", "How to reproduce", inside);
}

struct Part {
  const char* id;
  const char* name;
  std::string html;
};

std::string contents(const std::vector<Part>& parts) {
  std::string out = "<nav aria-label=\"Contents\"><ul>";
  for (const Part& part : parts) {
    if (part.html.empty()) continue;
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>", part.id, part.name);
  }
  return out + "</ul></nav>\n";
}

std::string head(const Report& report) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" "
      "content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>{} {} · "
      "Poolgauge</title>\n<style>{}</style></head>\n<body>\n<a class=\"skip\" "
      "href=\"#verdict\">Skip to the verdict</a>\n",
      markup_text(report.scenario_name), markup_text(title_of(report)), html_style());
}

}  // namespace

std::string to_html(const Report& report) {
  const std::vector<Part> parts{
      {"advice", html_advice_title(report), html_advice(report)},
      {"verdict", "Verdict", verdict(report)},
      {"gate", report.command == "compare" ? "Comparison" : "Gate", html_gate(report)},
      {"goals", "Goals", goals(report)},
      {"curve", "By size", html_curve(report)},
      {"time", "Where the time went", html_breakdown(report)},
      {"distribution", "Distribution", html_distribution(report)},
      {"series", "Over time", html_timeline(report)},
      {"samples", "Single requests", html_samples(report)},
      {"details", "Details", html_details(report)},
      {"trust", "Trust", trust(report)},
      {"reproduce", "Reproduce", reproduction(report)},
  };
  std::vector<std::string> context =
      report.recommendation ? advice_context(report) : context_parts(report);
  context.erase(context.begin());
  if (!report.started_at.empty()) context.push_back(date_text(report.started_at));
  std::string out = head(report);
  out += "<header><p class=\"brand\">Poolgauge " + markup_text(report.command) + "</p><h1>" +
         markup_text(report.scenario_name) + "</h1>\n";
  out += html_paragraph(joined(context), "about");
  if (!report.scenario_description.empty()) out += html_paragraph(report.scenario_description);
  out += contents(parts) + "</header>\n<main>\n";
  for (const Part& part : parts) out += part.html;
  out += "</main>\n<footer>" +
         markup_text(fmt::format("poolgauge {} · {}", report.tool_version, report.started_at)) +
         "</footer>\n<script>" + std::string(html_script()) + "</script>\n</body></html>\n";
  return out;
}

}  // namespace poolgauge
