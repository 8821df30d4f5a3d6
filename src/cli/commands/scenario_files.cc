// Looking for scenario files.
#include "cli/commands/scenario_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

#include "base/text.h"
#include "cli/shell/built_in.h"
#include "cli/shell/messages.h"

namespace poolgauge::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".json";
constexpr std::string_view kSchemaSuffix = ".schema.json";

bool is_scenario_file(const std::string& name) {
  return name.ends_with(kSuffix) && !name.ends_with(kSchemaSuffix);
}

std::vector<std::string> files_in(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const std::string path = entry->path().string();
    if (is_scenario_file(path) && entry->is_regular_file(ignored)) files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

}  // namespace

std::vector<std::string> scenario_directories() {
  std::vector<fs::path> candidates = {"scenarios"};
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) {
    // build/release/poolgauge, and bin/poolgauge of an installation
    candidates.push_back(program / ".." / ".." / "scenarios");
    candidates.push_back(program / ".." / "share" / "poolgauge" / "scenarios");
  }
  candidates.push_back(fs::path(source_directory()) / "scenarios");
  std::vector<std::string> directories;
  std::set<std::string> seen;
  for (const fs::path& candidate : candidates) {
    std::error_code missing;
    const fs::path real = fs::canonical(candidate, missing);
    if (missing || !seen.insert(real.string()).second) continue;
    directories.push_back(candidate.is_absolute() ? real.string() : candidate.string());
  }
  return directories;
}

std::vector<std::string> scenarios_in(const std::vector<std::string>& directories) {
  std::vector<std::string> found;
  std::set<std::string> names;
  for (const std::string& directory : directories) {
    for (const std::string& file : files_in(directory)) {
      if (names.insert(scenario_name_of(file)).second) found.push_back(file);
    }
  }
  return found;
}

std::string scenario_name_of(const std::string& file) {
  return fs::path(file).stem().string();
}

Result<std::string> find_scenario(const std::string& typed,
                                  const std::vector<std::string>& directories) {
  if (is_file(typed)) return typed;
  if (is_folder(typed)) {
    const std::vector<std::string> files = files_in(typed);
    return usage_error(
        typed + " is a directory, not a scenario",
        files.empty()
            ? "give a scenario file or the name of a built-in scenario (poolgauge scenario list)"
            : "give a file in that directory, for example " + files.front());
  }
  const bool is_path = typed.find('/') != std::string::npos || typed.ends_with(kSuffix);
  if (is_path) return typed;
  std::vector<std::string> names;
  for (const std::string& file : scenarios_in(directories)) {
    names.push_back(scenario_name_of(file));
    if (names.back() == typed) return file;
  }
  const std::optional<std::string> nearest = nearest_name(typed, names);
  const std::string guess = nearest ? "; did you mean \"" + *nearest + "\"?" : "";
  return usage_error(
      "there is no scenario \"" + typed + "\"" + guess,
      "give a scenario file or the name of a built-in scenario (poolgauge scenario list)");
}

}  // namespace poolgauge::cli
