// CPU use of the generator's machine, and the number of its open files.
#pragma once

#include <optional>
#include <string_view>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// CPU time since the machine started, in seconds, by who used it.
struct ProcessorUse {
  double all = 0;
  double own = 0;
  double databases = 0;
  double stolen = 0;
};
/// nullopt where the system does not tell.
std::optional<ProcessorUse> processor_use();

/// The name in /proc/PID/stat and its times in ticks, those of children that ended included.
struct ProcessTimes {
  std::string_view name;
  long long own = 0;
  long long ended_children = 0;
  long long parent = 0;  ///< its process id
};
/// nullopt for what is no such line.
std::optional<ProcessTimes> parse_process_times(std::string_view stat);

/// Called from time to time during a run by the thread that waits for the workers.
class MachineWatch {
 public:
  MachineWatch(TimePoint begin, TimePoint end) : begin_(begin), end_(end) {}
  /// Before the first reading: changes the window.
  void move_window(TimePoint begin, TimePoint end) {
    begin_ = begin;
    end_ = end;
  }
  void look(TimePoint now);
  /// After the run; what was never seen stays out.
  void write(TimePoint now, ClientView& client);

 private:
  void look_at_descriptors(TimePoint now);
  TimePoint begin_;
  TimePoint end_;
  std::optional<ProcessorUse> first_;
  std::optional<ProcessorUse> last_;
  TimePoint first_at_{};
  TimePoint last_at_{};
  TimePoint next_descriptors_ = TimePoint::min();
  std::uint64_t descriptors_ = 0;
};

}  // namespace poolgauge
