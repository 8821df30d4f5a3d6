// Canceling a statement on the server without waiting for the result.
#pragma once

#include <libpq-fe.h>

namespace poolgauge {

/// Takes the handle over; nullptr is ignored. PQcancel connects and waits for the other side
/// without any limit (docs/decisions/0009), so it runs on a thread that is left to itself.
void cancel_elsewhere(PGcancel* statement);

}  // namespace poolgauge
