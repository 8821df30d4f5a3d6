// RLIMIT_NOFILE, read and raised.
#include "pg/session/connect_failure.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "base/text.h"

namespace poolgauge {

Result<std::optional<std::uint64_t>> plan_descriptors(std::uint64_t needed, std::uint64_t soft,
                                                      std::uint64_t hard) {
  using Plan = std::optional<std::uint64_t>;
  if (needed <= soft) return Plan{};
  if (needed <= hard) return Plan{hard};
  return Error{ErrorKind::target,
               fmt::format("cannot start: the load needs {} open files and sockets, but the limit "
                           "of this process is {}",
                           with_thousands(needed), with_thousands(hard)),
               fmt::format("raise the limit (ulimit -Hn {0}, or LimitNOFILE / nofile for a "
                           "service or container, then ulimit -n {0}), or use fewer connections",
                           needed)};
}

Status check_descriptors(std::uint64_t needed) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return success();  // then the limit is not known
  const auto plan = plan_descriptors(needed, limit.rlim_cur, limit.rlim_max);
  if (!plan) return plan.error();
  if (!plan.value()) return success();
  limit.rlim_cur = static_cast<rlim_t>(*plan.value());
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return success();
  return Error{ErrorKind::target,
               fmt::format("cannot raise the limit on open files to {}: {}", with_thousands(needed),
                           std::strerror(errno)),
               fmt::format("raise it before starting Poolgauge: ulimit -n {}", needed)};
}

}  // namespace poolgauge
