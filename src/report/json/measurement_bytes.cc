// One list of members for each struct, which writes and reads.
#include "report/json/measurement_bytes.h"

#include <bit>
#include <concepts>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

namespace poolgauge {

namespace {

/// Of the format, not of the program: merge refuses parts of different versions anyway.
constexpr std::uint8_t kFormat = 1;

/// Seven bits a byte, the lowest first.
class ByteWriter {
 public:
  static constexpr bool kReads = false;
  void number(std::uint64_t& value) {
    std::uint64_t left = value;
    for (; left >= 0x80; left >>= 7) bytes_.push_back(static_cast<std::uint8_t>(left | 0x80));
    bytes_.push_back(static_cast<std::uint8_t>(left));
  }
  void text(std::uint8_t* data, std::size_t size) {
    bytes_.insert(bytes_.end(), data, data + size);
  }
  std::uint64_t length(std::size_t size) {
    std::uint64_t written = size;
    number(written);
    return written;
  }
  void refuse() {}
  bool good() const { return true; }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// After the first mistake everything reads as zero.
class ByteReader {
 public:
  static constexpr bool kReads = true;
  explicit ByteReader(const Bytes& bytes) : bytes_(bytes) {}
  void number(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; good_; shift += 7) {
      if (at_ == bytes_.size() || shift > 63) return refuse();
      const std::uint64_t byte = bytes_[at_++];
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return;
    }
  }
  void text(std::uint8_t* data, std::size_t size) {
    if (!good_ || size > bytes_.size() - at_) return refuse();
    std::memcpy(data, bytes_.data() + at_, size);
    at_ += size;
  }
  /// Of a list or a text: each of its elements takes a byte at least.
  std::uint64_t length(std::size_t /*size*/) {
    std::uint64_t read = 0;
    number(read);
    if (read <= bytes_.size() - at_) return read;
    refuse();
    return 0;
  }
  void refuse() { good_ = false; }
  bool good() const { return good_; }
  bool done() const { return good_ && at_ == bytes_.size(); }

