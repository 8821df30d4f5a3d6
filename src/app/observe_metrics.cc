// `observe --metrics`: pages of metrics from files or URLs, some time apart.
#include "app/observe.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "files/files.h"
#include "guard/http_url.h"
#include "observe/metrics.h"
#include "pg/guard/guard_looks.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"
#include "poolgauge/exit_status.h"

namespace poolgauge::app {

namespace {

using observe::MetricsPage;
using observe::Scrape;

constexpr Duration kLongestScrape = std::chrono::seconds(10);
constexpr std::size_t kMostScrapes = 100'000;

/// Everything that was read, and what went wrong meanwhile.
struct Scraped {
  std::vector<Scrape> scrapes;
  std::int64_t started_s = 0;
  std::size_t failed = 0;
  std::string failure;  ///< the last one
  bool interrupted = false;
};

/// Adds a page to a scrape; `source` tells its processes from those of other URLs.
void add_page(MetricsPage page, const std::string& source, Scrape& scrape) {
  for (observe::PoolReading& pool : page.pools) {
    if (!source.empty()) pool.process = source + " " + pool.process;
    scrape.pools.push_back(std::move(pool));
  }
  if (page.pooler) scrape.poolers.push_back({source, std::move(*page.pooler)});
  scrape.ignored.merge(page.ignored);
}

Result<MetricsPage> page_of(const std::string& text, const std::string& place) {
  Result<MetricsPage> page = observe::read_metrics_page(text);
  if (page.ok()) return page;
  Error error = page.error();
  error.message = fmt::format("--metrics {}: {}", place, error.message);
  return error;
}

// Files.

struct PageOfFile {
  std::string path;
  double at_s = 0;
  MetricsPage page;
};

/// When it was taken: as the page says, else when the file was written.
Result<PageOfFile> page_of_file(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text.ok()) {
    Error error = text.error();
    error.message = "--metrics: " + error.message;
    return error;
  }
  Result<MetricsPage> page = page_of(text.value(), path);
  if (!page.ok()) return page.error();
  PageOfFile file{path, 0, std::move(page).value()};
  struct stat status {};
  if (file.page.at_s) {
    file.at_s = *file.page.at_s;
  } else if (::stat(path.c_str(), &status) == 0) {
    constexpr double kNanosecond = 1e-9;
    file.at_s = static_cast<double>(status.st_mtim.tv_sec) +
                static_cast<double>(status.st_mtim.tv_nsec) * kNanosecond;
  }
  return file;
}

Status order_by_time(std::vector<PageOfFile>& files) {
  std::stable_sort(files.begin(), files.end(),
                   [](const PageOfFile& a, const PageOfFile& b) { return a.at_s < b.at_s; });
  constexpr double kShortest_s = 0.05;
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (files[i].at_s - files[i - 1].at_s >= kShortest_s) continue;
    return usage_error(fmt::format("--metrics: {} and {} have the same timestamps, or were last "
                                   "modified at the same time",
                                   files[i - 1].path, files[i].path),
                       "if they were scraped at regular intervals, set the interval with --every");
  }
  return success();
}

Result<Scraped> scrape_files(const ObserveRequest& request) {
  std::vector<PageOfFile> files;
  for (const std::string& path : request.metrics) {
    Result<PageOfFile> file = page_of_file(path);
    if (!file.ok()) return file.error();
    files.push_back(std::move(file).value());
  }
  if (files.size() < 2) {
    return usage_error("--metrics: one file shows a single moment",
                       "give several files of the same application, scraped at different times, in "
                       "order of time: --metrics first.prom --metrics second.prom");
  }
  if (request.every_given_s) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      files[i].at_s = files.front().at_s + static_cast<double>(i) * *request.every_given_s;
    }
  } else if (const Status ordered = order_by_time(files); !ordered.ok()) {
    return ordered.error();
  }
  Scraped scraped;
  scraped.started_s = static_cast<std::int64_t>(files.front().at_s);
  for (PageOfFile& file : files) {
    scraped.scrapes.push_back({file.at_s - files.front().at_s, {}});
    add_page(std::move(file.page), "", scraped.scrapes.back());
  }
  return scraped;
}

// URLs.

/// Shows the sums over all pools.
void show_scrape(const Scrape& scrape, double length_s, ProgressSink& progress) {
  if (!progress.wants_line(scrape.t_s)) return;
  double in_use = 0, open = 0, waiting = 0;
  for (const observe::PoolReading& pool : scrape.pools) {
    in_use += pool.figure(observe::PoolFigure::in_use).value_or(0);
    open += pool.figure(observe::PoolFigure::open).value_or(0);
    waiting += pool.figure(observe::PoolFigure::waiting).value_or(0);
  }
  progress.phase(observe_line(scrape.t_s, length_s,
                              fmt::format("{:g} of {:g} connections in use, {:g} requests waiting",
                                          in_use, open, waiting)));
}

