// The thread shares its state, so that it can be left behind.
#include "pg/session/host_names.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/core.h>

#include "pg/conninfo/conninfo.h"
#include "pg/session/live_canceller.h"

namespace poolgauge {

namespace {

struct Entry {
  std::string host, hostaddr, port;
};

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const std::string plain = host.substr(0, host.find('%'));
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, plain.c_str(), address.data()) == 1;
}

/// A socket's directory begins with a slash, or with '@' where it is no file.
bool is_name(const Entry& entry) {
  const std::string& host = entry.host;
  return entry.hostaddr.empty() && !host.empty() && host[0] != '/' && host[0] != '@' &&
         !is_address(host);
}

std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// Empty where libpq will complain of the lists.
std::vector<Entry> entries_of(const std::string& conninfo) {
  std::string host, hostaddr, port;
  for (const ConninfoOption& option : effective_options(conninfo)) {
    if (option.name == "host") host = option.value;
    if (option.name == "hostaddr") hostaddr = option.value;
    if (option.name == "port") port = option.value;
  }
  const std::vector<std::string> hosts = split_list(host);
  const std::vector<std::string> addresses = split_list(hostaddr);
  const std::vector<std::string> ports = split_list(port);
  if (host.empty() || (!hostaddr.empty() && addresses.size() != hosts.size())) return {};
  if (ports.size() != 1 && ports.size() != hosts.size()) return {};
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    entries.push_back(
        {hosts[i], hostaddr.empty() ? "" : addresses[i], ports.size() == 1 ? ports[0] : ports[i]});
  }
  return entries;
}

HostAddresses ask_system(const std::string& host) {
  HostAddresses found;
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &first);
  if (failed != 0) {
    found.error = ::gai_strerror(failed);
    return found;
  }
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    const int shown =
        ::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(),
                      static_cast<socklen_t>(text.size()), nullptr, 0, NI_NUMERICHOST);
    if (shown == 0) found.addresses.emplace_back(text.data());
  }
  ::freeaddrinfo(first);
  return found;
}

void add_place(ConnectPlaces& places, const Entry& entry, bool first) {
  const char* comma = first ? "" : ",";
  places.host += comma + entry.host;
  places.hostaddr += comma + entry.hostaddr;
  places.port += comma + entry.port;
}

}  // namespace

struct HostNames::State {
  std::vector<Entry> entries;
  ResolveHost resolve;
  std::mutex mutex;
  std::condition_variable bell;
  std::map<std::string, HostAddresses> known;  // by name; the latest
  std::size_t looked_up = 0;                   // names of the first look
  std::shared_ptr<const ConnectPlaces> places = std::make_shared<ConnectPlaces>();
  bool ending = false;

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Entry& entry : entries) {
      const bool known_one = std::find(all.begin(), all.end(), entry.host) != all.end();
      if (is_name(entry) && !known_one) all.push_back(entry.host);
    }
    return all;
  }
  /// Once more for each name. Without the lock while it waits.
  void look() {
    for (const std::string& name : names()) {
      HostAddresses found = resolve(name);
      const std::lock_guard lock(mutex);
      HostAddresses& latest = known[name];
      if (latest.addresses.empty() || !found.addresses.empty()) latest = std::move(found);
      ++looked_up;
      bell.notify_all();
    }
    const std::lock_guard lock(mutex);
    publish();
  }
  /// What the entries mean by now; call with the lock.
  void publish() {
    auto now = std::make_shared<ConnectPlaces>();
    bool first = true;
    for (const Entry& entry : entries) {
      if (!is_name(entry)) {
        add_place(*now, entry, std::exchange(first, false));
        continue;
      }
      const auto found = known.find(entry.host);
      if (found == known.end()) continue;
      for (const std::string& address : found->second.addresses) {
        add_place(*now, {entry.host, address, entry.port}, std::exchange(first, false));
      }
    }
    places = std::move(now);
  }
  ConnectTrouble trouble(Duration waited) {
    ConnectTrouble why;
    why.failure = ConnectFailure::unreachable;
    for (const std::string& name : names()) {
      const bool asked = known.contains(name);
      if (!why.text.empty()) why.text += '\n';
      why.text += asked ? fmt::format("could not translate host name \"{}\" to address: {}", name,
                                      known[name].error)
                        : fmt::format("no address for host name \"{}\" within {:.0f} s", name,
                                      to_s(waited));
    }
    return why;
  }
};

HostNames::HostNames(const std::string& conninfo, ResolveHost resolve)
    : state_(std::make_shared<State>()) {
  state_->entries = entries_of(conninfo);
  state_->resolve = resolve ? std::move(resolve) : ask_system;
}

HostNames::~HostNames() {
  const std::lock_guard lock(state_->mutex);
  state_->ending = true;
  state_->bell.notify_all();
}

HostNames::Found HostNames::look_up(const StopFlag& stop, TimePoint until,
                                    ConnectTrouble& trouble) {
  constexpr Duration kTick = std::chrono::milliseconds(20);
  const std::size_t wanted = state_->names().size();
  if (wanted == 0) return Found::yes;
  const TimePoint began = monotonic_now();
  if (!run_aside([state = state_] { state->look(); })) state_->look();
  std::unique_lock lock(state_->mutex);
  const auto all = [&] { return state_->looked_up >= wanted; };
  while (!all() && monotonic_now() < until) {
    if (stop.requested()) return Found::interrupted;
    state_->bell.wait_for(lock, kTick, all);
  }
  state_->publish();
  if (!state_->places->host.empty()) return Found::yes;
  trouble = state_->trouble(monotonic_now() - began);
  return Found::no;
}

void HostNames::keep_fresh(Duration every) {
  if (state_->names().empty()) return;
  run_aside([state = state_, every] {
    for (;;) {
      {
        std::unique_lock lock(state->mutex);
        if (state->bell.wait_for(lock, every, [&] { return state->ending; })) return;
      }
      state->look();
    }
  });
}

std::shared_ptr<const ConnectPlaces> HostNames::places() const {
  const std::lock_guard lock(state_->mutex);
  return state_->places;
}

PGconn* start_connect(const std::string& conninfo, const ConnectPlaces& places,
                      const char* fallback_name) {
  std::array<const char*, 6> keywords = {"dbname", "fallback_application_name", nullptr};
  std::array<const char*, 6> values = {conninfo.c_str(), fallback_name, nullptr};
  if (!places.host.empty()) {
    keywords = {"dbname", "fallback_application_name", "host", "hostaddr", "port", nullptr};
    values = {conninfo.c_str(),        fallback_name,       places.host.c_str(),
              places.hostaddr.c_str(), places.port.c_str(), nullptr};
  }
  return PQconnectStartParams(keywords.data(), values.data(), 1);
}

}  // namespace poolgauge
