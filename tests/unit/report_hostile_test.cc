// What strangers wrote into a report reaches no reader raw: every text of a report that has all
// its parts is replaced by a hostile one, alone and all together, and every form is looked at.
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "advice_sample.h"
#include "base/visible_text.h"
#include "gate/history.h"
#include "report/size_words.h"
#include "report/terminal/parts.h"
#include "report_sample.h"

namespace poolgauge {
namespace {

using Json = nlohmann::ordered_json;

/// Escape sequences, C1, an override, zero width, markup of every kind, line ends, NUL.
const std::string kHostile =
    std::string(
        "\x1b]0;owned\x07\x1b[31mRED\x7f\xC2\x9B"
        "31m\xE2\x80\xAE rtl\xE2\x80\x8B") +
    "<script>alert(1)</script><img src=x onerror=alert(1)>|`[l](javascript:x)](y)\"'\\,{}\r\n" +
    "INJECTED1\n```\n#INJECTED\n</pre>]]>&#27; http://evil.example/ @octocat (@acme/admins) "
    "acme/tool#12 #34 GH-56 gh-78" +
    std::string(1, '\0') + "end";
/// As long: a label that does not fit is not drawn.
const std::string kHarmless(2 * kHostile.size(), 'h');

struct Form {
  const char* name;
  std::string (*render)(const Report&);
};

std::string terminal(const Report& report) {
  return to_terminal(report, {false, true, 100, true});
}
std::string ascii(const Report& report) {
  return to_terminal(report, {false, false, 60, false});
}
std::string beside(const Report& report) {
  return side_by_side(report, report, {false, true, 120, false});
}
std::string gate(const Report& report) {
  return gate_to_terminal(report, {false, true, 100, false});
}
std::string history(const Report& report) {
  const History made = make_history({history_entry(report), history_entry(report)}, "");
  return history_to_terminal(made, {false, true, 100, false});
}
std::string history_page(const Report& report) {
  const History made = make_history({history_entry(report), history_entry(report)}, "");
  return history_to_markdown(made);
}
std::string history_file(const Report& report) {
  return history_line(history_entry(report)) +
         history_to_json(make_history({history_entry(report)}, ""));
}
std::string hgrm(const Report& report) {
  return to_hgrm(report, "latency").value_or("");
}

constexpr Form kForms[] = {
    {"terminal", terminal},
    {"ascii", ascii},
    {"beside", beside},
    {"gate", gate},
    {"history", history},
    {"history.md", history_page},
    {"history.json", history_file},
    {"json", to_json},
    {"markdown", to_markdown},
    {"html", to_html},
    {"junit", to_junit},
    {"prometheus", to_prometheus},
    {"csv", to_csv},
    {"github", to_github_benchmark},
    {"bencher", to_bencher},
    {"hdr", to_hdr_log},
    {"hgrm", hgrm},
};

/// Pointers to all texts of the document.
void collect(const Json& json, const std::string& at, std::vector<std::string>& pointers) {
  if (json.is_string()) pointers.push_back(at);
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) {
    Json::json_pointer escaped;
    escaped /= key;
    collect(value, at + escaped.to_string(), pointers);
  }
}

/// The last lines of text that a character of these is not plain text in.
std::string hidden_character(const std::string& text, bool csv) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Character next = first_character(std::string_view(text).substr(at));
    const bool line_end = next.point == '\n' || (csv && next.point == '\r');
    if (next.length == 0 || (is_hidden(next.point) && !line_end && next.point != '\t')) {
      return text.substr(at > 40 ? at - 40 : 0, 60);
    }
    at += next.length;
  }
  return "";
}

std::size_t times(std::string_view text, std::string_view piece) {
  std::size_t count = 0;
  for (auto at = text.find(piece); at != text.npos; at = text.find(piece, at + piece.size()))
    ++count;
  return count;
}

