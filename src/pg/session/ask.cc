// Looks at the shape of an answer before anybody reads it.
#include "pg/session/ask.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.h"

namespace poolgauge {
namespace {

std::string counted_of(std::size_t count, const char* what) {
  return counted(static_cast<std::int64_t>(count), what);
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
                  counted_of(reply.columns.size(), "column"), counted_of(reply.rows.size(), "row"),
                  counted_of(columns, "column"), counted_of(rows, "row"));
  return reply;
}

std::string field_of(const ControlReply& reply, const std::vector<std::string>& row,
                     std::string_view column) {
  const auto found = std::find(reply.columns.begin(), reply.columns.end(), column);
  const auto index = static_cast<std::size_t>(found - reply.columns.begin());
  return index < row.size() ? row[index] : std::string();
}

std::string quoted_literal(const std::string& text) {
  std::string out = text.find('\\') == std::string::npos ? "'" : " E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

}  // namespace poolgauge
