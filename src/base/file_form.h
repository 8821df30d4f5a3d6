// What a file is that should have been JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace poolgauge {

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
