// Group I: asked for each name in the scenario, on connections of their own, so each query names
// the catalog's schema. {name}: the name, as a literal.
#include <algorithm>
#include <array>

#include "doctor/checks.h"

namespace poolgauge::doctor {

namespace {

constexpr std::array kScenarioQueries = {
    DoctorQuery{"I2", 13, 0, false, R"sql(
SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass({name}), 'TRUNCATE')
         AS may_truncate)sql"},
    DoctorQuery{"I2b", 13, 0, false, R"sql(
SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')
         AS may_make_temporary_tables)sql"},
    DoctorQuery{"I3", 13, 0, false, R"sql(
SELECT pg_catalog.to_regclass({name}) IS NOT NULL AS is_there,
       pg_catalog.obj_description(pg_catalog.to_regclass({name}), 'pg_class') AS comment)sql"},
    // A role without pg_read_all_stats sees of others' sessions who they are, not what they do.
    DoctorQuery{"I4", 13, 0, false, R"sql(
SELECT count(DISTINCT (usename, application_name)) FILTER (WHERE usename <> current_user)
         AS others,
       count(*) FILTER (WHERE usename <> current_user
         AND (state = 'active' OR state_change > pg_catalog.now() - interval '1 minute'))
         AS busy_others,
       count(*) AS sessions,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS sees_all
FROM pg_catalog.pg_stat_activity
WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND pid <> pg_catalog.pg_backend_pid())sql"},
    DoctorQuery{"I4b", 13, 0, true, R"sql(
SELECT xact_commit + xact_rollback AS transactions FROM pg_catalog.pg_stat_database
WHERE datname = pg_catalog.current_database())sql"},
    DoctorQuery{"I5", 13, 0, false, R"sql(
SELECT c.oid::regclass::text AS table_name, c.reltuples,
       pg_catalog.pg_total_relation_size(c.oid) AS bytes,
       s.last_analyze IS NOT NULL OR s.last_autoanalyze IS NOT NULL
         OR EXISTS (SELECT FROM pg_catalog.pg_stats t
                    WHERE t.schemaname = n.nspname AND t.tablename = c.relname) AS analyzed
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
WHERE c.oid = pg_catalog.to_regclass({name}) AND c.relkind IN ('r', 'p'))sql"},
};

}  // namespace

std::span<const DoctorQuery> scenario_queries() {
  return kScenarioQueries;
}

std::string with_name(std::string_view sql, std::string_view literal) {
  constexpr std::string_view kPlace = "{name}";
  std::string text(sql);
  for (std::size_t at = 0; (at = text.find(kPlace, at)) != text.npos; at += literal.size()) {
    text.replace(at, kPlace.size(), literal);
  }
  return text;
}

}  // namespace poolgauge::doctor