/// Lines that a stranger's text would have begun.
std::string injected_line(const std::string& text) {
  for (const char* const start : {"\nINJECTED", "\n#INJECTED", "\n```\n#INJ"}) {
    if (text.find(start) != std::string::npos) return start;
  }
  return "";
}

/// Markdown outside of code: fenced blocks and spans taken out.
std::string prose(const std::string& markdown) {
  std::string out, fence;
  for (std::size_t at = 0; at < markdown.size();) {
    const std::size_t end = std::min(markdown.find('\n', at), markdown.size());
    const std::string line = markdown.substr(at, end - at);
    at = end + 1;
    const std::size_t ticks = std::min(line.find_first_not_of('`'), line.size());
    if (fence.empty() && ticks >= 3) {
      fence = std::string(ticks, '`');
      continue;
    }
    if (!fence.empty()) {
      if (line == fence) fence.clear();
      continue;
    }
    for (std::size_t i = 0; i < line.size();) {
      if (line[i] == '\\' && i + 1 < line.size()) {
        out += line.substr(i, 2);
        i += 2;
        continue;
      }
      if (line[i] != '`') {
        out += line[i++];
        continue;
      }
      const std::size_t open_end = std::min(line.find_first_not_of('`', i), line.size());
      const std::string run = line.substr(i, open_end - i);
      std::size_t close = open_end;
      while (true) {  // the closing run has the same length
        close = line.find(run, close);
        if (close == line.npos) break;
        const std::size_t after = std::min(line.find_first_not_of('`', close), line.size());
        if (after - close == run.size()) break;
        close = after;
      }
      if (close == line.npos) {
        out += run;
        i = open_end;
        continue;
      }
      i = close + run.size();
    }
    out += '\n';
  }
  return out;
}

std::size_t bare(const std::string& text, char sign) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else {
      count += text[i] == sign;
    }
  }
  return count;
}

/// What GitHub would make a notification or a reference of: it looks at the text that is shown, so
/// backslashes are not there; code is left alone.
std::string reference(std::string text) {
  std::erase(text, '\\');
  for (const std::string_view sign : {"@octocat", "@acme", "#12", "#34", "GH-56", "gh-78"}) {
    if (text.find(sign) != std::string::npos) return std::string(sign);
  }
  return "";
}

void check_markdown(const std::string& page, const std::string& harmless) {
  const std::string text = prose(page);
  const std::string other = prose(harmless);
  CHECK(times(text, "<") == times(other, "<"));
  CHECK(bare(text, '[') == bare(other, '['));
  CHECK(bare(text, '|') == bare(other, '|'));
  CHECK(reference(text) == "");
  CHECK(times(text, "http://") == times(other, "http://"));
}

void check_prometheus(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("# ")) continue;
    CHECK(line.starts_with("poolgauge_"));
    bool quoted = false;
    std::size_t close = 0;
    for (std::size_t i = 0; i < line.size() && close == 0; ++i) {
      if (line[i] == '\\' && quoted) {
        ++i;
      } else if (line[i] == '"') {
        quoted = !quoted;
      } else if (line[i] == '}' && !quoted) {
        close = i;
      }
    }
    REQUIRE(close > 0);
    CHECK(line.find_first_not_of("0123456789.e+-naif ", close + 1) == line.npos);
  }
}

void check_form(const Form& form, const Report& report, const Report& harmless) {
  INFO("as " << form.name);
  const std::string name = form.name;
  const std::string text = form.render(report);
  CHECK(hidden_character(text, name == "csv") == "");
  const std::string plain = form.render(harmless);
  if (name == "html" || name == "junit") {
    CHECK(times(text, "<") == times(plain, "<"));
    CHECK(times(text, ">") == times(plain, ">"));
    CHECK(times(text, "<script") == times(plain, "<script"));
    return;
  }
  if (name == "markdown" || name == "history.md") check_markdown(text, plain);
  if (name == "prometheus") check_prometheus(text);
  if (name == "json" || name == "github" || name == "bencher") {
    CHECK_FALSE(Json::parse(text, nullptr, false).is_discarded());
  }
  if (name == "hdr") CHECK(times(text, "\n") == times(plain, "\n"));
  if (name != "markdown" || report.command_line.find("INJECTED") == std::string::npos) {
    CHECK(injected_line(text) == "");
  }
}

