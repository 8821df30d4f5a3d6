// Flags win over the report, and the report over assumptions.
#include "app/saved.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "app/advice.h"
#include "base/quantities.h"
#include "files/report_set.h"
#include "poolgauge/pool_sizing.h"
#include "report/sentences.h"

namespace poolgauge::app {

namespace {

template <typename T>
void fill(std::optional<T>& slot, const std::optional<T>& found) {
  if (!slot) slot = found;
}

/// "128MB" of the server's settings; nothing where it is not among them.
std::optional<double> memory_setting(const Report& report, const std::string& name) {
  for (const auto& [known, value] : report.target.settings) {
    if (known != name) continue;
    const Result<double> mib = parse_memory_mib(value);
    if (mib.ok()) return mib.value();
  }
  return std::nullopt;
}

/// What no single flag can see.
std::optional<Error> contradiction(const SizeInputs& in) {
  if (in.hold_s && in.sql_s && *in.sql_s > *in.hold_s) {
    return usage_error("--sql-time is longer than --hold",
                       "--hold is the whole time a connection is checked out, including SQL");
  }
  if (in.pool_size.value_or(1) + in.max_overflow.value_or(0) < 1) {
    return usage_error("--pool-size 0 needs a --max-overflow above 0");
  }
  if (in.names.overflow.empty() && (in.max_overflow || in.replica_max_overflow)) {
    return usage_error(
        fmt::format("--max-overflow: a pool of kind {} has no overflow; {} is its maximum", in.kind,
                    total_name(in.names)),
        fmt::format("set {} with --pool-size, and remove --max-overflow", total_name(in.names)));
  }
  if (in.replica_max_overflow && !in.replica_pool_size) {
    return usage_error("--replica-max-overflow needs --replica-pool-size");
  }
  if (in.replica_max_connections && !in.replica_pool_size) {
    return usage_error("--replica-max-connections needs --replica-pool-size",
                       "without --replica-pool-size there is no replica to check");
  }
  if (in.memory_mib && in.shared_buffers_mib && *in.shared_buffers_mib >= *in.memory_mib) {
    return usage_error("--shared-buffers is not less than --memory",
                       "--shared-buffers is usually a quarter of the memory");
  }
  if (!in.pgbouncer) {
    const char* const flag = in.default_pool_size            ? "--default-pool-size"
                             : in.reserve_pool_size          ? "--reserve-pool-size"
                             : in.max_client_conn            ? "--max-client-conn"
                             : in.pgbouncer_processes != 1   ? "--pgbouncer-processes"
                             : in.pgbouncer_pairs != 1       ? "--pgbouncer-pairs"
                             : in.pool_mode != "transaction" ? "--pool-mode"
                                                             : nullptr;
    if (flag != nullptr) {
      return usage_error(std::string(flag) + " applies only to PgBouncer", "add --pgbouncer");
    }
  }
  return std::nullopt;
}

/// The settings under the names that the pool's own library has for them.
void add_library_words(Sizing& sizing) {
  const std::string& kind = sizing.inputs.kind;
  if (kind.empty()) return;
  Recommendation& r = sizing.recommendation;
  PoolSettings settings;
  settings.kept = r.pool_size;
  settings.total = r.total();
  settings.wait = from_s(r.pool_timeout_s);
  r.kind = kind;
  r.options = named_options(kind, settings);
  r.own_snippet = snippet_of(kind);
}

Result<SizeInputs> with_report(SizeInputs inputs, const std::string& file) {
  if (file.empty()) return inputs;
  const Result<Report> read = load_whole_report(file);
  if (!read.ok()) return read.error();
  const Report& report = read.value();
  if (report.target.kind == "simulated") {
    return usage_error(file + ": --from needs a measured report, but this is a simulation",
                       "use a report of poolgauge run");
  }
  inputs.from = file;
  if (inputs.kind.empty() && !report.pools.empty() && sizing_options(report.pools.front().kind)) {
    inputs.kind = report.pools.front().kind;
  }
  fill(inputs.connection_mib, connection_memory_mib(report));
  if (report.connect.mean)
    fill(inputs.connect_s, std::optional<double>(*report.connect.mean / 1e3));
  if (report.target.max_connections > 0) {
    fill(inputs.max_connections, std::optional<std::int64_t>(report.target.max_connections));
    fill(inputs.reserved, std::optional<std::int64_t>(report.target.reserved_connections));
  }
  fill(inputs.shared_buffers_mib, memory_setting(report, "shared_buffers"));
  fill(inputs.work_mem_mib, memory_setting(report, "work_mem"));
  // The server is on the machine that the report describes where its processes were seen there.
  if (report.server.memory.seen() && report.machine.memory_mib > 0) {
    fill(inputs.memory_mib, std::optional<double>(static_cast<double>(report.machine.memory_mib)));
  }
  return inputs;
}

}  // namespace

Result<SizeInputs> size_inputs(SizeInputs inputs, const std::string& file) {
  Result<SizeInputs> filled = with_report(std::move(inputs), file);
  if (!filled.ok()) return filled.error();
  if (const auto names = sizing_options(filled.value().kind)) filled.value().names = *names;
  if (const auto wrong = contradiction(filled.value())) return *wrong;
  return filled;
}

Result<Sizing> size_fleet(const SizeInputs& inputs) {
  Result<Sizing> sizing = size_pools(inputs);
  if (sizing.ok()) add_library_words(sizing.value());
  return sizing;
}

}  // namespace poolgauge::app
