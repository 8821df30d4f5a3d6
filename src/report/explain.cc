// The meaning of each figure, in one place for all renderers.
#include "report/explain.h"

#include <array>

namespace poolgauge {
namespace {

constexpr std::array kExplanations = {
    Explanation{"latency",
                "time from a request's intended start to its end, completed requests only; with "
                "scheduled arrivals, a late start is included"},
    Explanation{"pool wait",
                "time from requesting a connection to having a usable one, including connecting "
                "and pre-ping; one value per checkout"},
    Explanation{"hold", "application work while holding a connection, such as a model call"},
    Explanation{"pause", "application work within a request after releasing the connection"},
    Explanation{"SQL statement",
                "one execution of an SQL step, from sending it to receiving the last row"},
    Explanation{
        "connection hold time",
        "time from checkout to checkin, per completed request, including statements and holds"},
    Explanation{"late start",
                "time from a request's intended start to its actual start: the application's event "
                "loop (sqlalchemy-async, asyncpg; also emulated in a simulation) was busy or "
                "asleep for up to 1 ms, or the load generator was late"},
    Explanation{"unaccounted",
                "latency that belongs to none of the parts above; shown if more than 1 %"},
    Explanation{"share of latency",
                "the part's mean per completed request divided by the mean latency; percentiles of "
                "parts do not add up to percentiles of the whole"},
    Explanation{"p95",
                "95 of 100 values are below this time; shown as – if the sample is too small"},
    Explanation{"95 % CI", "95 % confidence interval of the measured value"},
    Explanation{"timed out",
                "requests that got no connection within the pool timeout; they count as failed and "
                "are not part of the latency"},
    Explanation{"server memory each",
                "memory that one more connection takes on a server on this machine: the "
                "proportional set size of its process without shared memory, plus its page tables"},
    Explanation{"schedule lag",
                "how late the load generator started requests; if large, the figures partly "
                "reflect the generator's own delays"},
    Explanation{"in flight at end",
                "requests that started or were scheduled before the end of the measured window but "
                "did not finish in it"},
};

}  // namespace

std::span<const Explanation> explanations() {
  return kExplanations;
}

}  // namespace poolgauge
