// Faults to plant in a server that nothing is wrong with, and what is to be said of them.
#pragma once

#include <vector>

#include "doctor_sample.h"

namespace poolgauge::doctor {

using Level = DoctorLevel;

struct World {
  DoctorFacts facts = fine_facts();
  DoctorPlan plan = fine_plan();
  void value(const char* id, const char* column, const char* text) {
    put(facts.first, id, column, text);
  }
  void setting(const char* name, const char* text) { put_setting(facts.first, "F1", name, text); }
  void timeout(const char* name, const char* text) { put_setting(facts.first, "C1", name, text); }
  void later(const char* id, const char* column, const char* text) {
    put(facts.second, id, column, text);
  }
  void config(const char* name, const char* text) {
    put_setting(facts.pooler, "CONFIG", name, text);
  }
  void pool(const char* column, const char* text) {
    put(facts.pooler, "POOLS", column, text);
    for (DoctorAnswer& look : facts.pool_looks) look = facts.pooler["POOLS"];
  }
};

struct Planted {
  const char* id;
  Level level;
  const char* seen;  ///< a piece of what the finding says
  void (*plant)(World&);
};

extern const std::vector<Planted> kPlantedOnServer;
extern const std::vector<Planted> kPlantedInActivity;
extern const std::vector<Planted> kPlantedInSettings;
extern const std::vector<Planted> kPlantedInPooler;
extern const std::vector<Planted> kPlantedInScenario;

}  // namespace poolgauge::doctor
