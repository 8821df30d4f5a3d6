"""The sentences with figures of gates and comparisons; see sentence_table.py."""

import sentence_figures as f
from sentences import ANY, CELL, Sentence as S

GATE = [
    S("{g} ~(?:fell|rose) by~ {p} ({p} to {p}, {x} % confidence, {n} pairs), from {v} to {v}",
      lambda r, name: f.change(r, name)),
    S("{g} ~(?:fell|rose) by~ {x} points ({x} points to {x} points, {x} % confidence, {n} pairs), "
      "from {v} to {v}", lambda r, name: f.change(r, name, 100)),
    S("{g} ~(?:fell|rose) by~ {p} ({p} to {p}, {x} % confidence, {n} and {n} runs), "
      "from {v} to {v}",
      lambda r, name: f.unpaired_change(r, name)),
    S("{g} ~(?:fell|rose) by~ {x} points ({x} points to {x} points, {x} % confidence, {n} and {n} "
      "runs), from {v} to {v}", lambda r, name: f.unpaired_change(r, name, 100)),
    S("~(?:median|the worse) of~ the candidate's {n} runs",
      lambda r: [r["gate"]["candidate"]["runs"]]),
    S("Goals are judged by the median of {n} reports", lambda r: [ANY]),
    S("the one with the median throughput (seed {n})", lambda r: [r["seed"]]),
    S("Everything here describes the only usable report (seed {n})", lambda r: [r["seed"]]),
    S("median of the candidate's {n} runs (the worse of the two middle ones)",
      lambda r: [r["gate"]["candidate"]["runs"]]),
    S("Everything below describes one of the candidate's {n} runs, the one with the median "
      "throughput ({r}, seed {n})",
      lambda r: [r["gate"]["candidate"]["runs"], r["throughput_per_s"], r["seed"]]),
    S("All {n} candidate runs had to be excluded. Everything below describes one of them ({r}, "
      "seed {n})",
      lambda r: [r["gate"]["candidate"]["unusable"], r["throughput_per_s"], r["seed"]]),
    S("~(?:trust:? )?~{n} and {n} runs~(?:, not interleaved)?~", f.runs_of_both),
    S("{n} and {n} runs say nothing about the noise between runs: use more reports, or a scenario "
      "with --pairs ~6~",
      f.runs_of_both),
    S("~1 run on each side~ says nothing about the noise between runs: use more reports, or a "
      "scenario with --pairs ~6~",
      lambda r: []),
    S("~1 run on each side(?:, not interleaved)?~", lambda r: []),
    S("{k} ({n} runs)~(?:, 1 excluded)?~", lambda r, name: [f.runs_of_side(r, name)]),
    S("{k} {k} ({n} runs)", lambda r, _, name: [f.runs_of_side(r, name)]),
    S("{n} interleaved pairs", lambda r: [r["gate"]["pairs"]]),
    S("{n} of {n} pairs was excluded", lambda r: [ANY, ANY]),
    S("{g}: ~(?:Wilcoxon signed-rank|Mann-Whitney) test~, can detect changes of about {p} "
      "or more",
      lambda r, name: [f.metric(r, name)["detectable"]]),
    S("{g}: ~(?:Wilcoxon signed-rank|Mann-Whitney) test~, can detect changes of about {x} "
      "points or more",
      lambda r, name: [100 * f.metric(r, name)["detectable"]]),
    S("~(?:differs:? )?~{k}~:?~ {x} -> {x}~(?: \\((?:intended|may explain the change)\\))?~",
      lambda r, field: f.difference(r, field)),
    S("step {k} (sql) {q} {p}: from {t} to {t}", lambda r, *_: [ANY, ANY, ANY]),
    S("{g}" + CELL + "{v}" + CELL + "{v}" + CELL + "{p} ({p} to {p})" + CELL + "{p}",
      lambda r, name: f.gate_row(r, name) + [f.allowed(r, name)]),
    S("{g}" + CELL + "{v}" + CELL + "{v}" + CELL + "{p} ({p} to {p})", f.gate_row),
    S("{g}" + CELL + "{v}" + CELL + "{v}" + CELL + "{x} points ({x} points to {x} points)" + CELL
      + "{x} points", lambda r, name: f.gate_row(r, name, 100) + [100 * f.allowed(r, name)]),
    S("{g}" + CELL + "{v}" + CELL + "{v}" + CELL + "{x} points ({x} points to {x} points)",
      lambda r, name: f.gate_row(r, name, 100)),
    S("{g}" + CELL + "{v}" + CELL + "{v}" + CELL + "{p}" + CELL + "{p}",
      lambda r, name: f.gate_row(r, name)[:3] + [f.allowed(r, name)]),
    S("{g}" + CELL + "{v}" + CELL + "{v}" + CELL + "{x} points" + CELL + "{x} points",
      lambda r, name: f.gate_row(r, name, 100)[:3] + [100 * f.allowed(r, name)]),
    S("{g}" + CELL + "{v}" + CELL + "{v}" + CELL + "{x} points",
      lambda r, name: f.gate_row(r, name, 100)[:3]),
    S("{g}" + CELL + "{v}" + CELL + "{v}" + CELL + "{p}",
      lambda r, name: f.gate_row(r, name)[:3]),
    S("Advisory only (--advisory): the exit status is ~0~", lambda r: []),
    S("{n} in {n} of the ~runs|pairs~, so there is no relative change~(?: .judge the difference: "
      "--metric '[^']+'.)?~", lambda r: [0, ANY]),
    S("the sample is too small in {n} of the ~runs|pairs~", lambda r: [ANY]),
    S("~(?:better by more than|worse, but by less than the allowed)~ {p}~(?: and [\\d.]+ ms)?~",
      lambda r: [ANY]),
    S("~(?:better by more than|worse, but by less than the allowed)~ {x} points",
      lambda r: [ANY]),
    S("{n} run on each side says nothing about noise", lambda r: [1]),
]
