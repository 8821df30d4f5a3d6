// What the application is told by whoever calls it, and whom it tells meanwhile.
#pragma once

#include <atomic>
#include <ctime>
#include <functional>
#include <optional>
#include <string>

#include "base/quantities.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge::files {}

namespace poolgauge::app {

using namespace files;

/// How the environment is read: nullopt when unset.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// What a command knows in addition to its request.
struct Context {
  std::string command_line;  ///< to reproduce; no secrets
  Environment environment;
  const StopFlag& stop;
  std::string tool_version = {};
  /// The date and time of day, for headings and time limits of minutes.
  std::function<std::time_t()> wall_clock = [] { return std::time_t{0}; };
};

/// Who is told how a run gets on. This one tells nobody.
class ProgressSink {
 public:
  ProgressSink() = default;
  ProgressSink(const ProgressSink&) = delete;
  ProgressSink& operator=(const ProgressSink&) = delete;
  virtual ~ProgressSink() = default;

  /// What is being done before and after the load: "starting PostgreSQL".
  virtual void phase(const std::string& /*what*/) {}
  virtual void update(const Progress& /*progress*/) {}
  /// Whether a line on how far an observation is (a `phase`) is to be shown now; then none is for a
  /// while.
  virtual bool wants_line(double /*elapsed_s*/) { return false; }
  /// Nothing more comes for the moment.
  virtual void finish() {}
  /// Something the user should know; the same text is told once.
  virtual void note_once(const std::string& /*text*/) {}
  /// The same, told each time.
  virtual void note(const std::string& /*text*/) {}
  /// Asks the user for a yes where somebody can be asked; otherwise it is one.
  virtual bool confirm(const std::string& /*question*/, const StopFlag& /*stop*/) { return true; }
  /// While it is true no new request begins; nullptr: nobody can pause a run.
  virtual const std::atomic<bool>* pause_request() const { return nullptr; }
  /// What went wrong and stops nothing.
  virtual void trouble(const Error& /*error*/) {}
};

}  // namespace poolgauge::app