 private:
  const Bytes& bytes_;
  std::size_t at_ = 0;
  bool good_ = true;
};

template <class Io, std::unsigned_integral T>
requires(!std::same_as<T, bool>) void put(Io& io, T& value) {
  std::uint64_t wide = value;
  io.number(wide);
  if (!std::in_range<T>(wide)) return io.refuse();
  value = static_cast<T>(wide);
}

template <class Io>
void put(Io& io, bool& value) {
  std::uint8_t number = value ? 1 : 0;
  put(io, number);
  value = number == 1;
}

template <class Io>
void put(Io& io, std::int64_t& value) {
  auto wide = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  io.number(wide);
  value = static_cast<std::int64_t>(wide >> 1) ^ -static_cast<std::int64_t>(wide & 1);
}

template <class Io>
void put(Io& io, double& value) {
  auto bits = std::bit_cast<std::uint64_t>(value);
  std::uint8_t raw[8];
  for (unsigned i = 0; i < 8; ++i) raw[i] = static_cast<std::uint8_t>(bits >> (8 * i));
  io.text(raw, sizeof raw);
  bits = 0;
  for (unsigned i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(raw[i]) << (8 * i);
  value = std::bit_cast<double>(bits);
}

template <class Io>
void put(Io& io, float& value) {
  double wide = static_cast<double>(value);
  put(io, wide);
  value = static_cast<float>(wide);
}

template <class Io>
void put(Io& io, Duration& value) {
  std::int64_t ns = value.count();
  put(io, ns);
  value = Duration{ns};
}

/// `last`: its largest value.
template <class Io, class Enum>
void put_enum(Io& io, Enum& value, Enum last) {
  auto number = static_cast<std::uint8_t>(value);
  put(io, number);
  if (number > static_cast<std::uint8_t>(last)) return io.refuse();
  value = static_cast<Enum>(number);
}

template <class Io>
void put(Io& io, FailureClass& value) {
  put_enum(io, value, FailureClass::stopped);
}

template <class Io>
void put(Io& io, std::string& value) {
  value.resize(io.length(value.size()));
  io.text(reinterpret_cast<std::uint8_t*>(value.data()), value.size());
}

template <class Io>
void put(Io& io, Bytes& value) {
  value.resize(io.length(value.size()));
  io.text(value.data(), value.size());
}

template <class Io>
void put_members(Io& io, PackedHistogram& packed) {
  put(io, packed.count);
  if (packed.count == 0) return;
  put(io, packed.clamped);
  put(io, packed.sum_ns);
  put(io, packed.min);
  put(io, packed.max);
  put(io, packed.counts);
}

/// Of slices: they have the default precision.
template <class Io>
void put(Io& io, PackedHistogram& packed) {
  put_members(io, packed);
  Histogram whole;
  if (Io::kReads && !whole.merge(packed)) io.refuse();
}

/// The precision is that of its place, so that all of a kind can be added up.
template <class Io>
void put(Io& io, Histogram& histogram) {
  PackedHistogram packed;
  if (!Io::kReads) packed = histogram.packed();
  put_members(io, packed);
  if (Io::kReads && !histogram.merge(packed)) io.refuse();
}

template <class Io, class T, class... More>
void put_all(Io& io, T& first, More&... more) {
  put(io, first);
  (put(io, more), ...);
}

template <class Io, class T>
void put(Io& io, std::optional<T>& value) {
  bool there = value.has_value();
  put(io, there);
  if (Io::kReads && there) value.emplace();
  if (there && io.good()) put(io, *value);
}

/// `fresh`: an element before it is read.
template <class Io, class T>
void put_list(Io& io, std::vector<T>& list, const T& fresh) {
  const std::uint64_t count = io.length(list.size());
  for (std::size_t i = 0; i < count && io.good(); ++i) {
    if (Io::kReads) list.push_back(fresh);
    put(io, list[i]);
  }
}
template <class Io, class T>
void put(Io& io, std::vector<T>& list) {
  put_list(io, list, T{});
}

template <class Io>
void put(Io& io, ClassCount& v) {
  put_all(io, v.failure, v.count);
}
template <class Io>
void put(Io& io, PackedAt& v) {
  put_all(io, v.index, v.values);
}
template <class Io>
void put(Io& io, KindMeasurement& v) {
  put_all(io, v.completed, v.failures, v.latency);
}
template <class Io>
void put(Io& io, RequestCounts& v) {
  put_all(io, v.completed, v.failed, v.shed, v.in_flight, v.carried_in, v.not_started);
}
template <class Io>
void put(Io& io, InFlightAges& v) {
  put_all(io, v.latency, v.response, v.pool_wait, v.connection_time, v.steps, v.requests);
}
template <class Io>
void put(Io& io, FailedTimes& v) {
  put_all(io, v.latency, v.response, v.pool_wait, v.requests);
}
template <class Io>
void put(Io& io, CompletionGap& v) {
  put_all(io, v.start, v.end, v.waiting, v.in_flight);
}
template <class Io>
void put(Io& io, CompletionGaps& v) {
  put_all(io, v.known, v.least, v.longest);
}
template <class Io>
void put(Io& io, PhaseTotals& v) {
  put_all(io, v.start_ns, v.pool_wait_ns, v.begin_ns, v.sql_ns, v.hold_ns, v.pause_ns, v.commit_ns,
          v.release_ns, v.other_ns, v.backoff_ns);
}
template <class Io>
void put(Io& io, PhaseTimes& v) {
  put_all(io, v.start, v.pool_wait, v.connect, v.begin, v.sql, v.hold, v.pause, v.commit, v.release,
          v.backoff, v.other);
}
template <class Io>
void put(Io& io, ConnectPhases& v) {
  put_all(io, v.tcp, v.tls, v.authentication, v.ready);
}
template <class Io>
void put(Io& io, Span& v) {
  put_all(io, v.start, v.length);
  put_enum(io, v.kind, SpanKind::backoff);
  put(io, v.place);
}
template <class Io>
void put(Io& io, RequestSample& v) {
  put_enum(io, v.why, RequestSample::Why::failed);
  put_all(io, v.part, v.request, v.user, v.started, v.latency, v.outcome, v.spans,
          v.spans_left_out);
}
template <class Io>
void put(Io& io, RetryCounts::Cause& v) {
  put_all(io, v.sqlstate, v.count);
}
template <class Io>
void put(Io& io, RetryCounts& v) {
  put_all(io, v.requests, v.completed, v.causes);
}
template <class Io>
void put(Io& io, SecondSample& v) {
  put_all(io, v.completed, v.failed, v.latency, v.checked_out, v.open, v.overflow, v.waiting,
          v.server_active, v.server_idle_in_transaction, v.server_lock_waits);
}
template <class Io>
void put(Io& io, Slice& v) {
  put_all(io, v.completed, v.failed, v.failures, v.latency, v.response, v.pool_wait,
          v.connection_time, v.schedule_lag, v.steps, v.kinds);
}
template <class Io>
void put(Io& io, GoalTally& v) {
  put_all(io, v.completed, v.failed, v.hits, v.times, v.ages);
}
template <class Io>
void put(Io& io, GoalTrack& v) {
  put(io, v.whole);
  put_list(io, v.seconds, GoalTally(GoalTrack::kSecondBits, GoalTrack::kAgeBits));
}
template <class Io>
void put(Io& io, PoolMeasurement& v) {
  put_all(io, v.name, v.processes, v.capacity, v.peak_checked_out, v.peak_open, v.peak_overflow,
          v.peak_waiting, v.peak_demand, v.connects, v.connect_failures, v.direct_connects,
          v.closes, v.checkouts, v.pings, v.resets, v.checked_out_mean, v.open_mean,
          v.waiting_mean);
}
template <class Io>
void put(Io& io, Outage& v) {
  put_all(io, v.start, v.end, v.lost_connections, v.failed_connects, v.target);
}
template <class Io>
void put(Io& io, Standstill& v) {
  put_all(io, v.start, v.end, v.whose, v.confirmed);
}
template <class Io>
void put(Io& io, ThreadView& v) {
  put_all(io, v.cpu_busy_ratio, v.run_wait_ratio);
}
template <class Io>
void put(Io& io, ClientView& v) {
  put_all(io, v.threads, v.cpu_busy_ratio_max, v.cpu_busy_ratio_mean, v.cpu_s, v.by_thread,
          v.loop_lag, v.descriptors_peak, v.descriptors_limit, v.schedule_lag);
}
template <class Io>
void put(Io& io, TimedCount& v) {
  put_all(io, v.count, v.total_us);
}
template <class Io>
void put(Io& io, ExchangeSample& v) {
  put_all(io, v.us, v.active);
}
template <class Io>
void put(Io& io, TransactionSample& v) {
  put_all(io, v.request, v.exchanges);
}
template <class Io>
void put(Io& io, Calibration& v) {
  put_all(io, v.transactions, v.exchanges, v.pings, v.resets, v.active_mean, v.dispersion,
          v.dispersion_se, v.cores, v.shares_client, v.completions, v.bin_s);
}

template <class Io>
void put(Io& io, Measurement& v) {
  std::uint8_t format = kFormat;
  put(io, format);
  if (format != kFormat) return io.refuse();
  put_all(io, v.warmup, v.ended_in_warmup, v.warmup_end.automatic, v.warmup_end.steady, v.window,
          v.partial, v.simulated, v.costs_assumed, v.unsimulated_locks, v.ended_by, v.requests,
          v.latency, v.response, v.pool_wait, v.connect, v.connection_time, v.steps, v.kinds,
          v.in_flight, v.failed_times, v.gaps, v.phases, v.phase_times, v.connect_phases, v.samples,
          v.retries, v.series, v.slice_length, v.slices, v.tracks, v.pools, v.outages,
          v.standstills, v.client, v.calibration);
}

}  // namespace

Bytes measurement_bytes(const Measurement& measured) {
  Measurement copy = measured;  // the list of members is one for both directions
  ByteWriter writer;
  put(writer, copy);
  return writer.take();
}

std::optional<Measurement> measurement_from(const Bytes& bytes) {
  Measurement measured;
  ByteReader reader(bytes);
  put(reader, measured);
  if (!reader.done()) return std::nullopt;
  return measured;
}

}  // namespace poolgauge
