// `doctor` as JSON: scenarios/doctor.schema.json.
#include <nlohmann/json.hpp>

#include "base/visible_text.h"
#include "doctor/checks.h"
#include "report/doctor_words.h"
#include "report/json/json_number.h"

namespace poolgauge {
namespace {

using DoctorJson = nlohmann::ordered_json;

DoctorJson doctor_queries(const DoctorFinding& finding) {
  DoctorJson list = DoctorJson::array();
  for (const std::string& id : finding.queries) {
    const DoctorQuery* query = doctor::find_query(id);
    if (query != nullptr) list.push_back({{"id", id}, {"sql", std::string(query->sql.substr(1))}});
  }
  return list;
}

DoctorJson doctor_check(const DoctorFinding& finding) {
  DoctorJson figures = DoctorJson::object();
  for (const auto& [name, value] : finding.figures) figures[name] = value;
  return {{"id", finding.id},
          {"title", finding.title},
          {"level", std::string(name_of(finding.level))},
          {"seen", finding.seen},
          {"limit", text_or_null(finding.limit)},
          {"source", finding.source},
          {"why", finding.why},
          {"cure", text_or_null(finding.cure)},
          {"figures", figures},
          {"queries", doctor_queries(finding)}};
}

}  // namespace

std::string to_json(const Diagnosed& diagnosed, const DoctorRun& run) {
  DoctorJson counts = DoctorJson::object();
  for (const DoctorLevel level : {DoctorLevel::stop, DoctorLevel::warn, DoctorLevel::note,
                                  DoctorLevel::ok, DoctorLevel::unknown}) {
    counts[std::string(name_of(level))] = diagnosed.count(level);
  }
  DoctorJson checks = DoctorJson::array();
  for (const DoctorFinding& finding : diagnosed.findings) checks.push_back(doctor_check(finding));
  const DoctorJson document = {{"schema_version", 1},
                               {"tool", {{"name", "poolgauge"}, {"version", run.tool_version}}},
                               {"command", "doctor"},
                               {"command_line", run.command_line},
                               {"started_at", run.started_at},
                               {"target",
                                {{"address", diagnosed.address},
                                 {"role", text_or_null(diagnosed.role)},
                                 {"database", text_or_null(diagnosed.database)},
                                 {"server_version", text_or_null(diagnosed.server_version)}}},
                               {"verdict",
                                {{"status", std::string(name_of(diagnosed.verdict()))},
                                 {"exit_code", run.exit_code},
                                 {"counts", counts}}},
                               {"checks", checks}};
  return visible_json(document.dump(2, ' ', false, DoctorJson::error_handler_t::replace)) + "\n";
}

}  // namespace poolgauge
