// Flags win over the report, and the report over assumptions.
#include "cli/commands/size_from.h"

#include <utility>

#include "cli/args/size_values.h"
#include "cli/shell/messages.h"
#include "cli/shell/report_set.h"
#include "poolgauge/pool_sizing.h"
#include "report/backend_memory_words.h"

namespace poolgauge::cli {

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

}  // namespace

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

}  // namespace poolgauge::cli
