// The sentences of `observe --metrics`.
#pragma once

#include "report/observe_words.h"

namespace poolgauge {

ObserveVerdict metrics_verdict(const ObservedGroup& group);
ObserveLines metrics_lines(const ObservedGroup& group, const Observed& observed);
/// "HikariCP at http://app:8080/metrics · 5 min, 21 scrapes".
std::string metrics_place(const Observed& observed);
/// The answer for one of PgBouncer's pools.
ObserveVerdict pooler_verdict(const ObservedPool& pool);

}  // namespace poolgauge
