// Looks for initdb and postgres on $PATH and in Debian's version directories.
#include "pg/server/leftovers.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

namespace poolgauge {
namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

/// Debian's commands on $PATH may be links into the version's own directory; postgres finds its
/// share files from where it really lives.
std::optional<PostgresBinaries> binaries_in(const fs::path& directory) {
  std::error_code error;
  if (!is_program(directory / "initdb")) return std::nullopt;
  const fs::path initdb = fs::canonical(directory / "initdb", error);
  if (error) return std::nullopt;
  const fs::path postgres = initdb.parent_path() / "postgres";
  if (!is_program(postgres)) return std::nullopt;
  return PostgresBinaries{initdb.string(), postgres.string()};
}

std::vector<fs::path> split_path(const std::string& path) {
  std::vector<fs::path> directories;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    // A relative or empty entry means the current directory: never run a server from there.
    if (end > begin && path[begin] == '/')
      directories.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return directories;
}

/// "15" and "9.6" as numbers; the directories found, newest first.
std::vector<fs::path> version_directories(const std::string& root) {
  std::vector<std::pair<double, fs::path>> found;
  std::error_code error;
  for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    char* rest = nullptr;
    const double version = std::strtod(name.c_str(), &rest);
    if (rest != name.c_str() && *rest == '\0') found.emplace_back(version, it->path() / "bin");
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<fs::path> directories;
  for (auto& [version, directory] : found) directories.push_back(std::move(directory));
  return directories;
}

}  // namespace

BinarySearch BinarySearch::from_environment() {
  const char* path = std::getenv("PATH");
  BinarySearch search;
  search.path = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  const char* pgbouncer = std::getenv("POOLGAUGE_PGBOUNCER");
  search.pgbouncer = pgbouncer != nullptr ? pgbouncer : "";
  return search;
}

Result<PostgresBinaries> find_postgres(const BinarySearch& search) {
  for (const fs::path& directory : split_path(search.path)) {
    if (auto found = binaries_in(directory)) return *std::move(found);
  }
  for (const fs::path& directory : version_directories(search.versions_root)) {
    if (auto found = binaries_in(directory)) return *std::move(found);
  }
  return Error{ErrorKind::target,
               fmt::format("no PostgreSQL server programs found for the throwaway PostgreSQL\n  "
                           "searched for initdb and postgres on PATH, then in {}/*/bin",
                           search.versions_root),
               "install them (Debian: apt-get install postgresql), or use a server with --target"};
}

Result<std::string> find_pgbouncer(const BinarySearch& search) {
  constexpr const char* kCure =
      "install it (Debian: apt-get install pgbouncer), remove deployment.pooler from the scenario, "
      "or use a running one with \"target\": \"given\" and --target";
  if (!search.pgbouncer.empty()) {
    if (search.pgbouncer.front() == '/' && is_program(search.pgbouncer)) return search.pgbouncer;
    return Error{ErrorKind::target,
                 fmt::format("POOLGAUGE_PGBOUNCER is not a program: {}", search.pgbouncer), kCure};
  }
  for (const fs::path& directory : split_path(search.path + ":" + search.daemons)) {
    if (is_program(directory / "pgbouncer")) return (directory / "pgbouncer").string();
  }
  return Error{ErrorKind::target,
               fmt::format("the scenario uses PgBouncer, but no pgbouncer program was found\n  "
                           "searched PATH, then {}",
                           search.daemons),
               kCure};
}

}  // namespace poolgauge
