// Which reports are one series: those with the same settings and the same target.
#pragma once

#include <string>
#include <vector>

#include "gate/history.h"

namespace poolgauge {

/// A short fingerprint of the settings: command, scenario (except names, goals, and durations of
/// warm-up and window), target, pooler, and the tool's version. Equal for reports of one series.
std::string series_of(const Report& report);

/// The same in words: "run · 100 users · sqlalchemy-async 5+10 · PostgreSQL 15 embedded · ...".
/// Two series may have the same words where they differ in a detail.
std::string asked_of(const Report& report);

/// The series of the entries, the one with the latest run first.
std::vector<HistorySeries> series_in(const std::vector<HistoryEntry>& entries);

/// Of one scenario's entries those of one series: the one whose id begins with `wanted`, or, where
/// that is empty, the one with the latest run. The other series become `others`. The error: no
/// series, or several, start with it.
Result<std::vector<HistoryEntry>> entries_of_series(std::vector<HistoryEntry> entries,
                                                    const std::string& wanted,
                                                    std::vector<HistorySeries>& others);

/// "3f2a91c0"; "unknown" for entries without settings.
std::string series_name(const HistorySeries& series);

}  // namespace poolgauge
