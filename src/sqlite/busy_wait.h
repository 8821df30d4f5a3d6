// How long a connection to SQLite that found the database locked sleeps before it looks again:
// the same in the live world and the simulated one.
#pragma once

#include "poolgauge/time.h"

namespace poolgauge::sqlite {

/// The sleep after the n-th look (from 0), or zero: give up with SQLITE_BUSY. `every_ms`: one
/// millisecond each time; else the steps of sqlite3_busy_timeout() in SQLite 3.7 to 3.46, of which
/// the last is cut so that all together are `timeout`.
Duration busy_sleep(int looks, Duration timeout, bool every_ms);

}  // namespace poolgauge::sqlite
