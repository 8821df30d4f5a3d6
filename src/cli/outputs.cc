// Checking the places reports go to, and writing them.
#include "cli/outputs.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "cli/files.h"
#include "cli/messages.h"
#include "cli/wall_clock.h"

namespace poolgauge::cli {

namespace fs = std::filesystem;

namespace {

constexpr int kMostReportsPerSecond = 10000;

Status check_file(const std::string& path, const std::string& flag) {
  if (path.empty() || path == "-") return success();
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) {
    return usage_error(flag + " " + path + " is a directory", "name a file in it");
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) return success();
  return check_writable(parent_of(path));
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

Status check_outputs(const OutputOptions& options, bool keep) {
  if (options.json == "-" && options.markdown == "-") {
    return usage_error("--json - and --markdown - both want standard output",
                       "give one of them a file name");
  }
  if (keep) {
    if (Status made = make_directory(options.directory); !made.ok()) return made;
    if (Status writable = check_writable(options.directory); !writable.ok()) return writable;
  }
  if (Status json = check_file(options.json, "--json"); !json.ok()) return json;
  return check_file(options.markdown, "--markdown");
}

Result<KeptReport> keep_report(const std::string& directory, const Report& report,
                               std::time_t started) {
  const std::string stem = file_stem(report.scenario_name) + "-" + compact_time(started);
  const std::string base = (fs::path(directory) / stem).string();
  Result<PendingFile> json = PendingFile::write(base + ".json", to_json(report));
  if (!json.ok()) return json.error();
  Result<PendingFile> markdown = PendingFile::write(base + ".md", to_markdown(report));
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
  return usage_error("no free name left for " + base + ".json", "choose another --out");
}

Status write_requested(const OutputOptions& options, const Report& report) {
  return write_requested(options, options.json.empty() ? "" : to_json(report),
                         options.markdown.empty() ? "" : to_markdown(report));
}

Status write_requested(const OutputOptions& options, const std::string& json,
                       const std::string& markdown) {
  if (options.json == "-") {
    if (Status printed = print_out(json); !printed.ok()) return printed;
  } else if (!options.json.empty()) {
    if (Status written = write_whole_file(options.json, json); !written.ok()) return written;
  }
  if (options.markdown == "-") return print_out(markdown);
  if (!options.markdown.empty()) return write_whole_file(options.markdown, markdown);
  return success();
}

}  // namespace poolgauge::cli
