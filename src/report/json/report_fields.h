// The parts of a report that are structs as they stand: the names of their members in JSON.
#pragma once

#include "poolgauge/curve.h"
#include "poolgauge/recommendation.h"
#include "poolgauge/report.h"
#include "report/json/fields.h"

namespace poolgauge {

/// Times, each with the bound where requests in flight leave it unknown.
template <>
struct InJson<LatencySummary> {
  static constexpr const char* kType = "object";
  static constexpr bool kNullable = false;
  static nlohmann::ordered_json write(const LatencySummary& summary);
  static LatencySummary read(const JsonNode& node);
};

/// What reports of earlier versions lack: without a value in it then.
LatencySummary extra_summary(const JsonNode& node);

/// A value of an enumeration by its name; a name that is not known is a mistake.
template <>
struct InJson<FailureClass> {
  static constexpr const char* kType = "string";
  static constexpr bool kNullable = false;
  static nlohmann::ordered_json write(FailureClass value) { return name_of(value); }
  static FailureClass read(const JsonNode& node);
};
template <>
struct InJson<Phase> {
  static constexpr const char* kType = "string";
  static constexpr bool kNullable = false;
  static nlohmann::ordered_json write(Phase value) { return name_of(value); }
  static Phase read(const JsonNode& node);
};

template <>
inline constexpr auto kFields<Stall> = fields(seconds_field<&Stall::start>("start_s"),
                                              seconds_field<&Stall::end>("end_s"),
                                              field<&Stall::in_flight>("in_flight"),
                                              field<&Stall::to_the_end>("to_the_end"));

template <>
inline constexpr auto kFields<Outage> = fields(seconds_field<&Outage::start>("start_s"),
                                               seconds_field<&Outage::end>("end_s"),
                                               field<&Outage::lost_connections>("lost_connections"),
                                               field<&Outage::failed_connects>("failed_connects"),
                                               later_field<&Outage::target>("target"));

template <>
inline constexpr auto kFields<Standstill> = fields(
    seconds_field<&Standstill::start>("start_s"), seconds_field<&Standstill::end>("end_s"),
    later_field<&Standstill::whose>("whose"), later_field<&Standstill::confirmed>("confirmed"));

template <>
inline constexpr auto kFields<ClassCount> = fields(field<&ClassCount::failure>("class"),
                                                   field<&ClassCount::count>("count"));

template <>
inline constexpr auto kFields<RequestKind> = fields(field<&RequestKind::request>("request"),
                                                    field<&RequestKind::completed>("completed"),
                                                    field<&RequestKind::failed>("failed"),
                                                    field<&RequestKind::in_flight>("in_flight"),
                                                    field<&RequestKind::failures>("failures"),
                                                    field<&RequestKind::latency>("latency_ms"));

template <>
inline constexpr auto kFields<FailureCount> =
    fields(field<&FailureCount::phase>("phase"), field<&FailureCount::failure>("class"),
           text_field<&FailureCount::sqlstate>("sqlstate"), field<&FailureCount::count>("count"),
           later_field<&FailureCount::example>("example"));

template <>
inline constexpr auto kFields<StepSummary> = fields(field<&StepSummary::request>("request"),
                                                    field<&StepSummary::name>("name"),
                                                    field<&StepSummary::kind>("kind"),
                                                    field<&StepSummary::latency>("latency_ms"));

template <>
inline constexpr auto kFields<SeriesPoint> = fields(
    field<&SeriesPoint::t_s>("t_s"), field<&SeriesPoint::completed>("completed"),
    field<&SeriesPoint::failed>("failed"), field<&SeriesPoint::latency_p50_ms>("latency_p50_ms"),
    field<&SeriesPoint::latency_p95_ms>("latency_p95_ms"),
    field<&SeriesPoint::latency_p99_ms>("latency_p99_ms"),
    field<&SeriesPoint::checked_out>("checked_out"), field<&SeriesPoint::overflow>("overflow"),
    field<&SeriesPoint::waiting>("waiting"), field<&SeriesPoint::server_active>("server_active"),
    field<&SeriesPoint::server_idle_in_transaction>("server_idle_in_transaction"),
    field<&SeriesPoint::server_lock_waits>("server_lock_waits"));

template <>
inline constexpr auto kFields<ServerView::Connections> =
    fields(field<&ServerView::Connections::target>("target"),
           text_field<&ServerView::Connections::pool>("pool"),
           later_field<&ServerView::Connections::user>("user"),
           later_field<&ServerView::Connections::application_name>("application_name"),
           field<&ServerView::Connections::peak>("peak"),
           later_field<&ServerView::Connections::mean>("mean"));

template <>
inline constexpr auto kFields<ServerView::Application> =
    fields(field<&ServerView::Application::name>("application_name"),
           field<&ServerView::Application::peak>("peak"),
           later_field<&ServerView::Application::mean>("mean"));

template <>
inline constexpr auto kFields<ServerView::Blocking> = fields(
    field<&ServerView::Blocking::wait>("wait_event"),
    field<&ServerView::Blocking::blocked>("blocked"),
    field<&ServerView::Blocking::blocker>("blocker"),
    field<&ServerView::Blocking::blocker_state>("blocker_state"),
    field<&ServerView::Blocking::peak>("peak"), later_field<&ServerView::Blocking::mean>("mean"));

template <>
inline constexpr auto kFields<ServerView::Statement> = fields(
    field<&ServerView::Statement::query>("query"), field<&ServerView::Statement::calls>("calls"),
    later_field<&ServerView::Statement::total_ms>("total_ms"),
    field<&ServerView::Statement::rows>("rows"));

template <>
inline constexpr auto kFields<SampleSpan> = fields(field<&SampleSpan::kind>("kind"),
                                                   later_field<&SampleSpan::name>("name"),
                                                   field<&SampleSpan::start_ms>("start_ms"),
                                                   field<&SampleSpan::duration_ms>("duration_ms"));

template <>
inline constexpr auto kFields<ExampleRequest> =
    fields(later_field<&ExampleRequest::why>("why"), field<&ExampleRequest::request>("request"),
           field<&ExampleRequest::user>("user"), field<&ExampleRequest::started_s>("started_s"),
           field<&ExampleRequest::latency_ms>("latency_ms"),
           field<&ExampleRequest::outcome>("outcome"), field<&ExampleRequest::spans>("spans"));

template <>
inline constexpr auto kFields<PoolerSample> = fields(
    field<&PoolerSample::t_s>("t_s"), field<&PoolerSample::sv_active>("sv_active"),
    field<&PoolerSample::sv_idle>("sv_idle"), field<&PoolerSample::sv_used>("sv_used"),
    field<&PoolerSample::sv_tested>("sv_tested"), field<&PoolerSample::sv_login>("sv_login"),
    field<&PoolerSample::cl_active>("cl_active"), field<&PoolerSample::cl_waiting>("cl_waiting"),
    field<&PoolerSample::maxwait_s>("maxwait_s"));

template <>
inline constexpr auto kFields<PoolerView> = fields(
    field<&PoolerView::seconds>("seconds"), field<&PoolerView::transactions>("xact_count"),
    field<&PoolerView::queries>("query_count"), field<&PoolerView::wait_s>("wait_time_s"),
    field<&PoolerView::transaction_s>("xact_time_s"), field<&PoolerView::query_s>("query_time_s"),
    field<&PoolerView::server_wait_ms>("server_wait_ms"),
    Field<PoolerView>{
        "server_wait_from",
        [](const PoolerView& view) {
          return view.server_wait_ms ? nlohmann::ordered_json(view.server_wait_from)
                                     : nlohmann::ordered_json(nullptr);
        },
        [](PoolerView& view, const JsonNode& node) { view.server_wait_from = node.text_or(""); },
        "string", true},
    field<&PoolerView::server_wait_share>("server_wait_share"),
    field<&PoolerView::series>("series"), later_field<&PoolerView::note>("note"));

template <>
inline constexpr auto kFields<PoolerFacts> = fields(
    field<&PoolerFacts::kind>("kind"), text_field<&PoolerFacts::version>("version"),
    later_field<&PoolerFacts::origin>("origin"), later_field<&PoolerFacts::pool_mode>("pool_mode"),
    field<&PoolerFacts::pool_size>("pool_size"),
    field<&PoolerFacts::max_client_conn>("max_client_conn"),
    later_field<&PoolerFacts::tracks_prepared>("tracks_prepared"),
    later_field<&PoolerFacts::unprepared>("unprepared"), field<&PoolerFacts::config>("config"));

template <>
inline constexpr auto kFields<ReplicaFacts> =
    fields(later_field<&ReplicaFacts::address>("address"),
           later_field<&ReplicaFacts::server_version>("server_version"),
           field<&ReplicaFacts::max_connections>("max_connections"),
           field<&ReplicaFacts::reserved_connections>("reserved_connections"));

template <>
inline constexpr auto kFields<MachineFacts> =
    fields(later_field<&MachineFacts::arch>("arch"), later_field<&MachineFacts::kernel>("kernel"),
           text_field<&MachineFacts::cpu>("cpu"), field<&MachineFacts::cores>("cores"),
           field<&MachineFacts::memory_mib>("memory_mib"));

template <>
inline constexpr auto kFields<GoalResult> =
    fields(field<&GoalResult::goal>("goal"), later_field<&GoalResult::unit>("unit"),
           field<&GoalResult::limit>("limit"), field<&GoalResult::measured>("measured"),
           field<&GoalResult::low>("low"), field<&GoalResult::high>("high"),
           field<&GoalResult::margin>("margin"), field<&GoalResult::met>("met"));

template <>
inline constexpr auto kFields<PredictedFigure> =
    fields(field<&PredictedFigure::name>("name"), field<&PredictedFigure::value>("value"),
           field<&PredictedFigure::low>("low"), field<&PredictedFigure::high>("high"),
           field<&PredictedFigure::measured>("measured"));

template <>
inline constexpr auto kFields<CurvePoint> = fields(
    field<&CurvePoint::at>("at"), field<&CurvePoint::throughput_per_s>("throughput_per_s"),
    field<&CurvePoint::latency_p50_ms>("latency_p50_ms"),
    field<&CurvePoint::latency_p95_ms>("latency_p95_ms"),
    field<&CurvePoint::latency_p99_ms>("latency_p99_ms"),
    field<&CurvePoint::pool_wait_p95_ms>("pool_wait_p95_ms"),
    later_field<&CurvePoint::rate_pool_timeout>("pool_timeout_rate"),
    later_field<&CurvePoint::rate_error>("error_rate"),
    field<&CurvePoint::utilization>("utilization"), field<&CurvePoint::goals_met>("goals_met"),
    field<&CurvePoint::usable>("usable"), later_field<&CurvePoint::note>("note"));

template <>
inline constexpr auto kFields<CurveFamily> =
    fields(field<&CurveFamily::name>("name"), field<&CurveFamily::left_out_error>("left_out_error"),
           field<&CurveFamily::chosen>("chosen"));

template <>
inline constexpr auto kFields<CurveLine> =
    fields(field<&CurveLine::at>("at"), field<&CurveLine::throughput_per_s>("throughput_per_s"),
           field<&CurveLine::low>("low"), field<&CurveLine::high>("high"));

template <>
inline constexpr auto kFields<CurveKnee> =
    fields(field<&CurveKnee::at>("at"), field<&CurveKnee::throughput_per_s>("throughput_per_s"),
           field<&CurveKnee::peak_at>("peak_at"), field<&CurveKnee::peak_per_s>("peak_per_s"),
           field<&CurveKnee::beyond>("beyond"), field<&CurveKnee::rising>("rising"));

template <>
inline constexpr auto kFields<Curve> = fields(
    field<&Curve::over>("over"), later_field<&Curve::finding>("finding"),
    field<&Curve::knee>("knee"), field<&Curve::smallest_meeting_goals>("smallest_meeting_goals"),
    field<&Curve::largest_meeting_goals>("largest_meeting_goals"), field<&Curve::points>("points"),
    field<&Curve::families>("families"), field<&Curve::line>("line"),
    later_field<&Curve::notes>("notes"));

template <>
inline constexpr auto kFields<PoolForecast> =
    fields(field<&PoolForecast::latency_p95_ms>("latency_p95_ms"),
           field<&PoolForecast::pool_timeout_rate>("pool_timeout_rate"),
           field<&PoolForecast::wait_probability>("wait_probability"),
           field<&PoolForecast::pool_wait_p95_ms>("pool_wait_p95_ms"),
           field<&PoolForecast::utilization>("utilization"));

template <>
inline constexpr auto kFields<FormulaAnswer> = fields(
    field<&FormulaAnswer::id>("id"), later_field<&FormulaAnswer::name>("name"),
    later_field<&FormulaAnswer::source>("source"), later_field<&FormulaAnswer::assumes>("assumes"),
    later_field<&FormulaAnswer::misleads>("misleads"),
    Field<FormulaAnswer>{"inputs", write_member<&FormulaAnswer::inputs>,
                         [](FormulaAnswer& rule, const JsonNode& node) {
                           if (node.is_null()) return;
                           for (const auto& [name, value] : node.members()) {
                             rule.inputs.emplace_back(name, value.number_or(0));
                           }
                         },
                         "object", false},
    field<&FormulaAnswer::pool_size>("pool_size"),
    field<&FormulaAnswer::max_overflow>("max_overflow"),
    field<&FormulaAnswer::max_connections>("max_connections"),
    field<&FormulaAnswer::fleet>("fleet"), field<&FormulaAnswer::fits>("fits"),
    field<&FormulaAnswer::latency_p95_ms>("latency_p95_ms"),
    field<&FormulaAnswer::meets_goals>("meets_goals"), text_field<&FormulaAnswer::note>("note"));

template <>
inline constexpr auto kFields<Alternative> =
    fields(field<&Alternative::change>("change"), field<&Alternative::pool_size>("pool_size"),
           field<&Alternative::max_overflow>("max_overflow"), field<&Alternative::needed>("needed"),
           later_field<&Alternative::effect>("effect"), later_field<&Alternative::first>("first"));

template <>
inline constexpr auto kFields<ConnectionLimit> = fields(
    field<&ConnectionLimit::of>("of"), text_field<&ConnectionLimit::name>("name"),
    later_field<&ConnectionLimit::setting>("setting"), field<&ConnectionLimit::present>("present"),
    field<&ConnectionLimit::reserved>("reserved"), field<&ConnectionLimit::others>("others"),
    derived_field<&ConnectionLimit::available>("available"),
    field<&ConnectionLimit::needed>("needed"), derived_field<&ConnectionLimit::fits>("fits"),
    field<&ConnectionLimit::recommended>("recommended"),
    derived_field<&ConnectionLimit::must_change>("change"));

template <>
inline constexpr auto kFields<ConnectionBudget> = fields(
    field<&ConnectionBudget::max_connections>("max_connections"),
    field<&ConnectionBudget::reserved>("reserved"),
    field<&ConnectionBudget::other_clients>("other_clients"),
    field<&ConnectionBudget::available>("available"), field<&ConnectionBudget::needed>("needed"),
    derived_field<&ConnectionBudget::headroom>("headroom"),
    derived_field<&ConnectionBudget::fits>("fits"));

template <>
inline constexpr auto kFields<PoolerSizes> =
    fields(later_field<&PoolerSizes::pool_mode>("pool_mode"),
           field<&PoolerSizes::default_pool_size>("default_pool_size"),
           field<&PoolerSizes::reserve_pool_size>("reserve_pool_size"),
           field<&PoolerSizes::max_client_conn>("max_client_conn"),
           field<&PoolerSizes::max_db_connections>("max_db_connections"),
           field<&PoolerSizes::query_wait_timeout_s>("query_wait_timeout_s"));

template <>
inline constexpr auto kFields<OtherPool> = fields(field<&OtherPool::name>("name"),
                                                  field<&OtherPool::target>("target"),
                                                  field<&OtherPool::pool_size>("pool_size"),
                                                  field<&OtherPool::now>("now"),
                                                  field<&OtherPool::most>("most"),
                                                  field<&OtherPool::needed>("needed"),
                                                  field<&OtherPool::available>("available"));

template <>
inline constexpr auto kFields<SearchRun> =
    fields(field<&SearchRun::pool_size>("pool_size"),
           field<&SearchRun::max_overflow>("max_overflow"), field<&SearchRun::purpose>("purpose"),
           field<&SearchRun::seconds>("seconds"), field<&SearchRun::usable>("usable"),
           field<&SearchRun::met>("met"), text_field<&SearchRun::note>("note"),
           later_field<&SearchRun::throughput_per_s>("throughput_per_s"),
           field<&SearchRun::predicted>("predicted"), field<&SearchRun::measured>("measured"),
           field<&SearchRun::goal_predicted>("goal_predicted"),
           field<&SearchRun::goal_measured>("goal_measured"));

template <>
inline constexpr auto kFields<SearchRecord> = fields(
    field<&SearchRecord::outcome>("outcome"), text_field<&SearchRecord::certainty>("certainty"),
    later_field<&SearchRecord::runs_met>("runs_met"),
    later_field<&SearchRecord::runs_of>("runs_of"),
    later_field<&SearchRecord::runs_needed>("runs_needed"),
    text_field<&SearchRecord::decides>("decides"),
    text_field<&SearchRecord::decides_unit>("decides_unit"),
    field<&SearchRecord::headroom>("headroom"), field<&SearchRecord::spread>("spread"),
    later_field<&SearchRecord::sentence>("sentence"), text_field<&SearchRecord::binds>("binds"),
    later_field<&SearchRecord::neighbours>("neighbours"),
    later_field<&SearchRecord::seconds>("seconds"), field<&SearchRecord::runs>("runs"));

}  // namespace poolgauge