Result<MetricsPage> page_of_url(const guard::HttpUrl& url, const StopFlag& stop) {
  const std::string place = guard::shown_url(url);
  const Result<guard::HttpAnswer> answer = http_get(url, stop, kLongestScrape);
  if (!answer.ok()) {
    Error error = answer.error();
    error.message = "--metrics " + error.message;
    error.hint = "check the URL, and that the application is running";
    return error;
  }
  if (answer.value().status != 200) {
    return Error{
        ErrorKind::target,
        fmt::format("--metrics {}: the answer has HTTP status {} instead of 200", place,
                    answer.value().status),
        "give the full path of the metrics, such as /metrics, or /actuator/prometheus in Spring "
        "Boot; redirects are not followed"};
  }
  return page_of(answer.value().body, place);
}

/// One round. The error: a page could not be read.
Status scrape_all(const std::vector<guard::HttpUrl>& urls, const StopFlag& stop, Scrape& scrape) {
  std::map<std::string, int> pages;  // of each host and port
  for (const guard::HttpUrl& url : urls) {
    Result<MetricsPage> page = page_of_url(url, stop);
    if (!page.ok()) return page.error();
    std::string source = urls.size() > 1 ? url.authority : "";
    if (const int number = ++pages[url.authority]; number > 1)
      source += fmt::format(" ({})", number);
    add_page(std::move(page).value(), source, scrape);
  }
  return success();
}

Result<Scraped> scrape_urls(const ObserveRequest& request, const Context& context,
                            ProgressSink& progress) {
  std::vector<guard::HttpUrl> urls;
  for (const std::string& text : request.metrics) {
    const guard::HttpUse use{
        "--metrics", "http://localhost:8080/metrics",
        "use an http URL on a trusted network, or save the pages with curl and give "
        "their files"};
    Result<guard::HttpUrl> url = guard::parse_http_url(text, use);
    if (!url.ok()) return url.error();
    urls.push_back(std::move(url).value());
  }
  Scraped scraped;
  scraped.started_s = context.wall_clock();
  const TimePoint began = monotonic_now();
  const TimePoint until = began + from_s(request.for_s());
  for (TimePoint next = began; scraped.scrapes.size() < kMostScrapes;) {
    if (!rest_until(next, context.stop)) break;
    Scrape scrape{to_s(monotonic_now() - began), {}};
    const Status read = scrape_all(urls, context.stop, scrape);
    if (context.stop.requested()) break;
    if (read.ok()) {
      show_scrape(scrape, request.for_s(), progress);
      scraped.scrapes.push_back(std::move(scrape));
    } else if (scraped.scrapes.empty()) {
      progress.finish();
      return read.error();
    } else {
      ++scraped.failed;
      scraped.failure = read.error().message;
    }
    if (next >= until) break;
    next = std::min(std::max(next + from_s(request.every_s()), monotonic_now()), until);
  }
  progress.finish();
  scraped.interrupted = context.stop.requested();
  return scraped;
}

std::string places_text(const std::vector<std::string>& places) {
  std::vector<std::string> shown;
  for (const std::string& place : places) {
    shown.push_back(is_url(place) ? guard::without_query(place) : place);
  }
  if (shown.size() <= 3) return fmt::format("{}", fmt::join(shown, ", "));
  return fmt::format("{} … {}", shown.front(), shown.back());
}

}  // namespace

Result<ObserveAnswer> observe_metrics(const ObserveRequest& request, const Context& context,
                                      ProgressSink& progress) {
  const bool urls = is_url(request.metrics.front());
  const Result<Scraped> read =
      urls ? scrape_urls(request, context, progress) : scrape_files(request);
  if (!read.ok()) return read.error();
  const Scraped& scraped = read.value();
  if (scraped.scrapes.size() < 2) {
    if (scraped.interrupted) return interrupted_error();
    return Error{ErrorKind::target, "--metrics: only one scrape succeeded\n  " + scraped.failure,
                 "observe for longer with --for"};
  }
  observe::Circumstances circumstances;
  circumstances.question = observe_question(request);
  circumstances.interrupted = scraped.interrupted;
  circumstances.started_s = scraped.started_s;
  circumstances.cost.interval_s =
      scraped.scrapes.back().t_s / static_cast<double>(scraped.scrapes.size() - 1);
  Observed observed =
      observe::answer_of_scrapes(scraped.scrapes, circumstances, places_text(request.metrics));
  if (scraped.failed > 0) {
    observed.warnings.insert(
        observed.warnings.begin(),
        fmt::format("{} failed; the last error: {}",
                    counted(static_cast<std::int64_t>(scraped.failed), "scrape"), scraped.failure));
  }
  if (scraped.scrapes.size() >= kMostScrapes) {
    observed.warnings.push_back(fmt::format(
        "it ended after {} scrapes, before the time of --for had passed; scrape less often with "
        "--every",
        kMostScrapes));
  }
  const int status = scraped.interrupted ? kExitInterrupted : 0;
  return ObserveAnswer{std::move(observed), scraped.started_s, status, {}};
}

}  // namespace poolgauge::app
