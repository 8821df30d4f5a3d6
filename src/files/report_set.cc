// Finding and reading saved reports.
#include "files/report_set.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <system_error>

#include "base/quantities.h"
#include "files/files.h"

namespace poolgauge::files {

namespace fs = std::filesystem;

namespace {

bool is_directory(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// "a.json,b.json" in parts; a file whose own name has a comma stays whole.
std::vector<std::string> parts_of(const std::string& argument) {
  if (exists(argument)) return {argument};
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t comma = argument.find(',', begin);
    const std::string part = argument.substr(begin, comma - begin);
    if (!part.empty()) parts.push_back(part);
    if (comma == std::string::npos) return parts;
    begin = comma + 1;
  }
}

/// "chat-100 (3 reports), select-only (1 report)"
std::string inventory(const std::map<std::string, int>& others) {
  std::string text;
  for (const auto& [name, count] : others) {
    text += (text.empty() ? "" : ", ") + name + " (" + std::to_string(count) +
            (count == 1 ? " report)" : " reports)");
  }
  return text;
}

/// Numbers in names by their size, so that the tenth report of a second follows the ninth, and the
/// first, which has no number, comes before the second.
bool is_before(const fs::path& a, const fs::path& b) {
  const std::string left = a.stem().string(), right = b.stem().string();
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto digits_from = [&is_digit](const std::string& text, std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && is_digit(text[end])) ++end;
    while (from + 1 < end && text[from] == '0') ++from;
    return text.substr(from, end - from);
  };
  std::size_t i = 0, k = 0;
  while (i < left.size() && k < right.size()) {
    if (is_digit(left[i]) && is_digit(right[k])) {
      const std::string one = digits_from(left, i), other = digits_from(right, k);
      if (one.size() != other.size()) return one.size() < other.size();
      if (one != other) return one < other;
      while (i < left.size() && is_digit(left[i])) ++i;
      while (k < right.size() && is_digit(right[k])) ++k;
      continue;
    }
    if (left[i] != right[k]) return left[i] < right[k];
    ++i;
    ++k;
  }
  if (i < left.size() || k < right.size()) return i == left.size();
  return a < b;
}

Status add_directory(std::vector<SavedReport>& all, const std::string& directory,
                     const std::string& scenario) {
  const Result<std::vector<std::string>> files = json_files_in(directory);
  if (!files.ok()) return files.error();
  std::map<std::string, int> others;
  bool any = false;
  for (const std::string& file : files.value()) {
    Result<Report> report = load_report(file);
    if (!report.ok()) return report.error();
    if (report.value().part) continue;
    if (!scenario.empty() && report.value().scenario_name != scenario) {
      ++others[report.value().scenario_name];
      continue;
    }
    any = true;
    all.push_back({file, std::move(report).value()});
  }
  if (any) return success();
  if (others.empty()) {
    return usage_error(directory + " contains no reports",
                       "give reports that poolgauge wrote with --json or --out");
  }
  return usage_error(directory + " contains no report of scenario " + scenario,
                     "it contains reports of " + inventory(others));
}

}  // namespace

Result<Report> load_report(const std::string& file) {
  const Result<std::string> text = read_file(file);
  if (!text.ok()) {
    return usage_error(text.error().message,
                       "give reports that poolgauge wrote with --json or --out");
  }
  return report_from_json(text.value(), file);
}

Status check_whole(const Report& report, const std::string& file) {
  if (!report.part) return success();
  const RunPart& part = report.part->part;
  return usage_error(file + " is part " + std::to_string(part.number()) + " of " +
                         std::to_string(part.count) +
                         " of a run: its figures are those of a share of the load",
                     "join all parts with poolgauge merge, and use the merged report");
}

Result<Report> load_whole_report(const std::string& file) {
  Result<Report> report = load_report(file);
  if (!report.ok()) return report;
  if (const Status whole = check_whole(report.value(), file); !whole.ok()) return whole.error();
  return report;
}

Result<std::vector<std::string>> json_files_in(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  if (error) return usage_error("cannot read " + directory + ": " + error.message());
  for (; entry != fs::directory_iterator(); entry.increment(error)) {
    if (error) return usage_error("cannot read " + directory + ": " + error.message());
    if (entry->path().extension() == ".json") files.push_back(entry->path().string());
  }
  std::sort(files.begin(), files.end(),
            [](const std::string& a, const std::string& b) { return is_before(a, b); });
  return files;
}

bool is_directory_without_reports(const std::string& argument) {
  if (!is_directory(argument)) return false;
  const Result<std::vector<std::string>> files = json_files_in(argument);
  return files.ok() && files.value().empty();
}

bool names_reports(const std::string& argument) {
  if (is_directory(argument)) return true;
  if (!exists(argument)) return argument.find(',') != std::string::npos;
  const Result<std::string> text = read_file(argument);
  return text.ok() && text.value().find("\"schema_version\"") != std::string::npos;
}

Result<std::vector<SavedReport>> load_reports(const std::vector<std::string>& arguments,
                                              const std::string& scenario) {
  std::vector<SavedReport> all;
  for (const std::string& argument : arguments) {
    for (const std::string& part : parts_of(argument)) {
      if (is_directory(part)) {
        const Status added = add_directory(all, part, scenario);
        if (!added.ok()) return added.error();
        continue;
      }
      Result<Report> report = load_whole_report(part);
      if (!report.ok()) return report.error();
      all.push_back({part, std::move(report).value()});
    }
  }
  if (all.empty())
    return usage_error("no report given", "give a report file or a directory of reports");
  return all;
}

}  // namespace poolgauge::files
