// Whether a file can be used as a database, before it is opened.
#pragma once

#include <string>

#include "poolgauge/result.h"
#include "sqlite/settings.h"

namespace poolgauge::sqlite {

/// The error (kind target) says what the file is instead, and what to do: a directory, no database
/// or an encrypted one, of a newer format, not ours to read or write, on a network file system.
/// `creates`: the scenario's setup makes the tables, so the file need not be there. `writes`: the
/// load or the setup does.
Status check_file(const Settings& settings, bool creates, bool writes);

}  // namespace poolgauge::sqlite
