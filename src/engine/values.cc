// Drawing variables.
#include "engine/values.h"

#include <algorithm>
#include <charconv>

#include "engine/backend.h"

namespace poolgauge {

namespace {

void assign_number(std::string& out, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  out.assign(digits, end.ptr);
}

// Words of two to nine letters; a space between, never at the end.
void assign_words(std::string& out, std::uint32_t length, Rng& rng) {
  out.resize(length);
  std::uint64_t bits = 0;
  std::uint32_t left_in_word = 0;
  for (std::uint32_t i = 0; i < length; ++i) {
    if (i % 8 == 0) bits = rng.next();
    const auto letter = static_cast<std::uint32_t>(bits & 0xff);
    bits >>= 8;
    if (left_in_word == 0 && i > 0 && i + 1 < length) {
      out[i] = ' ';
      left_in_word = 2 + letter % 8;
      continue;
    }
    if (left_in_word == 0) left_in_word = 2 + letter % 8;
    out[i] = static_cast<char>('a' + letter % 26);
    --left_in_word;
  }
}

std::vector<double> ladder_of(const ChoiceVariable& choice) {
  std::vector<double> ladder;
  double sum = 0;
  for (std::size_t i = 0; i < choice.values.size(); ++i) {
    sum += i < choice.weights.size() ? choice.weights[i] : 1.0;
    ladder.push_back(sum);
  }
  return ladder;
}

}  // namespace

ValueSource::ValueSource(const Scenario& scenario, std::uint32_t offset, std::uint32_t stride)
    : scenario_(scenario), stride_(stride) {
  for (const RequestSpec& request : scenario.requests) {
    std::vector<std::uint32_t> used;
    for (const Step& step : request.steps) {
      used.insert(used.end(), step.sql.variables.begin(), step.sql.variables.end());
      if (step.time_variable) used.push_back(*step.time_variable);
    }
    for (const ScriptLine& line : request.lines) {
      for (const ExpressionNode& node : line.expression.nodes) {
        if (node.op == ScriptOp::variable) used.push_back(node.variable);
      }
    }
    std::erase_if(used, [&scenario](std::uint32_t variable) {
      return std::holds_alternative<ScriptVariable>(scenario.variables[variable].value);
    });
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    used_by_request_.push_back(std::move(used));
  }
  for (const VariableSpec& variable : scenario.variables) {
    const auto* zipf = std::get_if<ZipfVariable>(&variable.value);
    zipfs_.push_back(zipf != nullptr ? Zipf(zipf->high - zipf->low + 1, zipf->s) : Zipf(1, 1.0));
    const auto* sequence = std::get_if<SequenceVariable>(&variable.value);
    next_.push_back(sequence != nullptr ? sequence->start + sequence->step * offset : offset);
    const auto* choice = std::get_if<ChoiceVariable>(&variable.value);
    ladders_.push_back(choice != nullptr ? ladder_of(*choice) : std::vector<double>{});
  }
  group_rows(offset);
}

void ValueSource::group_rows(std::uint32_t offset) {
  group_of_.assign(scenario_.variables.size(), kNoGroup);
  for (std::size_t i = 0; i < group_of_.size(); ++i) {
    const auto* csv = std::get_if<CsvVariable>(&scenario_.variables[i].value);
    if (csv == nullptr || !csv->together) continue;
    const auto same = [csv](const RowGroup& group) {
      return group.first->file == csv->file && group.first->request == csv->request &&
             group.first->in_turn == csv->in_turn;
    };
    const auto known = std::find_if(groups_.begin(), groups_.end(), same);
    group_of_[i] = static_cast<std::size_t>(known - groups_.begin());
    if (known == groups_.end()) groups_.push_back({csv, offset});
  }
  for (const std::vector<std::uint32_t>& used : used_by_request_) {
    std::vector<std::size_t> groups;
    for (const std::uint32_t variable : used) {
      if (group_of_[variable] != kNoGroup) groups.push_back(group_of_[variable]);
    }
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    groups_by_request_.push_back(std::move(groups));
  }
}

void ValueSource::draw_row(RowGroup& group, Rng& rng, std::uint32_t turn) {
  const auto count = static_cast<std::int64_t>(group.first->values.size());
  std::int64_t row = 0;
  if (!group.first->in_turn) {
    row = rng.uniform_int(0, count - 1);
  } else if (turn != kNoTurn) {
    row = turn % count;
  } else {
    row = group.next % count;
    group.next += stride_;
  }
  group.row = static_cast<std::size_t>(row);
}

void ValueSource::draw(std::uint32_t request, Rng& rng, std::vector<std::string>& values,
                       std::uint32_t turn) {
  if (values.size() != scenario_.variables.size()) values.resize(scenario_.variables.size());
  for (const std::size_t group : groups_by_request_[request]) draw_row(groups_[group], rng, turn);
  for (const std::uint32_t variable : used_by_request_[request]) {
    draw_one(variable, rng, values[variable]);
  }
}

std::size_t ValueSource::row_of(std::uint32_t variable, const CsvVariable& csv, Rng& rng) {
  if (group_of_[variable] != kNoGroup) return groups_[group_of_[variable]].row;
  const auto count = static_cast<std::int64_t>(csv.values.size());
  std::int64_t index = rng.uniform_int(0, count - 1);
  if (csv.in_turn) {
    index = next_[variable] % count;
    next_[variable] += stride_;
  }
  return static_cast<std::size_t>(index);
}

void ValueSource::draw_one(std::uint32_t variable, Rng& rng, std::string& out) {
  const auto& value = scenario_.variables[variable].value;
  if (const auto* v = std::get_if<UniformVariable>(&value)) {
    assign_number(out, rng.uniform_int(v->low, v->high));
  } else if (const auto* z = std::get_if<ZipfVariable>(&value)) {
    assign_number(out, z->low + zipfs_[variable].draw(rng) - 1);
  } else if (const auto* g = std::get_if<GaussianVariable>(&value)) {
    assign_number(out, draw_gaussian(g->low, g->high, g->parameter, rng));
  } else if (const auto* e = std::get_if<ExponentialVariable>(&value)) {
    assign_number(out, draw_exponential(e->low, e->high, e->parameter, rng));
  } else if (const auto* s = std::get_if<SequenceVariable>(&value)) {
    assign_number(out, next_[variable]);
    next_[variable] += s->step * stride_;
  } else if (const auto* t = std::get_if<TextVariable>(&value)) {
    assign_words(out, t->length, rng);
  } else if (const auto* c = std::get_if<ChoiceVariable>(&value)) {
    const std::vector<double>& ladder = ladders_[variable];
    const double at = rng.uniform() * ladder.back();
    const auto place = std::upper_bound(ladder.begin(), ladder.end(), at) - ladder.begin();
    out = c->values[std::min(static_cast<std::size_t>(place), c->values.size() - 1)];
  } else if (const auto* f = std::get_if<CsvVariable>(&value)) {
    const std::string& drawn = f->values[row_of(variable, *f, rng)];
    if (f->null && drawn == *f->null) {
      assign_null(out);
    } else {
      out = drawn;
    }
  }
}

}  // namespace poolgauge
