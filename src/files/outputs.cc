// Checking the places reports go to, and writing them.
#include "files/outputs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/quantities.h"
#include "base/visible_text.h"
#include "files/files.h"

namespace poolgauge::files {

namespace {

constexpr auto kFormats = std::to_array<ReportFormat>({
    {"json", "also write the report as JSON; - is standard output", &OutputFiles::json, to_json},
    {"markdown", "also write it as Markdown, for a pull request or a job summary",
     &OutputFiles::markdown, to_markdown},
    {"html", "also write it as a self-contained HTML page", &OutputFiles::html, to_html},
    {"junit", "also write JUnit XML with a test case for each goal (and, in gate, for each metric)",
     &OutputFiles::junit, to_junit},
    {"prometheus", "also write it in the Prometheus text format", &OutputFiles::prometheus,
     to_prometheus},
    {"github-benchmark", "also write JSON for github-action-benchmark",
     &OutputFiles::github_benchmark, to_github_benchmark},
    {"csv", "also write the timeline as CSV, one line per second", &OutputFiles::csv, to_csv},
    {"hdr", "also write an HdrHistogram log, one line per metric and second", &OutputFiles::hdr,
     to_hdr_log},
    {"hgrm", "also write the latency percentile distribution in HdrHistogram's format",
     &OutputFiles::hgrm,
     [](const Report& report) { return to_hgrm(report, "latency").value_or(""); }},
    {"bencher", "also write JSON for Bencher", &OutputFiles::bencher, to_bencher},
});

}  // namespace

std::span<const ReportFormat> report_formats() {
  return kFormats;
}

bool OutputFiles::uses_stdout() const {
  return std::any_of(kFormats.begin(), kFormats.end(),
                     [this](const ReportFormat& format) { return is_stdout(this->*format.path); });
}

namespace fs = std::filesystem;

namespace {

constexpr int kMostReportsPerSecond = 10000;

Status check_file(const std::string& path, const std::string& flag) {
  if (path.empty()) return success();
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    return usage_error(flag + " " + path + " is a directory", "give a file in that directory");
  }
  const Result<Destination> destination = destination_of(path);
  return destination.ok() ? check_destination(destination.value()) : destination.error();
}

std::string flag_of(const ReportFormat& format) {
  return std::string("--") + format.name;
}

/// The place itself, whatever names lead there; empty: one that several forms may be written to.
std::string place_of(const std::string& path) {
  if (path.empty() || is_stdout(path)) return path.empty() ? "" : "-";
  const Result<Destination> found = destination_of(path);
  if (!found.ok()) return path;
  std::error_code ignored;
  if (fs::is_character_file(found.value().path, ignored)) return "";
  if (found.value().kind == Destination::Kind::descriptor) return found.value().path;
  const fs::path file(found.value().path);
  const fs::path folder = fs::weakly_canonical(parent_of(file.string()), ignored);
  return (folder / file.filename()).string();
}

/// Two forms in one place would leave one of them.
Status check_distinct(const OutputFiles& options) {
  const auto formats = report_formats();
  for (std::size_t i = 0; i < formats.size(); ++i) {
    const std::string& path = options.*formats[i].path;
    const std::string place = place_of(path);
    for (std::size_t k = 0; k < i && !place.empty(); ++k) {
      const std::string& other = options.*formats[k].path;
      if (place_of(other) != place) continue;
      const std::string both = flag_of(formats[k]) + " " + other + " and " + flag_of(formats[i]);
      return place == "-" ? usage_error(both + " " + path + " would both write to standard output",
                                        "use a file name for one of them")
                          : usage_error(both + " " + path + " would write the same file",
                                        "use different file names");
    }
  }
  return success();
}

Status put(const std::string& path, const std::string& content) {
  return path.empty() ? success() : write_output(path, content);
}

using Publish = PendingFile::Publish;

/// Both files under the same number, or neither.
Publish publish_pair(PendingFile& json, PendingFile& markdown, const KeptReport& names) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(names.markdown, ignored))) return Publish::exists;
  const Publish first = json.publish_new(names.json);
  if (first != Publish::done) return first;
  const Publish second = markdown.publish_new(names.markdown);
  if (second == Publish::done) return second;
  const int error = errno;
  fs::remove(names.json, ignored);
  errno = error;
  return second;
}

}  // namespace

std::string file_stem(const std::string& name) {
  std::string stem;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || (c == '.' && !stem.empty());
    stem += plain ? c : '-';
  }
  constexpr std::size_t kLongest = 100;
  if (stem.empty()) return "report";
  return stem.substr(0, kLongest);
}

Status check_outputs(const OutputFiles& options, bool keep) {
  if (Status distinct = check_distinct(options); !distinct.ok()) return distinct;
  if (keep) {
    if (Status made = make_directory(options.directory); !made.ok()) return made;
    if (Status writable = check_writable(options.directory); !writable.ok()) return writable;
  }
  for (const ReportFormat& format : report_formats()) {
    const Status checked = check_file(options.*format.path, flag_of(format));
    if (!checked.ok()) return checked;
  }
  return success();
}

Result<KeptReport> keep_report(const std::string& directory, const Report& report,
                               std::time_t started) {
  std::string stem = file_stem(report.scenario_name) + "-" + compact_time(started);
  if (report.part) {
    const RunPart& part = report.part->part;
    stem += "-part-" + std::to_string(part.number()) + "-of-" + std::to_string(part.count);
  }
  const std::string base = (fs::path(directory) / stem).string();
  Result<PendingFile> json = PendingFile::write(base + ".json", without_secrets(to_json(report)));
  if (!json.ok()) return json.error();
  Result<PendingFile> markdown =
      PendingFile::write(base + ".md", without_secrets(to_markdown(report)));
  if (!markdown.ok()) return markdown.error();
  for (int number = 1; number <= kMostReportsPerSecond; ++number) {
    const std::string suffix = number == 1 ? "" : "-" + std::to_string(number);
    const KeptReport names{base + suffix + ".json", base + suffix + ".md"};
    const Publish result = publish_pair(json.value(), markdown.value(), names);
    if (result == Publish::done) return names;
    if (result == Publish::failed) {
      return usage_error("cannot write " + names.json + ": " + std::strerror(errno));
    }
  }
  return usage_error("all file names are taken for " + base + ".json",
                     "choose another directory with --out");
}

Result<KeptReport> replace_report(const KeptReport& names, const Report& report) {
  const Status json = write_output(names.json, to_json(report));
  if (!json.ok()) return json.error();
  const Status markdown = write_output(names.markdown, to_markdown(report));
  if (!markdown.ok()) return markdown.error();
  return names;
}

void write_requested_early(const OutputFiles& options, const Report& report) {
  for (const ReportFormat& format : report_formats()) {
    const std::string& path = options.*format.path;
    if (path.empty() || path == "-") continue;
    std::error_code ignored;
    const fs::file_status there = fs::symlink_status(path, ignored);
    if (fs::exists(there) && !fs::is_regular_file(there)) continue;
    static_cast<void>(write_output(path, format.render(report)));
  }
}

Status write_requested(const OutputFiles& options, const Report& report) {
  Status first = success();
  for (const ReportFormat& format : report_formats()) {
    const std::string& path = options.*format.path;
    if (path.empty()) continue;
    const Status written = put(path, format.render(report));
    if (first.ok() && !written.ok()) first = written;
  }
  return first;
}

Status write_requested(const OutputFiles& options, const std::string& json,
                       const std::string& markdown) {
  const Status written = put(options.json, json);
  const Status other = put(options.markdown, markdown);
  return written.ok() ? other : written;
}

}  // namespace poolgauge::files
