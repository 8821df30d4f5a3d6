// pgbench, k6, wrk, psql and SQLAlchemy.
#include "manual/manual.h"

#include <utility>

namespace poolgauge::manual {

std::string option_elsewhere(std::string_view word) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"-c", "--users"},
      {"--client", "--users"},
      {"--clients", "--users"},
      {"--vus", "--users"},
      {"--concurrency", "--users"},
      {"--connections", "--pool-size"},
      {"-T", "--duration"},
      {"--time", "--duration"},
      {"-j", "--threads"},
      {"--jobs", "--threads"},
      {"-R", "--rate"},
      {"--rps", "--rate"},
      {"--qps", "--rate"},
      {"--tps", "--rate"},
      {"-d", "--target"},
      {"--dbname", "--target"},
      {"--host", "--target"},
      {"--port", "--target"},
      {"-p", "--target"},
      {"-U", "--target"},
      {"--url", "--target"},
      {"--dsn", "--target"},
      {"--uri", "--target"},
      {"--database", "--target"},
      {"--db", "--target"},
      {"--database-url", "--target"},
      {"--goal", "--slo"},
      {"--goals", "--slo"},
      {"--slos", "--slo"},
      {"--threshold", "--slo"},
      {"--thresholds", "--slo"},
      {"-o", "--json"},
      {"--output", "--json"},
      {"--timeout", "--pool-timeout"},
      {"--recycle", "--pool-recycle"},
      {"--pool-pre-ping", "--pre-ping"},
      {"--pool-kind", "--pool"},
      {"--kind", "--pool"},
      {"--overflow", "--max-overflow"},
      {"-q", "--quiet"},
      {"--silent", "--quiet"}};
  for (const auto& [theirs, ours] : kWords) {
    if (theirs == word) return std::string(ours);
  }
  return {};
}

}  // namespace poolgauge::manual
