// uname, /proc and the environment.
#include "app/surroundings.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>

namespace poolgauge::app {

namespace {

constexpr std::size_t kLongestCommit = 100;

/// GitHub, GitLab, Jenkins, Buildkite, CircleCI, Bitbucket, Azure, Travis, Drone, AppVeyor.
constexpr std::array kCommitVariables = {"POOLGAUGE_COMMIT", "GITHUB_SHA",          "CI_COMMIT_SHA",
                                         "GIT_COMMIT",       "BUILDKITE_COMMIT",    "CIRCLE_SHA1",
                                         "BITBUCKET_COMMIT", "BUILD_SOURCEVERSION", "TRAVIS_COMMIT",
                                         "DRONE_COMMIT_SHA", "APPVEYOR_REPO_COMMIT"};

/// The value of the first "key : value" line; empty where there is none.
std::string value_in(const char* file, const std::string& key) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(':');
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    if (colon == std::string::npos || begin == std::string::npos) continue;
    return line.substr(begin);
  }
  return "";
}

bool names_a_commit(const std::string& text) {
  return !text.empty() && text.size() <= kLongestCommit &&
         text.find_first_not_of(
             "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "._-/") == std::string::npos;
}

}  // namespace

MachineFacts machine_facts() {
  MachineFacts facts;
  utsname names{};
  if (uname(&names) == 0) {
    facts.arch = names.machine;
    facts.kernel = std::string(names.sysname) + " " + names.release;
  }
  facts.cpu = value_in("/proc/cpuinfo", "model name");
  facts.cores = std::thread::hardware_concurrency();
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0) {
    facts.memory_mib =
        static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) / (1024U * 1024U);
  }
  return facts;
}

std::string commit_under_test(const Environment& environment) {
  for (const char* name : kCommitVariables) {
    const std::optional<std::string> value = environment(name);
    if (value && names_a_commit(*value)) return *value;
  }
  return "";
}

std::vector<std::vector<std::pair<std::string, OptionValue>>> options_of_pools(
    const Deployment& deployment) {
  std::vector<std::vector<std::pair<std::string, OptionValue>>> options;
  for (std::uint32_t i = 0; i < deployment.pool_count(); ++i) {
    options.push_back(all_options(deployment.pool_at(i)));
  }
  return options;
}

}  // namespace poolgauge::app
