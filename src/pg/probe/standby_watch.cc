// The question to the server, and what follows from its answers.
#include "pg/probe/standby_watch.h"

#include <cstdlib>

#include <fmt/core.h>

#include "pg/session/ask.h"

namespace poolgauge {
namespace {

constexpr double kStuckS = 2;
constexpr std::size_t kTimesShown = 3;

// The functions fail outside recovery.
constexpr const char* kQuestion = R"sql(
SELECT pg_catalog.pg_is_in_recovery()::int,
  CASE WHEN pg_catalog.pg_is_in_recovery()
       THEN pg_catalog.pg_is_wal_replay_paused()::int ELSE 0 END,
  (SELECT count(*) FROM pg_catalog.pg_stat_wal_receiver),
  CASE WHEN pg_catalog.pg_is_in_recovery()
       THEN coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(),
                                                pg_catalog.pg_last_wal_replay_lsn()), 0)
       ELSE 0 END,
  CASE WHEN pg_catalog.pg_is_in_recovery()
       THEN coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_replay_lsn(), '0/0'), 0)
       ELSE 0 END
)sql";

std::int64_t number(const std::string& text) {
  return std::strtoll(text.c_str(), nullptr, 10);
}

}  // namespace

std::optional<StandbySample> look_at_standby(ControlConnection& connection) {
  const ControlReply reply = ask(connection, kQuestion, 5, 1);
  if (!reply.ok()) return std::nullopt;
  const std::vector<std::string>& row = reply.rows[0];
  StandbySample sample;
  sample.in_recovery = row[0] == "1";
  sample.paused = row[1] == "1";
  sample.receiving = number(row[2]) > 0;
  sample.behind = number(row[3]);
  sample.replayed = number(row[4]);
  return sample;
}

void StandbyWatch::follow(std::vector<Spell>& spells, bool now, double from_s, double t_s) {
  const bool going_on = !spells.empty() && !spells.back().over;
  if (now && !going_on) spells.push_back({from_s, t_s, false});
  if (now || going_on) spells.back().to_s = t_s;
  if (!now && going_on) spells.back().over = true;
}

void StandbyWatch::add(double t_s, const StandbySample& sample) {
  if (!sample.in_recovery) {
    if (standby_ && !promoted_s_) promoted_s_ = t_s;
    for (std::vector<Spell>* spells : {&paused_, &stuck_, &cut_off_}) {
      follow(*spells, false, t_s, t_s);
    }
    return;
  }
  const bool moved = !standby_ || sample.replayed != replayed_ || sample.behind <= 0;
  if (moved || sample.paused) moved_s_ = t_s;
  standby_ = true;
  replayed_ = sample.replayed;
  received_ = received_ || sample.receiving;
  follow(paused_, sample.paused, t_s, t_s);
  follow(stuck_, t_s - moved_s_ >= kStuckS, moved_s_, t_s);
  follow(cut_off_, received_ && !sample.receiving, t_s, t_s);
}

/// "from 2.0 s to 5.0 s", "from 2.0 s on".
std::string StandbyWatch::times(const std::vector<Spell>& spells) {
  std::string text;
  for (std::size_t i = 0; i < spells.size() && i < kTimesShown; ++i) {
    if (i > 0) text += ", ";
    text += spells[i].over
                ? fmt::format("from {:.1f} s to {:.1f} s", spells[i].from_s, spells[i].to_s)
                : fmt::format("from {:.1f} s on", spells[i].from_s);
  }
  if (spells.size() > kTimesShown) {
    text += fmt::format(", and {} more times", spells.size() - kTimesShown);
  }
  return text;
}

std::vector<std::string> StandbyWatch::findings() const {
  std::vector<std::string> found;
  if (promoted_s_) {
    found.push_back(
        fmt::format("The standby was promoted {:.1f} s into the window; data read from it "
                    "afterwards is not the primary's.",
                    *promoted_s_));
  }
  if (!paused_.empty()) {
    found.push_back("Replay on the standby was paused " + times(paused_) +
                    " of the window: reads saw old data. Run pg_wal_replay_resume() to resume it.");
  }
  if (!stuck_.empty()) {
    found.push_back("The standby did not replay any WAL " + times(stuck_) +
                    " of the window although it had received some: reads saw old data.");
  }
  if (!cut_off_.empty()) {
    found.push_back("The standby received no WAL from its primary " + times(cut_off_) +
                    " of the window: reads saw old data.");
  }
  return found;
}

}  // namespace poolgauge
