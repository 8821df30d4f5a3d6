// Queues, rate curves and networks.
#include <cmath>

#include "examples/example.h"
#include "math/pool_queue.h"
#include "math/queues.h"
#include "math/rate_curve.h"

namespace poolgauge::examples {

namespace {

using namespace math;

std::uint64_t whole(double value) {
  if (!(value >= 1) || value != std::floor(value) || value > 1e6) {
    throw Trouble("a number of connections or clients from 1 to 1000000 was expected");
  }
  return static_cast<std::uint64_t>(value);
}

double positive(const Inputs& in, const std::string& key) {
  const double value = in.number(key);
  if (!(value > 0)) throw Trouble("input \"" + key + "\" is not above 0");
  return value;
}

/// Results of several pool sizes carry the size in their names; those of one do not need to.
void add_for_size(Json& out, const Json& results, double c, bool is_list) {
  for (const auto& [key, value] : results.items()) {
    out[key + "_c" + name_of(c)] = value;
    out[key + "_" + name_of(c)] = value;
    if (!is_list) out[key] = value;
  }
}

Json of_erlang_b(const Inputs& in) {
  Json out;
  for (const double c : in.list("c")) {
    const double a = in.number("a");
    const Json results = {{"B", erlang_b(whole(c), a)}, {"C", erlang_c(whole(c), a)}};
    add_for_size(out, results, c, in.is_list("c"));
  }
  return out;
}

Json queue_results(const Inputs& in, const OpenQueue& queue) {
  Json out = {{"P_wait", queue.wait_probability()},
              {"rho", queue.utilization()},
              {"utilisation", queue.utilization()},
              {"Wq_s", queue.mean_wait_s()},
              {"Lq", queue.mean_wait_s() * queue.rate_per_s},
              {"R_s", queue.mean_wait_s() + queue.service_s}};
  for (const std::string& name : in.wanted()) {
    const std::optional<double> q = quantile_in(name);
    if (q && *q < 1) out[name.substr(0, name.find("_s") + 2)] = queue.wait_quantile_s(*q);
  }
  return out;
}

Json of_erlang_c(const Inputs& in) {
  Json out = {{"a", in.number("lambda_per_s") * in.number("S_s")}};
  for (const double c : in.list("c")) {
    const OpenQueue queue{positive(in, "lambda_per_s"), positive(in, "S_s"), whole(c)};
    add_for_size(out, queue_results(in, queue), c, in.is_list("c"));
  }
  return out;
}

Json of_staffing(const Inputs& in) {
  const double a = positive(in, "a");
  const std::uint64_t c = square_root_staffing(a, in.number("beta"));
  return {{"c", c}, {"P_wait", erlang_c(c, a)}};
}

Json of_utilization(const Inputs& in) {
  Json out;
  for (const double c : in.list("c")) {
    const Json results = {{"P_wait", erlang_c(whole(c), in.number("rho") * c)}};
    add_for_size(out, results, c, in.is_list("c"));
  }
  return out;
}

Usl usl_of(const Json& values) {
  const auto number = [&values](const char* key) {
    if (!values.contains(key) || !values[key].is_number()) {
      throw Trouble(std::string("the curve has no number \"") + key + "\"");
    }
    return values[key].get<double>();
  };
  return {number("gamma"), number("sigma"), number("kappa")};
}

RateCurve curve_of(const Inputs& in, std::size_t most) {
  const RateCurve database =
      in.has("usl") ? usl_of(in.at("usl")).curve() : independent_servers(positive(in, "S_s"));
  return hold_curve(database, in.number_or("in_hold_delay_s", 0), most);
}

PoolQueue pool_of(const Inputs& in) {
  const std::uint64_t c = whole(in.number("c"));
  PoolQueue pool{curve_of(in, c), c, std::nullopt};
  if (in.has("tau_s")) pool.timeout_s = in.number("tau_s");
  return pool;
}

Json pool_results(const Inputs& in, const PoolQueue& pool, const PoolFigures& figures) {
  const double capacity = pool.completions(static_cast<double>(pool.connections));
  const double hold = figures.busy_mean / figures.throughput_per_s;
  const double correction = (in.number_or("Ia", 1) + in.number_or("Id", 1)) / 2;
  Json out = {{"mu_c", capacity},
              {"X_c", capacity},
              {"X_per_s", figures.throughput_per_s},
              {"P_timeout", figures.timeout_probability},
              {"busy", figures.busy_mean},
              {"Lq", figures.waiting_mean},
              {"Lq_model", figures.waiting_mean},
              {"Lq_corrected", figures.waiting_mean * correction},
              {"Wq_s", figures.mean_wait_s()},
              {"R_s", figures.mean_wait_s() + hold},
              {"P_nowait", figures.no_wait_probability},
              {"P_nowait_arrival", figures.no_wait_probability},
              {"P_wait", figures.wait_probability()}};
  for (const std::string& name : in.wanted()) {
    const std::optional<double> q = quantile_in(name);
    if (q && *q < 1) out[name] = figures.wait_quantile_s(*q);
  }
  return out;
}

Json of_closed_pool(const Inputs& in) {
  const PoolQueue pool = pool_of(in);
  return pool_results(in, pool, closed_pool(pool, whole(in.number("N")), in.number("Z_s")));
}

Json of_open_pool(const Inputs& in) {
  const PoolQueue pool = pool_of(in);
  const auto figures = open_pool(pool, positive(in, "lambda_per_s"));
  if (!figures) throw Trouble("without a timeout the queue grows for ever");
  return pool_results(in, pool, *figures);
}

Json of_several_pools(const Inputs& in) {
  const double pools = static_cast<double>(whole(in.number("processes")));
  SharedDatabase shared{usl_of(in.at("usl")).curve(), whole(in.number("processes")),
                        whole(in.number("pool_total")), std::nullopt};
  if (in.has("tau_s")) shared.timeout_s = in.number("tau_s");
  const auto figures = open_pools(shared, positive(in, "lambda_total"));
  if (!figures) throw Trouble("without a timeout the queue grows for ever");
  return {{"Lq_total", figures->waiting_mean * pools},
          {"P_wait", figures->wait_probability()},
          {"P_timeout", figures->timeout_probability},
          {"X_per_s", figures->throughput_per_s * pools},
          {"busy_total", figures->busy_mean * pools}};
}

void add_rates_at(Json& out, const Inputs& in, const Usl& usl) {
  const std::string prefix = "X_at_";
  for (const std::string& name : in.wanted()) {
    if (name.rfind(prefix, 0) != 0) continue;
    out[name] = usl.rate(std::stod(name.substr(prefix.size())));
  }
}

Json usl_results(const Inputs& in, const Usl& usl) {
  Json out = {{"gamma", usl.gamma}, {"sigma", usl.sigma}, {"kappa", usl.kappa}};
  if (const auto peak = usl.peak()) {
    out["n_star"] = *peak;
    out["X_peak"] = usl.rate(*peak);
  }
  add_rates_at(out, in, usl);
  return out;
}

Json of_usl(const Inputs& in) {
  return usl_results(in, {in.number("gamma"), in.number("sigma"), in.number("kappa")});
}

Json of_usl_fit(const Inputs& in) {
  const std::vector<double> n = in.list("n");
  const std::vector<double> x = in.list("X");
  const auto fit = fit_usl(n, x);
  if (!fit) throw Trouble("at least three different points above zero are needed");
  Json out = usl_results(in, fit->usl);
  out["rms_log_residual"] = fit->rms_log_residual;
  return out;
}

Json of_hold_rates(const Inputs& in) {
  Json out;
  for (const double m : in.list("m")) {
    const std::uint64_t most = whole(m);
    const auto rates = hold_rates(usl_of(in.at("usl")).curve(), in.number("in_hold_delay_s"), most);
    out["Y_" + name_of(m)] = rates.back();
    if (!in.is_list("m")) out["Y"] = rates.back();
  }
  return out;
}

Json of_network(const Inputs& in) {
  const std::vector<double> demands = in.list("D_s");
  if (demands.empty()) throw Trouble("no station");
  const std::uint64_t clients = whole(in.number("N"));
  const NetworkFigures figures = mean_value_analysis(demands, in.number("Z_s"), clients);
  const NetworkBounds bounds = operational_bounds(demands, in.number("Z_s"), clients);
  return {{"X_per_s", figures.throughput_per_s},
          {"R_s", figures.response_s},
          {"X_bound", bounds.throughput_at_most},
          {"R_bound", bounds.response_at_least},
          {"N_star", bounds.knee_clients}};
}

Json of_churn(const Inputs& in) {
  const double rate = positive(in, "lambda_per_s");
  const double opens =
      opens_per_s({rate, positive(in, "hold_s"), static_cast<std::uint64_t>(in.count("pool_size")),
                   static_cast<std::uint64_t>(in.count("max_overflow"))});
  return {{"opens_per_s", opens}, {"share", opens / rate}, {"fraction", opens / rate}};
}

const Formula kFormulas[] = {
    {"machine repair or closed pool", {"N", "Z_s", "c", "S_s"}, of_closed_pool},
    {"closed pool", {"N", "Z_s", "c", "usl"}, of_closed_pool},
    {"Erlang C", {"lambda_per_s", "S_s", "c"}, of_erlang_c},
    {"open pool", {"lambda_per_s", "S_s", "c"}, of_open_pool},
    {"open pool", {"lambda_per_s", "usl", "c"}, of_open_pool},
    {"several pools", {"processes", "pool_total", "lambda_total", "usl"}, of_several_pools},
    {"Erlang B", {"c", "a"}, of_erlang_b},
    {"square-root staffing", {"a", "beta"}, of_staffing},
    {"Erlang C at a utilisation", {"rho", "c"}, of_utilization},
    {"USL", {"gamma", "sigma", "kappa"}, of_usl},
    {"USL fit", {"n", "X"}, of_usl_fit},
    {"hold rates", {"usl", "in_hold_delay_s", "m"}, of_hold_rates},
    {"mean value analysis", {"D_s", "Z_s", "N"}, of_network},
    {"churn", {"lambda_per_s", "hold_s", "pool_size", "max_overflow"}, of_churn},
};

}  // namespace

std::span<const Formula> queueing_formulas() {
  return kFormulas;
}

}  // namespace poolgauge::examples
