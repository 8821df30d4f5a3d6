// How a broken invariant ends the program: one line on standard error, then abort.
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace poolgauge {

void check_failed(const char* condition, const char* why, const char* file, int line) {
  std::fprintf(stderr, "poolgauge: internal error at %s:%d: %s\n  violated invariant: %s\n", file,
               line, why, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace poolgauge
