// User input as it may be shown: connection strings without their secrets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace poolgauge::cli {

/// A word of the command line. One that looks like a connection string loses its secrets, wherever
/// it stands: people also type them in the wrong place.
std::string shown_word(const std::string& word);

/// Collects the passwords in what this process was given, so that a message which holds only a part
/// of the word they came in does not show them. To be called before anything is printed, by the
/// main thread only.
void remember_secrets(const std::vector<std::string>& words);
/// The same for the environment: PG*, POOLGAUGE_*, DATABASE_URL, and whatever names a password.
void remember_secrets_of_environment();

/// A message without secrets: neither those that were collected nor what looks like one.
std::string redacted(std::string_view message);

}  // namespace poolgauge::cli
