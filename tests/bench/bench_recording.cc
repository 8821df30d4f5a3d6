// bench_recording [PAIRS [SECONDS [USERS]]]: a select-only load with all recording on and with
// requests only counted, in turn, on a throwaway server. Prints the medians of the pairs' ratios;
// exits 1 when recording costs more than 3 % of the throughput.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "pg/server/embedded_server.h"
#include "pg/session/control_connection.h"
#include "poolgauge/live.h"

namespace poolgauge {
namespace {

constexpr double kMostCost = 0.03;

struct Sample {
  double per_s = 0;
  double cpu_us = 0;  // of the workers, for one request
};

Scenario select_only(int seconds, std::uint32_t users) {
  Scenario scenario;
  Step step;
  step.name = "account";
  step.sql.source = "SELECT abalance FROM accounts WHERE aid = :aid";
  step.sql.text = "SELECT abalance FROM accounts WHERE aid = $1";
  step.sql.variables = {0};
  VariableSpec aid;
  aid.name = "aid";
  aid.value = UniformVariable{1, 100000};
  scenario.variables.push_back(aid);
  RequestSpec request;
  request.name = "select";
  request.steps.push_back(step);
  scenario.requests.push_back(request);
  scenario.deployment.pool.kind = "fixed";
  ClosedLoad load;
  load.users = users;
  scenario.load = load;
  scenario.warmup = std::chrono::milliseconds(300);
  scenario.duration = std::chrono::seconds(seconds);
  return scenario;
}

Sample measure(const Scenario& scenario, const std::string& conninfo, bool details) {
  LiveOptions options;
  options.probe_server = false;
  options.record_details = details;
  const StopFlag never;
  const Result<Measurement> run = run_live(scenario, conninfo, options, never);
  if (!run) {
    std::fprintf(stderr, "bench_recording: %s\n", run.error().message.c_str());
    std::exit(2);
  }
  const auto completed = static_cast<double>(run.value().requests.completed);
  return {completed / to_s(run.value().window), run.value().client.cpu_s * 1e6 / completed};
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

int compare(const std::string& conninfo, int pairs, const Scenario& scenario) {
  std::vector<double> throughput;
  std::vector<double> cpu;
  measure(scenario, conninfo, true);  // to warm the server up
  for (int i = 0; i < pairs; ++i) {
    const bool first = i % 2 == 0;
    const Sample a = measure(scenario, conninfo, first);
    const Sample b = measure(scenario, conninfo, !first);
    const Sample& on = first ? a : b;
    const Sample& off = first ? b : a;
    throughput.push_back(on.per_s / off.per_s);
    cpu.push_back(on.cpu_us / off.cpu_us);
    std::printf("on %.0f/s %.2f us   off %.0f/s %.2f us   throughput x%.3f   cpu x%.3f\n", on.per_s,
                on.cpu_us, off.per_s, off.cpu_us, throughput.back(), cpu.back());
  }
  const double ratio = median(throughput);
  std::printf("recording on against off: throughput x%.3f, client CPU of a request x%.3f\n", ratio,
              median(cpu));
  return ratio >= 1 - kMostCost ? 0 : 1;
}

int run(int pairs, int seconds, std::uint32_t users) {
  const StopFlag never;
  Result<EmbeddedServer> server = EmbeddedServer::start({}, never);
  if (!server) {
    std::fprintf(stderr, "bench_recording: %s\n", server.error().message.c_str());
    return 2;
  }
  const std::string conninfo = server.value().conninfo();
  Result<ControlConnection> connection = ControlConnection::open(conninfo, never);
  if (!connection) return 2;
  const ControlReply reply = connection.value().run(
      "CREATE TABLE accounts AS SELECT i AS aid, 0 AS abalance FROM generate_series(1, 100000) AS "
      "i; "
      "ALTER TABLE accounts ADD PRIMARY KEY (aid); ANALYZE accounts");
  if (!reply.ok()) {
    std::fprintf(stderr, "bench_recording: %s\n", reply.complaint.message.c_str());
    return 2;
  }
  return compare(conninfo, pairs, select_only(seconds, users));
}

}  // namespace
}  // namespace poolgauge

int main(int argc, char** argv) {
  const auto number = [&](int index, int otherwise) {
    return argc > index ? std::max(1, std::atoi(argv[index])) : otherwise;
  };
  return poolgauge::run(number(1, 9), number(2, 2), static_cast<std::uint32_t>(number(3, 8)));
}
