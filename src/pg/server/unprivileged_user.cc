// Looks the user up in the password database.
#include "pg/server/leftovers.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace poolgauge {

std::optional<UserIds> unprivileged_user() {
  if (::geteuid() != 0) return std::nullopt;
  for (const char* name : {"postgres", "nobody"}) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 16384> buffer{};
    const int failed = ::getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found);
    if (failed == 0 && found != nullptr && found->pw_uid != 0) {
      return UserIds{found->pw_uid, found->pw_gid, name};
    }
  }
  // The number every Linux uses for nobody, in an image without a password file.
  return UserIds{65534, 65534, "nobody"};
}

}  // namespace poolgauge
