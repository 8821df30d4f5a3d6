// The states of HikariCP's connections, and in which order they are found.
#include "policy/hikari/hikari_bag.h"

#include "base/check.h"

namespace poolgauge {

namespace {
constexpr std::size_t kMostOwn = 50;
}

HikariBag::Entry& HikariBag::add(ConnId conn, TimePoint now) {
  if (conn.slot >= entries_.size()) entries_.resize(conn.slot + 1);
  Entry& entry = entries_[conn.slot];
  entry = Entry{};
  entry.conn = conn;
  entry.place = ++added_;
  entry.last_accessed = now;
  entry.state = State::free;
  free_.emplace(entry.place, conn.slot);
  ++total_;
  return entry;
}

void HikariBag::remove(ConnId conn) {
  POOLGAUGE_CHECK(contains(conn), "a connection left the bag twice");
  change(conn, entries_[conn.slot].state, State::absent);
  --total_;
}

bool HikariBag::change(ConnId conn, State from, State to) {
  if (!contains(conn) || entries_[conn.slot].state != from) return false;
  Entry& entry = entries_[conn.slot];
  if (from == State::free) free_.erase({entry.place, conn.slot});
  if (to == State::free) free_.emplace(entry.place, conn.slot);
  active_ += (to == State::in_use ? 1 : 0) - (from == State::in_use ? 1 : 0);
  entry.state = to;
  return true;
}

std::optional<ConnId> HikariBag::take_own(ClientId client) {
  if (client.value >= own_.size()) return std::nullopt;
  std::vector<ConnId>& own = own_[client.value];
  while (!own.empty()) {
    const ConnId conn = own.back();
    own.pop_back();
    if (take(conn)) return conn;
  }
  return std::nullopt;
}

std::optional<ConnId> HikariBag::take_oldest() {
  if (free_.empty()) return std::nullopt;
  const ConnId conn = entries_[free_.begin()->second].conn;
  take(conn);
  return conn;
}

void HikariBag::remember(ClientId client, ConnId conn) {
  if (client.value >= own_.size()) own_.resize(client.value + 1);
  if (own_[client.value].size() < kMostOwn) own_[client.value].push_back(conn);
}

std::vector<ConnId> HikariBag::newest_first() const {
  std::vector<ConnId> conns;
  for (auto free = free_.rbegin(); free != free_.rend(); ++free) {
    conns.push_back(entries_[free->second].conn);
  }
  return conns;
}

}  // namespace poolgauge
