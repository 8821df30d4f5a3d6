// The flags of `size`. Each has a variable, too: --max-connections is POOLGAUGE_MAX_CONNECTIONS.
#include <CLI/CLI.hpp>
#include <cctype>

#include "base/quantities.h"
#include "cli/args/choices.h"
#include "cli/args/option_table.h"
#include "cli/args/options.h"
#include "poolgauge/pool_sizing.h"

namespace poolgauge::cli {

namespace {

constexpr std::int64_t kMostProcesses = 10'000;
constexpr std::int64_t kMostCores = 4096;
// In MiB. The server's own limits of its settings, and what no machine with one of them is below.
constexpr double kLeastMachine = 64;
constexpr double kLeastBuffers = 128.0 / 1024;
constexpr double kLeastWorkMem = 64.0 / 1024;
constexpr Duration kLeastDeadline = std::chrono::milliseconds(10);
constexpr Duration kLeastIdleLimit = std::chrono::seconds(1);

constexpr const char* kFleet = "Application";
constexpr const char* kServer = "Database";
constexpr const char* kSizeLoad = "Load (whatever is known)";
constexpr const char* kSizeJudge = "Settings to check";
constexpr const char* kPooler = "Pooler and replica";

std::string variable_of(const std::string& flag) {
  std::string name = "POOLGAUGE_";
  for (const char c : flag.substr(2)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

/// The options of one group, each with its variable.
class Group {
 public:
  Group(CLI::App& command, const char* name) : command_(command), name_(name) {}

  template <typename Slot>
  void count(const std::string& flag, Slot& slot, std::int64_t low, std::int64_t high,
             const char* help) {
    with_variable(flag, add_count(command_, name_, flag, slot, low, high, help));
  }
  void memory(const std::string& flag, std::optional<double>& slot, double least_mib,
              const char* help) {
    with_variable(flag, add_memory(command_, name_, flag, slot, least_mib, help));
  }
  void time(const std::string& flag, std::optional<double>& slot, const char* help,
            Duration least = Duration{0}) {
    with_variable(flag, add_seconds(command_, name_, flag, slot, help, least));
  }
  void fraction(const std::string& flag, std::optional<double>& slot, double most,
                const char* help) {
    with_variable(flag, add_share(command_, name_, flag, slot, most, help));
  }
  void rate(const std::string& flag, std::optional<double>& slot, const char* help) {
    with_variable(flag, add_parsed<double>(command_, name_, flag, "R", help, slot, parse_rate));
  }
  void number(const std::string& flag, std::optional<double>& slot, double low, double high,
              const char* help) {
    with_variable(flag, add_parsed<double>(command_, name_, flag, "X", help, slot,
                                           [low, high](const std::string& text) {
                                             return parse_number(text, low, high);
                                           }));
  }
  void flag(const std::string& name, bool& slot, const char* help) {
    add_switch(command_, name_, name, slot, help);
  }

 private:
  static void with_variable(const std::string& flag, CLI::Option* option) {
    option->envname(variable_of(flag));
  }

  CLI::App& command_;
  const char* name_;
};

void add_fleet(CLI::App& command, SizeInputs& in) {
  Group group(command, kFleet);
  group.count("--instances", in.instances, 1, kMostProcesses, "application instances (default: 1)");
  group.count("--processes", in.processes, 1, kMostProcesses,
              "processes per instance, each with its own pool (default: 1)");
  group.count("--pools", in.pools, 1, 100, "pools per process, one per role (default: 1)");
  group.count("--threads", in.threads, 1, kMostBackends, "concurrent requests per process");
  group.count("--connections-per-request", in.connections_per_request, 1, 1000,
              "connections that a request holds at the same time (default: 1)");
  group.count("--app-cores", in.app_cores, 1, kMostCores,
              "physical CPU cores of the machine that an application instance runs on");
  group.memory("--app-memory", in.app_memory_mib, kLeastMachine,
               "memory of the machine that an application instance runs on");
  group.fraction("--surge", in.surge, 10,
                 "share of extra instances during a rolling deployment (default: 0; "
                 "with\n--profile container and in doctor: 25%)");
}

void add_server(CLI::App& command, SizeInputs& in) {
  Group group(command, kServer);
  group.count("--cores", in.cores, 1, kMostCores, "physical CPU cores of the database server");
  group.memory("--memory", in.memory_mib, kLeastMachine,
               "server memory, for example 16GB; recommendations stay within it");
  group.count("--spindles", in.spindles, 0, 10'000, "number of disks that statements wait for");
  group.flag("--ssd", in.ssd, "the data is on an SSD");
  group.count("--max-connections", in.max_connections, 1, kMostBackends,
              "max_connections of the server (default: 100)");
  group.count("--reserved", in.reserved, 0, kMostBackends,
              "superuser_reserved_connections + reserved_connections (default: 3)");
  group.count("--other-clients", in.other_clients, 0, kMostBackends,
              "connections used by other clients (default: 5)");
  group.fraction("--headroom", in.headroom, 0.95,
                 "share of the server's connections to keep free (default: 10%)");
  group.memory("--work-mem", in.work_mem_mib, kLeastWorkMem, "work_mem (default: 4MB)");
  group.memory("--shared-buffers", in.shared_buffers_mib, kLeastBuffers, "shared_buffers");
  group.number("--hash-mem-multiplier", in.hash_mem_multiplier, 1, 1000,
               "hash_mem_multiplier (default: 2)");
  group.flag("--huge-pages", in.huge_pages, "shared memory uses huge pages");
}

void add_load(CLI::App& command, SizeInputs& in) {
  Group group(command, kSizeLoad);
  group.rate("--rate", in.rate_per_s, "arrival rate of the whole fleet in requests per second");
  group.time("--hold", in.hold_s, "mean connection hold time of a request");
  group.time("--sql-time", in.sql_s, "part of the hold time spent on SQL");
  group.fraction("--headroom-load", in.headroom_load, 10,
                 "load growth to size for (default: from the profile; production: 25%)");
  group.time("--deadline", in.deadline_s, "time after which the caller gives up", kLeastDeadline);
  group.time("--idle-limit", in.idle_limit_s,
             "shortest idle timeout of the proxies and firewalls between application and database",
             kLeastIdleLimit);
}

void add_judged(CLI::App& command, SizeInputs& in) {
  Group group(command, kSizeJudge);
  group.count("--pool-size", in.pool_size, 0, 100'000, "connections that a pool keeps open");
  group.count("--max-overflow", in.max_overflow, 0, 100'000, "connections above the pool size");
  group.time("--pool-timeout", in.pool_timeout_s, "how long a request waits for a connection");
  group.time("--statement-timeout", in.statement_timeout_s, "statement_timeout");
}

void add_poolers(CLI::App& command, SizeInputs& in) {
  Group group(command, kPooler);
  group.flag("--pgbouncer", in.pgbouncer, "there is a PgBouncer in front of the server");
  add_value(command, kPooler, "--pool-mode", in.pool_mode, "MODE",
            "PgBouncer's pool_mode: transaction (default), session, or statement")
      ->check(one_of({"transaction", "session", "statement"}))
      ->envname("POOLGAUGE_POOL_MODE");
  group.count("--pgbouncer-processes", in.pgbouncer_processes, 1, 1000,
              "PgBouncer processes, each with its own pools (default: 1)");
  group.count("--pgbouncer-pairs", in.pgbouncer_pairs, 1, 10'000,
              "(database, user) pairs, each with its own pool (default: 1)");
  group.count("--default-pool-size", in.default_pool_size, 1, 100'000,
              "PgBouncer's default_pool_size");
  group.count("--reserve-pool-size", in.reserve_pool_size, 0, 100'000,
              "PgBouncer's reserve_pool_size");
  group.count("--max-client-conn", in.max_client_conn, 1, 10'000'000,
              "max_client_conn of each PgBouncer process");
  group.count("--replica-pool-size", in.replica_pool_size, 1, 100'000,
              "size of each process's pool to a replica");
  group.count("--replica-max-overflow", in.replica_max_overflow, 0, 100'000,
              "connections above that size");
  group.count("--replica-max-connections", in.replica_max_connections, 1, kMostBackends,
              "the replica's max_connections");
}

/// All names, for the help.
std::string snippet_list() {
  constexpr std::size_t kWidth = 60;
  std::string list;
  std::size_t column = 0;
  for (const std::string& name : snippet_names()) {
    if (!list.empty()) list += column + name.size() > kWidth ? ",\n" : ", ";
    column = list.ends_with('\n') ? 0 : column + 2;
    list += name;
    column += name.size();
  }
  return list;
}

void add_snippet(CLI::App& command, SizeOptions& options) {
  std::vector<std::string> snippets = snippet_names();
  snippets.insert(snippets.end(), {"all", "none"});
  add_value(command, kOptions, "--snippet", options.snippet, "NAME",
            "configuration snippet to show (default: that of --pool, otherwise "
            "sqlalchemy);\nall, none, or:\n" +
                snippet_list())
      ->check(one_of(snippets))
      ->envname("POOLGAUGE_SNIPPET");
}

}  // namespace

void add_size(CLI::App& app, SizeOptions& options) {
  CLI::App& command =
      *app.add_subcommand("size", "calculate pool sizes from formulas, without a database");
  command.group("Commands");
  command.footer(
      "Missing inputs are assumed, and the answer lists them. Write memory sizes as "
      "in\npostgresql.conf. Every flag with a value has a variable: POOLGAUGE_PROCESSES=10.\n"
      "Exit status: 0; 10 with --check if the given settings do not fit or can deadlock.\n\n"
      "Example:\n"
      "  poolgauge size --processes 10 --pool-size 20 --max-overflow 40 --max-connections 100\n"
      "  poolgauge size --processes 4 --rate 200 --hold 40ms --sql-time 5ms --cores 8\n"
      "  poolgauge size --instances 5 --pool-size 20 --max-overflow 0 --check");
  add_value(command, kOptions, "--profile", options.inputs.profile, "NAME",
            "dev, staging, production, high-traffic, or container (default: "
            "production);\nsets growth, headroom, deadline, and how many requests may wait")
      ->check(one_of(size_profiles()))
      ->envname("POOLGAUGE_PROFILE");
  std::vector<std::string> kinds;
  for (const KindInfo* kind : pool_kinds()) {
    if (sizing_options(kind->name)) kinds.push_back(kind->name);
  }
  add_value(command, kOptions, "--pool", options.inputs.kind, "KIND",
            "pool kind, as in a scenario; the answer uses the option names of that "
            "library\n(default: the kind in --from, otherwise sqlalchemy)")
      ->check(one_of(kinds))
      ->envname("POOLGAUGE_POOL");
  add_snippet(command, options);
  add_value(command, kOptions, "--from", options.from, "REPORT",
            "take memory per connection, server settings, and connect time from this "
            "report,\nunless a flag sets them")
      ->envname("POOLGAUGE_FROM");
  add_switch(command, kOptions, "--check", options.check,
             "exit with status 10 if the given settings do not fit or can deadlock; rules of "
             "thumb\nand configuration snippets are printed only with --rules or --snippet");
  add_switch(
      command, kOptions, "--rules", options.rules,
      "also show alerts, timeouts, memory, and every rule of thumb with its source and\ncaveat");
  add_fleet(command, options.inputs);
  add_server(command, options.inputs);
  add_load(command, options.inputs);
  add_judged(command, options.inputs);
  add_poolers(command, options.inputs);
  add_requested_files(command, options.output);
  add_switch(command, "Output", "--quiet", options.output.quiet,
             "print no summary; if the exit status is not 0, print one line on\n"
             "standard error that says why");
  add_switch(command, "Output", "--no-color", options.output.no_color,
             "turn off colors (like NO_COLOR)");
}

}  // namespace poolgauge::cli
