// Shares of a fleet whose processes are all alike.
#include "engine/part_share.h"

namespace poolgauge {

Deployment share_of(const Deployment& deployment, RunPart part) {
  Deployment share = deployment;
  if (part.count == 1) return share;
  share.instances = part.processes(deployment.fleet());
  share.processes = 1;
  return share;
}

std::optional<std::int64_t> share_of(std::optional<std::int64_t> clients, std::uint32_t fleet,
                                     RunPart part) {
  if (!clients || part.count == 1) return clients;
  std::int64_t sum = 0;
  for (std::uint32_t process = part.index; process < fleet; process += part.count) {
    sum += (*clients + fleet - 1 - process) / fleet;
  }
  return sum;
}

}  // namespace poolgauge
