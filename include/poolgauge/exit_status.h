// The exit statuses that a script may depend on.
#pragma once

namespace poolgauge {

inline constexpr int kExitSuccess = 0;        ///< every goal was met, nothing became worse
inline constexpr int kExitInternal = 1;       ///< a mistake of the program
inline constexpr int kExitUsage = 2;          ///< options, scenario or files
inline constexpr int kExitTarget = 3;         ///< the server cannot be reached or used
inline constexpr int kExitMissed = 10;        ///< a goal was missed, or a check failed
inline constexpr int kExitRegression = 11;    ///< worse than the baseline
inline constexpr int kExitInconclusive = 12;  ///< the run cannot say
inline constexpr int kExitGuard = 13;         ///< a safety guard ended it
inline constexpr int kExitInterrupted = 130;  ///< SIGINT, as shells report it

}  // namespace poolgauge
