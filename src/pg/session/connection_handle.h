// Owns a libpq connection, and discards its notices.
#pragma once

#include <memory>

#include <libpq-fe.h>

namespace poolgauge {

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;

inline void ignore_notice(void* /*unused*/, const PGresult* /*unused*/) {}

}  // namespace poolgauge
