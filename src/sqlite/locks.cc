// sqlite.org/lockingv3.html and wal.html, section 2.2.
#include "sqlite/locks.h"

namespace poolgauge::sqlite {

Locks::Answer Locks::read(Part& part) {
  if (part.reads) return Answer::granted;
  if (closing_) return Answer::wait;
  part.reads = true;
  part.seen = version_;
  ++readers_;
  return Answer::granted;
}

Locks::Answer Locks::write(Part& part) {
  if (part.writes) return Answer::granted;
  if (writer_ != nullptr) return part.reads ? Answer::busy : Answer::wait;
  if (log_ && part.reads && part.seen != version_) return Answer::stale;
  const Answer shared = read(part);
  if (shared != Answer::granted) return shared;
  part.writes = true;
  writer_ = &part;
  return Answer::granted;
}

Locks::Answer Locks::commit(const Part& part) {
  if (!part.writes || log_) return Answer::granted;
  closing_ = true;
  return readers_ > 1 ? Answer::wait : Answer::granted;
}

void Locks::end(Part& part, bool committed) {
  if (part.writes) {
    writer_ = nullptr;
    closing_ = false;
    if (committed) ++version_;
  }
  if (part.reads) --readers_;
  part = Part{};
}

}  // namespace poolgauge::sqlite
