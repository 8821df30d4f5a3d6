// `doctor` as JSON: scenarios/doctor.schema.json.
#include <nlohmann/json.hpp>

#include "base/visible_text.h"
#include "doctor/checks.h"
#include "report/doctor_words.h"

namespace poolgauge {
namespace {

using DoctorJson = nlohmann::ordered_json;

DoctorJson doctor_text(const std::string& text) {
  return text.empty() ? DoctorJson(nullptr) : DoctorJson(text);
}

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
          {"limit", doctor_text(finding.limit)},
          {"source", finding.source},
          {"why", finding.why},
          {"cure", doctor_text(finding.cure)},
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
                                 {"role", doctor_text(diagnosed.role)},
                                 {"database", doctor_text(diagnosed.database)},
                                 {"server_version", doctor_text(diagnosed.server_version)}}},
                               {"verdict",
                                {{"status", std::string(name_of(diagnosed.verdict()))},
                                 {"exit_code", run.exit_code},
                                 {"counts", counts}}},
                               {"checks", checks}};
  return visible_json(document.dump(2, ' ', false, DoctorJson::error_handler_t::replace)) + "\n";
}

}  // namespace poolgauge
