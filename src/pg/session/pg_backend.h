// A real PostgreSQL through libpq, without blocking: the live answer to seam 2.
#pragma once

#include <string>
#include <vector>

#include "engine/backend.h"
#include "pg/session/epoll_time.h"
#include "pg/session/host_names.h"
#include "pg/session/live_canceller.h"
#include "pg/session/silence_log.h"

namespace poolgauge {

/// One per worker thread. The conninfo must be one libpq can read.
class PgBackend final : public Backend {
 public:
  /// `name`: the application name, unless the conninfo gives one. `log`: for backends that go to
  /// the same server; what one of them sees of it ends an outage that another saw begin. `names`:
  /// of the conninfo's hosts, looked up; outlives it.
  PgBackend(EpollTime& time, const Scenario& scenario, std::string conninfo, std::string name,
            LiveCanceller& canceller, OutageLog& log, const HostNames* names = nullptr);
  Task<Connected> connect(ConnId conn, Patience& patience) override;

  OutageLog& outages() override { return log_; }

  /// What this thread heard of the server.
  SilenceLog& silences() { return silences_; }
  const SilenceLog& silences() const { return silences_; }

  EpollTime& time() { return time_; }
  LiveCanceller& canceller() { return canceller_; }
  /// The prepared statement's name of a flattened step.
  const std::string& statement_name(std::uint32_t step) const { return statement_names_[step]; }
  std::size_t step_count() const { return statement_names_.size(); }
  /// Scratch for the parameters of one statement.
  std::vector<const char*>& parameters() { return parameters_; }
  const std::string& conninfo() const { return conninfo_; }

 private:
  Task<Connected> try_to_connect(Patience& patience);

  EpollTime& time_;
  std::string conninfo_;
  std::string name_;
  Duration connect_timeout_;
  LiveCanceller& canceller_;
  OutageLog& log_;
  SilenceLog silences_;
  const HostNames* names_;  // nullptr: libpq looks them up, and the loop waits for it
  std::vector<std::string> statement_names_;
  std::vector<const char*> parameters_;
};

}  // namespace poolgauge
