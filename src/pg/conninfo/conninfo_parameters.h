// What the parameters of other libraries' connection strings mean to libpq, or to a pool.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace poolgauge {

/// One parameter as libpq takes it, or why it takes none.
struct ReadParameter {
  enum class Fate : unsigned char {
    kept,     ///< libpq's own, with a value it takes
    renamed,  ///< libpq has it as `name`=`value`
    pool,     ///< an option of a pool: `name`=`value` of `kind`
    setting,  ///< a server setting: `name`=`value`
    dropped,  ///< nothing of libpq's
  };
  Fate fate = Fate::dropped;
  std::string name, value;
  std::string kind;       ///< a kind of pool; empty with Fate::pool: any, by its --flag
  std::string complaint;  ///< what is wrong, a clause; empty where it is kept. Holds no secret
};

/// `name` as written; `value` decoded.
ReadParameter read_parameter(const std::string& name, const std::string& value);

/// libpq's keywords.
const std::vector<std::string>& libpq_keywords();

/// Whether a parameter of this name, of any library, holds a password or names a file of them.
bool is_secret_parameter(std::string_view name);

}  // namespace poolgauge
