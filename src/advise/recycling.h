// Maximum age of a connection, by the cost of replacing it.
#pragma once

#include <optional>
#include <string>

namespace poolgauge {

/// What is known about one pool's connections; times in seconds. Nothing is assumed for what was
/// not measured.
struct RecycleEvidence {
  std::string option = "pool_recycle";  ///< what the pool's library calls the age
  double connections = 0;               ///< that the pool may open
  std::optional<double> connect_s;      ///< of one connect, on average
  std::optional<double> rate_per_s;     ///< checkouts of the pool
  std::optional<double> hold_s;         ///< of a checkout, on average
  std::optional<double> own_s;          ///< as it is set now, where it ends at all
  std::optional<double> idle_limit_s;   ///< the shortest idle timeout on the way, where it is known
};

struct Recycling {
  double age_s = 0;
  std::string why;  ///< one sentence with the cost, or what cannot be said
};

/// The age that is set (or the usual one), unless that has a measurable cost: then the
/// shortest that is not. Always below a known idle timeout, whatever it costs.
Recycling recycling(const RecycleEvidence& seen);

}  // namespace poolgauge