/// A pointer without its places in arrays: all elements of an array are read alike.
std::string shape_of(std::string_view pointer) {
  std::string shape;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    shape += pointer[i];
    if (pointer[i] != '/' || i + 1 == pointer.size() || pointer[i + 1] < '0' ||
        pointer[i + 1] > '9') {
      continue;
    }
    while (i + 1 < pointer.size() && pointer[i + 1] != '/') ++i;
  }
  return shape;
}

/// Which strings may be anything: the others are words of a list, whose refusal is one line. One
/// string of each shape is tried.
std::vector<std::string> free_texts(const Json& document) {
  std::vector<std::string> pointers, accepted;
  collect(document, "", pointers);
  std::map<std::string, bool> tried;
  for (const std::string& pointer : pointers) {
    const auto [known, is_new] = tried.try_emplace(shape_of(pointer), false);
    if (!is_new) {
      if (known->second) accepted.push_back(pointer);
      continue;
    }
    Json one = document;
    one[Json::json_pointer(pointer)] = kHostile;
    const Result<Report> report = report_from_json(one.dump(), "hostile.json");
    if (report.ok()) {
      known->second = true;
      accepted.push_back(pointer);
      continue;
    }
    CHECK(hidden_character(report.error().message, false) == "");
    CHECK(injected_line(report.error().message) == "");
  }
  return accepted;
}

Report with(Json document, const std::vector<std::string>& pointers, const std::string& text) {
  for (const std::string& pointer : pointers) document[Json::json_pointer(pointer)] = text;
  const Result<Report> report = report_from_json(document.dump(), "changed.json");
  if (!report.ok()) FAIL(report.error().message);
  return report.value();
}

void check_all(const Json& document, const std::vector<std::string>& pointers) {
  const Report report = with(document, pointers, kHostile);
  const Report harmless = with(document, pointers, kHarmless);
  for (const Form& form : kForms) check_form(form, report, harmless);
}

std::string content_of(const std::string& file) {
  std::ifstream in(std::string(POOLGAUGE_SOURCE_DIR) + "/reports/" + file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// As it is read: all elements of an array alike, so that of a long one a few will do.
Json shortened(const std::string& text) {
  Json document = Json::parse(text);
  for (const char* const list : {"histograms", "timeline"}) {
    if (document.contains(list) && document[list].size() > 2) {
      document[list].erase(document[list].begin() + 2, document[list].end());
    }
  }
  if (!document.contains("calibration") || !document["calibration"].is_object()) return document;
  for (Json& request : document["calibration"]["requests"]) {
    Json& samples = request["samples"];
    if (samples.size() > 2) samples.erase(samples.begin() + 2, samples.end());
  }
  return document;
}

TEST_CASE("a hostile text in any one field of a report passes through no form") {
  Report made = sample::troubled();
  made.gate = sample::gated().gate;
  const Json document = shortened(to_json(made));
  const std::vector<std::string> pointers = free_texts(document);
  CHECK(pointers.size() > 40);
  for (const std::string& pointer : pointers) {
    INFO(pointer);
    check_all(document, {pointer});
  }
}

TEST_CASE("hostile texts in all fields of every kind of report pass through no form") {
  std::vector<std::string> documents;
  for (const Report& made :
       {sample::before(), sample::gated(), sample::advised(), sample::swept()}) {
    documents.push_back(to_json(made));
  }
  documents.push_back(content_of("example-chat-100-before.json"));
  documents.push_back(content_of("example-chat-100.json"));
  for (const std::string& text : documents) {
    const Json document = shortened(text);
    INFO(document["command"] << " " << document["scenario"]["name"]);
    check_all(document, free_texts(document));
  }
}

}  // namespace
}  // namespace poolgauge
