// The user an embedded server runs as when we are root, which PostgreSQL refuses.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace poolgauge {

struct UserIds {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
};

/// `postgres` if that user exists, else `nobody`; nullopt when we are not root and stay who we are.
std::optional<UserIds> unprivileged_user();

}  // namespace poolgauge
