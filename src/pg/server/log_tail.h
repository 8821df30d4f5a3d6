// The end of the log of a server that we started, for the error if it does not start.
#pragma once

#include <cstddef>
#include <string>

namespace poolgauge {

/// The last `lines` lines of an open log file; empty when there is none. Without those that refuse
/// a client because the server starts or stops: a pool that tries again fills the log with them.
std::string log_tail(int log_fd, std::size_t lines);
/// The same of a text.
std::string last_lines(const std::string& text, std::size_t lines);

/// Each line that says something on a line of its own, indented for an error text.
std::string indented(const std::string& text);

}  // namespace poolgauge
