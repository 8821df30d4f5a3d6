// The meaning of each figure, in one place for all renderers.
#include "report/explain.h"

#include <array>

namespace poolgauge {
namespace {

constexpr std::array kExplanations = {
    Explanation{"latency",
                "from the intended start of a request to its end, completed requests only; where "
                "the load has a schedule, being started late counts"},
    Explanation{"pool wait",
                "from asking the pool to having a usable connection, connecting and pre-ping "
                "included; one value for each checkout"},
    Explanation{"hold",
                "application work done while a connection is checked out, such as a model call"},
    Explanation{"pause", "application work within a request with the connection given back"},
    Explanation{"SQL statement", "one execution of an SQL step, from sending to its last row"},
    Explanation{"connection time",
                "from checkout to checkin, per completed request: statements and holds together"},
    Explanation{"in no part",
                "shown above 1 %: latency that is in no part above, the residual of the books"},
    Explanation{"share of latency",
                "the part's mean per completed request, of the mean latency; percentiles of parts "
                "do not add up to percentiles of the whole"},
    Explanation{"p95",
                "the time that 95 of 100 values stay below; left out (–) where there are "
                "too few values to know it"},
    Explanation{"range in brackets",
                "95 % confidence interval: where the true value lies, were the run repeated"},
    Explanation{"timed out",
                "requests that got no connection within the pool's own timeout; they "
                "count as failed and are in no latency"},
    Explanation{"server memory each",
                "what one more connection takes on a server of this machine: the proportional set "
                "size of its process without shared memory, and its page tables"},
    Explanation{"schedule lag",
                "how late the load generator itself started requests; when it is large, figures "
                "are partly the generator's own"},
    Explanation{"still running",
                "requests begun or due before the end of the measured window and not ended in it"},
};

}  // namespace

std::span<const Explanation> explanations() {
  return kExplanations;
}

}  // namespace poolgauge
