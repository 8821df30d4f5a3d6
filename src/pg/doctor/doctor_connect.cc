// libpq's steps of a connect with the time between them.
#include "pg/doctor/doctor_read.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include <libpq-fe.h>

#include "base/visible_text.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/connect_failure.h"
#include "pg/session/epoll_time.h"
#include "pg/session/host_names.h"

namespace poolgauge {
namespace {

constexpr Duration kConnectLimit = std::chrono::seconds(5);

/// When the parts of one connect ended.
struct ConnectMarks {
  TimePoint began{}, reached{}, asked{};
  bool has_reached = false, has_asked = false;

  void look(const PGconn* connection, TimePoint now) {
    const ConnStatusType status = PQstatus(connection);
    if (!has_reached && status != CONNECTION_STARTED && status != CONNECTION_NEEDED) {
      reached = now;
      has_reached = true;
    }
    if (!has_asked && (status == CONNECTION_AWAITING_RESPONSE || status == CONNECTION_OK)) {
      asked = now;
      has_asked = true;
    }
  }
};

/// False: refused, or no answer in time.
bool complete_connect(PGconn* connection, const StopFlag& stop, ConnectMarks& marks) {
  constexpr int kTick_ms = 20;
  const TimePoint until = marks.began + kConnectLimit;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) {
    if (stop.requested() || monotonic_now() >= until) return false;
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd entry{PQsocket(connection), events, 0};
    if (::poll(&entry, 1, kTick_ms) <= 0) continue;
    marks.look(connection, monotonic_now());
    state = PQconnectPoll(connection);
    marks.look(connection, monotonic_now());
  }
  return state == PGRES_POLLING_OK;
}

bool connect_once(const std::string& conninfo, const ConnectPlaces& places, const StopFlag& stop,
                  DoctorFacts& facts) {
  ConnectMarks marks;
  marks.began = monotonic_now();
  const ConnectionHandle connection(start_connect(conninfo, places, "poolgauge"));
  if (connection == nullptr) return false;
  PQsetNoticeReceiver(connection.get(), ignore_notice, nullptr);
  const bool started = PQstatus(connection.get()) != CONNECTION_BAD;
  if (!started || !complete_connect(connection.get(), stop, marks)) {
    const std::string text = PQerrorMessage(connection.get());
    facts.connect_trouble = text.empty()
                                ? "connecting took more than 5 s"
                                : shortened(scrub(text.substr(0, text.find('\n')), conninfo));
    return false;
  }
  const TimePoint ended = monotonic_now();
  DoctorConnect parts;
  parts.tcp_ms = to_ms(marks.reached - marks.began);
  const bool encrypted = PQsslInUse(connection.get()) != 0;
  parts.tls_ms = encrypted ? to_ms(marks.asked - marks.reached) : 0;
  parts.login_ms = to_ms(ended - (encrypted ? marks.asked : marks.reached));
  facts.connects.push_back(parts);
  return true;
}

}  // namespace

void time_connects(const std::string& conninfo, int times, const StopFlag& stop,
                   DoctorFacts& facts) {
  HostNames names(conninfo);
  ConnectTrouble trouble;
  if (names.look_up(stop, monotonic_now() + kConnectLimit, trouble) != HostNames::Found::yes) {
    facts.connect_trouble = shortened(scrub(trouble.text, conninfo));
    return;
  }
  for (int i = 0; i < times && !stop.requested(); ++i) {
    if (!connect_once(conninfo, *names.places(), stop, facts)) return;
  }
}

void read_own_limits(DoctorFacts& facts) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    constexpr rlim_t kMost = 1'000'000'000;
    facts.open_files = static_cast<std::int64_t>(std::min<rlim_t>(files.rlim_cur, kMost));
  }
  std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
  std::int64_t low = 0;
  std::int64_t high = 0;
  if (range >> low >> high && high >= low) facts.ports = high - low + 1;
  const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  if (processors > 0) facts.processors = processors;
}

}  // namespace poolgauge
