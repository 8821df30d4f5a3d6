// Sizes to a tenth of a MiB: readings of one process differ by more.
#include "report/sentences.h"

#include <fmt/format.h>

namespace poolgauge {
namespace {

std::string mib(double size) {
  return fmt::format("{:.1f} MiB", size);
}

std::string times(std::uint32_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

std::optional<double> connection_memory_mib(const Report& report) {
  const BackendMemory& memory = report.server.memory;
  return memory.seen() ? std::optional<double>(memory.per_connection()) : std::nullopt;
}

std::string memory_part(const Report& report) {
  const auto each = connection_memory_mib(report);
  return each ? mib(*each) + " of server memory per connection" : "";
}

std::string memory_sentences(const Report& report) {
  const BackendMemory& memory = report.server.memory;
  if (!memory.seen()) {
    return memory.note.empty() ? ""
                               : "Memory per connection was not measured: " + memory.note + ".";
  }
  return fmt::format(
      "One more connection takes {} on the server: {} of its process's own memory and {} of page "
      "tables. The largest process had {} of its own. Counting its share of shared memory, a "
      "process takes {} on average (PSS; {} of server processes in {}).",
      mib(memory.per_connection()), mib(memory.per_connection() - memory.page_tables),
      mib(memory.page_tables), mib(memory.own_max), mib(memory.pss),
      times(memory.readings, "reading"), times(memory.looks, "sample"));
}

std::vector<std::pair<std::string, std::string>> memory_pairs(const Report& report) {
  const BackendMemory& memory = report.server.memory;
  if (!memory.seen()) return {};
  return {{"memory per connection", mib(memory.per_connection())},
          {"its page tables", mib(memory.page_tables)},
          {"PSS of a server process, including a share of shared memory", mib(memory.pss)}};
}

}  // namespace poolgauge
