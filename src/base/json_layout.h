// Texts told apart by their form, and JSON laid out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace poolgauge {

/// `compact` must be valid JSON without white space outside strings. Two spaces per level; short
/// containers stay on their line.
std::string pretty_json(std::string_view compact);

/// The object without its member `name`, if it has one.
std::string without_member(std::string_view compact_object, std::string_view name);
/// The value of its member `name`, compact JSON; empty if it has none.
std::string member_of(std::string_view compact_object, std::string_view name);
/// The object with another value, compact JSON, of its member `name`, if it has one.
std::string with_member(std::string_view compact_object, std::string_view name,
                        std::string_view value);

// What a file is that should have been JSON.

enum class FileForm : std::uint8_t {
  empty,
  yaml,
  toml,
  csv,
  sql,
  pgbench,     ///< SQL with pgbench's meta-commands
  server_log,  ///< PostgreSQL's, as text
  csvlog,
  jsonlog,
  xml,
  markdown,
  compressed,  ///< gzip, zip
  utf16,
};

/// "YAML", "a compressed file".
std::string_view name_of(FileForm form);

/// What the text looks like; nullopt: JSON or something like it, or nothing that is known. Of a few
/// lines, so a guess; to be asked only of what is no JSON.
std::optional<FileForm> form_of(std::string_view text);

}  // namespace poolgauge
