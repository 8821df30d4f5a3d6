// A directory for a throwaway database, gone with this object or, after a crash, with the next one.
#pragma once

#include <memory>
#include <string>

#include "poolgauge/result.h"

namespace poolgauge::sqlite {

class Scratch {
 public:
  /// In the directory for temporary files. Removes what runs that were killed have left there.
  static Result<std::unique_ptr<Scratch>> make();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string database() const { return directory_ + "/poolgauge.db"; }

 private:
  Scratch(std::string directory, int lock) : directory_(std::move(directory)), lock_(lock) {}
  std::string directory_;
  int lock_;  // held while it is used
};

}  // namespace poolgauge::sqlite
