// One function for each kind of snippet.
#pragma once

#include <string>

#include "poolgauge/recommendation.h"

namespace poolgauge::snippets {

std::string django(const Recommendation& r);

std::string postgresql_conf(const Recommendation& r);
std::string alter_system(const Recommendation& r);
std::string docker_compose(const Recommendation& r);
std::string pgbouncer_ini(const PoolerSizes& sizes);

}  // namespace poolgauge::snippets
