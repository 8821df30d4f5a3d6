// Appending, syncing, cutting off.
#include "files/record_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "base/quantities.h"
#include "files/files.h"

namespace poolgauge::files {

RecordFile::~RecordFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!path_.empty() && size_ == 0) unlink(path_.c_str());
}

Status RecordFile::create(const std::string& path) {
  descriptor_ = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ >= 0) {
    path_ = path;
    return success();
  }
  if (errno == EEXIST) {
    return Error{ErrorKind::usage, "--record: " + path + " exists already",
                 "choose a new file; a recording is never overwritten"};
  }
  return usage_error("--record: cannot create " + path + ": " + std::strerror(errno));
}

void RecordFile::append(const std::string& lines) {
  if (descriptor_ < 0) return;
  int failed = write_all(descriptor_, lines);
  if (failed == 0 && fdatasync(descriptor_) != 0 && errno != EINVAL) failed = errno;
  if (failed == 0) {
    size_ += static_cast<std::int64_t>(lines.size());
    return;
  }
  complaint_ = std::strerror(failed);
  // A reader ignores a torn line, so it does no harm if this fails as well.
  if (ftruncate(descriptor_, size_) != 0) complaint_ += "; its last line is torn";
  close(descriptor_);
  descriptor_ = -1;
}

Result<observe::Recording> read_record_file(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text.ok()) return text.error();
  Result<observe::Recording> recording = observe::read_recording(text.value());
  if (recording.ok()) return recording;
  Error error = recording.error();
  error.message = path + ": " + error.message;
  return error;
}

bool is_record_file(const std::string& path) {
  std::error_code failed;  // from a pipe, what was read would be gone
  if (!std::filesystem::is_regular_file(path, failed)) return false;
  constexpr std::string_view kBeginning = "{\"asked_for_s\":";
  std::string beginning(kBeginning.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  return file && beginning == kBeginning;
}

}  // namespace poolgauge::files
