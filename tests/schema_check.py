#!/usr/bin/env python3
"""Validates every shipped scenario, and the report files named on the command line, against the
JSON Schemas in scenarios/. Exits 0 when all are valid, 1 when one is not, 77 without jsonschema.

usage: tests/schema_check.py [--samples] [REPORT.json ...]

--samples: the reports are made up for tests, so the scenario inside them is not checked.
"""

import json
import pathlib
import re
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

SCENARIOS = pathlib.Path(__file__).resolve().parent.parent / "scenarios"
# A string is taken first and kept, so that "//" in one is no comment.
STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


def without_comments(text):
    return STRING_OR_COMMENT.sub(lambda match: match.group(1) or " ", text)


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise ValueError("repeated keys: " + ", ".join(repeated))
    return dict(pairs)


def validator(name):
    schema = json.loads((SCENARIOS / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def complaints(check, document, inside=""):
    by_path = sorted(check.iter_errors(document), key=lambda e: [str(p) for p in e.absolute_path])
    for error in by_path:
        place = inside + "".join(f"/{part}" for part in error.absolute_path)
        yield f"{place or '/'}: {error.message[:300]}"


def report_complaints(report_check, scenario_check, document):
    """scenario_check is None for samples."""
    yield from complaints(report_check, document)
    if not isinstance(document, dict):
        return
    scenario = document.get("scenario")
    resolved = scenario.get("resolved") if isinstance(scenario, dict) else None
    if scenario_check is not None and resolved is not None:
        yield from complaints(scenario_check, resolved, "/scenario/resolved")
        if scenario.get("file", "").startswith("/"):
            yield "/scenario/file: a path of one machine; measure with scenarios/NAME.json"
    counts = document.get("requests")
    if isinstance(counts, dict):
        parts = sum(counts.get(key, 0) for key in ("completed", "failed", "shed", "in_flight"))
        if counts.get("scheduled") != parts:
            found = counts.get("scheduled")
            yield f"/requests/scheduled: {found} is not the sum of its parts, {parts}"


def check_file(path, find):
    try:
        text = without_comments(path.read_text(encoding="utf-8"))
        found = list(find(json.loads(text, object_pairs_hook=no_duplicates)))
    except (OSError, ValueError) as error:
        found = [str(error)]
    print(f"{'FAIL' if found else 'ok  '} {path}")
    for line in found:
        print(f"     {line}")
    return not found


def main(arguments):
    reports = [name for name in arguments if name != "--samples"]
    scenario_check = validator("scenario.schema.json")
    inner_check = None if "--samples" in arguments else scenario_check
    report_check = validator("report.schema.json")
    scenarios = sorted(p for p in SCENARIOS.glob("*.json") if not p.name.endswith(".schema.json"))
    good = bool(scenarios)
    for path in scenarios:
        good &= check_file(path, lambda document: complaints(scenario_check, document))
    own_checks = {name: validator(f"{name}.schema.json") for name in ("size", "doctor", "observe")}
    for name in reports:
        good &= check_file(
            pathlib.Path(name),
            lambda document: complaints(own_checks[document["command"]], document)
            if isinstance(document, dict) and document.get("command") in own_checks
            else report_complaints(report_check, inner_check, document),
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
