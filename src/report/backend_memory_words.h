// Memory of the server's connections in words; the same in every form of a report.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// MiB that one more connection takes on the server, page tables included and shared memory not:
/// for `size` and for whoever bounds a recommendation. nullopt: the report does not know it.
std::optional<double> connection_memory_mib(const Report& report);

/// "6.1 MiB of server memory per connection"; empty where it was not measured.
std::string memory_part(const Report& report);
/// The whole of it as one or two sentences, or why it was not measured; empty where nobody looked.
std::string memory_sentences(const Report& report);
/// Label and value by part; empty where it was not measured.
std::vector<std::pair<std::string, std::string>> memory_pairs(const Report& report);

}  // namespace poolgauge
