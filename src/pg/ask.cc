// Looks at the shape of an answer before anybody reads it.
#include "pg/ask.h"

#include <algorithm>

#include <fmt/core.h>

namespace poolgauge {
namespace {

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

ControlReply ask(ControlConnection& connection, const std::string& sql, std::size_t columns,
                 std::size_t rows) {
  ControlReply reply = connection.run(sql);
  if (!reply.ok()) return reply;
  const bool narrow = reply.columns.size() < columns ||
                      std::any_of(reply.rows.begin(), reply.rows.end(),
                                  [columns](const auto& row) { return row.size() < columns; });
  if (!narrow && reply.rows.size() >= rows) return reply;
  reply.ending = ControlReply::Ending::failed;
  reply.complaint = {};
  reply.complaint.message =
      fmt::format("unexpected answer from the server: {} and {}, expected at least {} and {}",
                  counted(reply.columns.size(), "column"), counted(reply.rows.size(), "row"),
                  counted(columns, "column"), counted(rows, "row"));
  return reply;
}

}  // namespace poolgauge
