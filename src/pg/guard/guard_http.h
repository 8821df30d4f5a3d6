// One GET, and the status that comes back.
#pragma once

#include <string>

#include "guard/http_url.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// The status of the answer; 0 where none came within `limit`, the connection failed or what
/// answered speaks no HTTP. The host is looked up on a thread of its own. Redirects are not
/// followed. For a thread that may wait: nothing of the measured path.
int http_status(const guard::HttpUrl& url, const StopFlag& stop, Duration limit);

/// The whole answer, with its body of at most 32 MiB. The error (kind target) says why there is
/// none: the host is unknown, nobody listens, no answer within `limit`, no HTTP. The rest is as
/// above.
Result<guard::HttpAnswer> http_get(const guard::HttpUrl& url, const StopFlag& stop, Duration limit);

}  // namespace poolgauge
