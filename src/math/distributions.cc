#include "math/samples.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace poolgauge::math {

namespace bm = boost::math;

double normal_quantile(double p) {
  return bm::quantile(bm::normal(), p);
}

double normal_upper_quantile(double tail) {
  return bm::quantile(bm::complement(bm::normal(), tail));
}

double normal_upper_tail(double x) {
  return bm::cdf(bm::complement(bm::normal(), x));
}

double student_upper_quantile(double freedom, double tail) {
  return bm::quantile(bm::complement(bm::students_t(freedom), tail));
}

double student_upper_tail(double freedom, double x) {
  return bm::cdf(bm::complement(bm::students_t(freedom), x));
}

double beta_quantile(double a, double b, double p) {
  return bm::quantile(bm::beta_distribution<>(a, b), p);
}

double beta_upper_quantile(double a, double b, double tail) {
  return bm::quantile(bm::complement(bm::beta_distribution<>(a, b), tail));
}

double binomial_cdf(double trials, double p, double k) {
  return bm::cdf(bm::binomial(trials, p), k);
}

double gamma_lower(double shape, double x) {
  return bm::gamma_p(shape, x);
}

double integral(const std::function<double(double)>& f, double from, double to) {
  constexpr unsigned kDepth = 12;
  return bm::quadrature::gauss_kronrod<double, 31>::integrate(f, from, to, kDepth, 1e-10);
}

}  // namespace poolgauge::math
