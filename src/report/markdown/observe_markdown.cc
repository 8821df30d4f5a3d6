// `observe` as Markdown: the verdict, a table of the groups, each group, and the limits.
#include <fmt/format.h>

#include "base/text.h"
#include "observe/observe.h"
#include "report/markup.h"
#include "report/observe_words.h"

namespace poolgauge {
namespace {

std::string group_table(const Observed& observed) {
  std::string out =
      "| group | open sessions | in use (mean) | in use (busiest minute) | hold time (mean) | "
      "connections needed |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: |\n";
  for (const ObservedGroup& group : observed.groups) {
    const std::string held =
        group.hold_s ? human_duration(from_s(group.hold_s->value)) : std::string("–");
    out += table_row(
        {escaped(observe::group_name(group.key)), significant(group.sessions_mean),
         escaped(observe_figure(group.in_use)), significant(group.busiest_minute), escaped(held),
         group.in_use_most == 0
             ? std::string("–")
             : (group.size.lower_bound ? "at least " : "") + fmt::format("{}", group.size.total)});
  }
  return out + "\n";
}

std::string lines_text(const ObserveLines& lines) {
  std::string out;
  for (const auto& [name, text] : lines) {
    out += fmt::format("- **{}**: {}\n", escaped(name), escaped(text));
  }
  return out;
}

}  // namespace

std::string to_markdown(const Observed& observed) {
  std::string out = fmt::format("**{}**\n\n{}\n\n", escaped(observe_headline(observed).text),
                                escaped(observe_place(observed)));
  if (!observed.groups.empty()) out += group_table(observed);
  for (const std::string& warning : observed.warnings) {
    out += fmt::format("> warning: {}\n>\n", escaped(warning));
  }
  if (!observed.warnings.empty()) out += "\n";
  for (const ObservedGroup& group : observed.groups) {
    out +=
        folded(escaped(observe::group_name(group.key)), lines_text(observe_lines(group, observed)));
    out += "\n";
  }
  if (observed.pooler) out += "PgBouncer:\n\n" + lines_text(observe_pooler_lines(observed)) + "\n";
  if (!observed.groups.empty() && observed.knows_server()) {
    out += "Server:\n\n" + lines_text(observe_server_lines(observed)) + "\n";
  }
  if (observed.recommendation) {
    out += fmt::format("Settings for {}:\n\n",
                       escaped(observe::group_name(observed.groups.front().key)));
    for (const Snippet& snippet : observed.recommendation->snippets) {
      out += folded(escaped(snippet.title), fenced(snippet.language, snippet.text) + "\n") + "\n";
    }
  }
  if (!observed.limits.empty()) out += "Limits of this observation:\n\n";
  for (const std::string& limit : observed.limits) out += "- " + escaped(limit) + "\n";
  return out;
}

}  // namespace poolgauge
