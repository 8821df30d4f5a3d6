// Looking for scenario files.
#include "files/report_set.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <variant>

#include "base/quantities.h"
#include "base/text.h"
#include "base/visible_text.h"
#include "poolgauge/scenario.h"

namespace poolgauge::files {

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

struct BuiltInQuestion {
  std::string_view name, question;
};

/// What each built-in scenario is good for.
constexpr std::array kQuestions = {
    BuiltInQuestion{"chat-100", "Do 100 concurrent chat requests run well with a pool of 20+40?"},
    BuiltInQuestion{"chat-100-before",
                    "What happens to 100 concurrent chat requests with SQLAlchemy's default pool?"},
    BuiltInQuestion{"cpu-bound", "What if the CPUs of the server are the bottleneck?"},
    BuiltInQuestion{"hold-bound", "What if requests hold connections but hardly use the database?"},
    BuiltInQuestion{"lock-bound", "What if transactions wait for locks on the same row?"},
    BuiltInQuestion{"pgbouncer-1000",
                    "How do 1,000 clients run through PgBouncer with 20 server connections?"},
    BuiltInQuestion{"read-replica", "How do I size pools for a primary and a read replica?"},
    BuiltInQuestion{"select-only", "Are the results comparable to pgbench -S -M prepared?"},
    BuiltInQuestion{"tpcb-like", "Are the results comparable to pgbench -M prepared?"}};

/// The question that a built-in scenario answers, else the scenario's own description.
std::string description_of(const std::string& file) {
  for (const auto& [name, question] : kQuestions) {
    if (scenario_name_of(file) == name) return std::string(question);
  }
  const ScenarioResult result = load_scenario(file, {});
  if (const auto* scenario = std::get_if<Scenario>(&result)) return scenario->description;
  return "(invalid, see poolgauge scenario check " + file + ")";
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

std::string scenario_list(const std::vector<std::string>& files) {
  std::size_t widest = 0;
  for (const std::string& file : files) widest = std::max(widest, scenario_name_of(file).size());
  std::string text;
  for (const std::string& file : files) {
    const std::string name = scenario_name_of(file);
    text += visible_text(name) + std::string(widest + 2 - name.size(), ' ') +
            visible_text(description_of(file)) + "\n";
  }
  return text;
}

}  // namespace poolgauge::files
