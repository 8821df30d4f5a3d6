// Resolving the hosts of a connection string on a thread of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include "pg/session/connect_failure.h"
#include "pg/session/epoll_time.h"
#include "poolgauge/live.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// libpq's lists, an entry for each address to try; all empty: nothing had to be looked up.
struct ConnectPlaces {
  std::string host, hostaddr, port;
  bool operator==(const ConnectPlaces&) const = default;
};

/// PQconnectStartParams. With places it looks nothing up, so it does not block. The host's name
/// stays, for TLS, passwords and messages.
PGconn* start_connect(const std::string& conninfo, const ConnectPlaces& places,
                      const char* fallback_name);

/// The names in one connection string, service and PG* variables included, and what they mean.
/// getaddrinfo has no limit of time, so it is called on a thread that is left behind when it hangs.
class HostNames {
 public:
  /// An empty `resolve`: the system's.
  explicit HostNames(const std::string& conninfo, ResolveHost resolve = {});
  ~HostNames();
  HostNames(const HostNames&) = delete;
  HostNames& operator=(const HostNames&) = delete;

  enum class Found { yes, no, interrupted };
  /// Looks up every name, for no longer than `until`. Yes: at least one host can be connected to;
  /// those whose name is unknown are omitted. No: `trouble` says why.
  Found look_up(const StopFlag& stop, TimePoint until, ConnectTrouble& trouble);
  /// From now on looks again after each such time. A name that is not found meanwhile keeps its
  /// latest meaning.
  void keep_fresh(Duration every);
  /// Of the latest look. From any thread.
  std::shared_ptr<const ConnectPlaces> places() const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace poolgauge
