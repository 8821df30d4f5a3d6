// Reading many reports, and the file with a line for each.
#include "app/saved.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "base/quantities.h"
#include "files/files.h"
#include "files/report_set.h"
#include "gate/history.h"
#include "report/size_words.h"

namespace poolgauge::app {

namespace {

namespace fs = std::filesystem;

using Entries = std::vector<HistoryEntry>;

/// Reports of a directory. What is no report is named and stepped over: a history survives one bad
/// file.
Result<Entries> entries_of_directory(const std::string& directory, ProgressSink& progress) {
  const Result<std::vector<std::string>> files = json_files_in(directory);
  if (!files.ok()) return files.error();
  Entries entries;
  for (const std::string& file : files.value()) {
    const Result<Report> report = load_report(file);
    if (report.ok() && report.value().part) continue;  // the merged report counts
    if (report.ok()) {
      entries.push_back(history_entry(report.value()));
    } else {
      progress.note("poolgauge: skipped: " + report.error().message + "\n");
    }
  }
  return entries;
}

Result<Entries> entries_of_file(const std::string& file) {
  const Result<std::string> text = read_file(file);
  if (!text.ok()) return text.error();
  return read_history(text.value(), file);
}

Result<Entries> entries_of(const std::string& source, ProgressSink& progress) {
  std::error_code ignored;
  Result<Entries> entries = fs::is_directory(source, ignored)
                                ? entries_of_directory(source, progress)
                                : entries_of_file(source);
  if (entries.ok() && entries.value().empty()) {
    return usage_error(source + " contains no runs",
                       "give a directory of reports, or a history file written with --append");
  }
  return entries;
}

/// "chat (3), mail (1)"
std::string scenarios_text(const std::map<std::string, int>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += (text.empty() ? "" : ", ") + name + " (" + std::to_string(count) + ")";
  }
  return text;
}

std::map<std::string, int> scenarios_of(const Entries& entries) {
  std::map<std::string, int> counts;
  for (const HistoryEntry& entry : entries) ++counts[entry.scenario];
  return counts;
}

/// The named scenario, or the only one that the source has: what else the file of --append holds
/// leaves no doubt which one is meant.
Result<std::string> wanted_scenario(const Entries& of_source, const HistoryRequest& options) {
  if (!options.scenario.empty()) return options.scenario;
  const std::map<std::string, int> counts = scenarios_of(of_source);
  if (counts.size() == 1) return counts.begin()->first;
  return usage_error(
      options.source + " contains runs of several scenarios: " + scenarios_text(counts),
      "choose one with --scenario");
}

/// Those of the scenario.
Result<Entries> of_scenario(Entries entries, const std::string& wanted,
                            const HistoryRequest& options) {
  const std::map<std::string, int> counts = scenarios_of(entries);
  if (!counts.contains(wanted)) {
    const bool both = !options.append.empty();
    return usage_error(
        both ? "neither " + options.source + " nor " + options.append +
                   " contains a run of scenario " + wanted
             : options.source + " contains no run of scenario " + wanted,
        (both ? "they contain runs of " : "it contains runs of ") + scenarios_text(counts));
  }
  std::erase_if(entries, [&wanted](const HistoryEntry& e) { return e.scenario != wanted; });
  return entries;
}

bool same_run(const HistoryEntry& a, const HistoryEntry& b) {
  return a.started_at == b.started_at && a.scenario == b.scenario && a.seed == b.seed &&
         a.throughput_per_s.value_or(0) == b.throughput_per_s.value_or(0);
}

/// What was asked, where the kept line is of a version that did not record it.
void complete_entry(HistoryEntry& kept, const HistoryEntry& fresh) {
  if (!kept.series.empty()) return;
  kept.series = fresh.series;
  kept.asked = fresh.asked;
}

/// What the file has and what is new, each run once, oldest first; of each scenario the latest.
Entries joined_entries(Entries kept, const Entries& fresh, std::uint64_t keep) {
  // Both as read from a line, so that figures compare equal.
  for (const HistoryEntry& entry : fresh) {
    const HistoryEntry rounded = read_history(history_line(entry), "").value().front();
    const auto known = std::find_if(kept.begin(), kept.end(), [&rounded](const HistoryEntry& k) {
      return same_run(k, rounded);
    });
    if (known == kept.end()) {
      kept.push_back(rounded);
    } else {
      complete_entry(*known, rounded);
    }
  }
  std::stable_sort(kept.begin(), kept.end(), [](const HistoryEntry& a, const HistoryEntry& b) {
    return a.started_at < b.started_at;
  });
  if (keep == 0) return kept;
  std::map<std::string, std::uint64_t> seen;
  Entries latest;
  for (std::size_t i = kept.size(); i-- > 0;) {
    if (++seen[kept[i].scenario] <= keep) latest.push_back(kept[i]);
  }
  std::reverse(latest.begin(), latest.end());
  return latest;
}

std::string lines_of(const Entries& entries) {
  std::string text;
  for (const HistoryEntry& entry : entries) text += history_line(entry);
  return text;
}

/// Returns what the file holds then. Others may append at the same time: what each has read is
/// still true when it writes. The file is replaced as a whole, so a crash leaves the one before.
Result<Entries> append(const HistoryRequest& options, const Entries& fresh, const StopFlag& stop) {
  const Result<Destination> found = destination_of(options.append);
  if (!found.ok()) return found.error();
  if (found.value().kind != Destination::Kind::whole_file) {  // nothing can be read back from it
    const Entries added = joined_entries({}, fresh, options.keep);
    const Status written = write_output(options.append, lines_of(added));
    if (!written.ok()) return written.error();
    return added;
  }
  const Result<LockedFile> lock = LockedFile::take(found.value().path, stop);
  if (!lock.ok()) return lock.error();
  Result<Entries> before = entries_of_file(options.append);
  if (!before.ok()) return before.error();
  Entries kept = joined_entries(std::move(before).value(), fresh, options.keep);
  const Status written = write_output(options.append, lines_of(kept));
  if (!written.ok()) return written.error();
  return kept;
}

/// The entries that are one series, or all of them; what stays out is noted in the history.
Result<History> history_of(Entries entries, const HistoryRequest& options) {
  std::vector<HistorySeries> others;
  if (!options.mixed) {
    Result<Entries> chosen = entries_of_series(std::move(entries), options.series, others);
    if (!chosen.ok()) return chosen.error();
    entries = std::move(chosen).value();
  }
  History history = make_history(std::move(entries), options.metric);
  history.others = std::move(others);
  return history;
}

Status check_metric(const std::string& metric) {
  const std::vector<std::string> known = history_metrics();
  if (std::find(known.begin(), known.end(), metric) != known.end()) return success();
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  return usage_error("--metric: a history does not record \"" + metric + "\"", "one of: " + all);
}

}  // namespace

Status check_history(const HistoryRequest& request) {
  if (const Status known = check_metric(request.metric); !known.ok()) return known;
  if (request.keep > 0 && request.append.empty()) {
    return usage_error("--keep needs --append",
                       "--keep limits the history file that --append writes");
  }
  if (request.mixed && !request.series.empty()) {
    return usage_error("--series and --all cannot be used together", "use only one of them");
  }
  return success();
}

Result<History> read_and_append(const HistoryRequest& request, const Context& context,
                                ProgressSink& progress) {
  Result<Entries> entries = entries_of(request.source, progress);
  if (!entries.ok()) return entries.error();
  const Result<std::string> wanted = wanted_scenario(entries.value(), request);
  if (!request.append.empty()) {
    entries = append(request, entries.value(), context.stop);
    if (!entries.ok()) return entries.error();
  }
  if (!wanted.ok()) return wanted.error();
  Result<Entries> chosen = of_scenario(std::move(entries).value(), wanted.value(), request);
  if (!chosen.ok()) return chosen.error();
  return history_of(std::move(chosen).value(), request);
}

}  // namespace poolgauge::app
