"""Sentences with figures, and the figures recomputed from the report's JSON.

A pattern is literal text with placeholders for figures; its function gives, from the JSON, what
each of them must be. What no pattern knows and has a digit in it is an error: a new sentence is
taught to sentence_table.py. `check` returns what is wrong with one rendered report.

    {t} a time    {p} a percentage    {n} a count    {x} a number    {r} a rate per second
    {i} an end of an interval, in the unit of the figure before where it has none of its own
    {q} a statistic, as p95    {k} one word    {w} words    {l} a label of a table of times
    {g} a figure that a gate judges, as p95(latency)
    {v} a time, percentage, or rate    {e} all up to the end
    {h} a rule of thumb    {o} a label of a row that has only a share
    ~...~ a regular expression without groups

Words, names, and statistics are handed to the function; the others are compared with what it
returns, in order.
"""

import math
import re

WHOLE = r"\d+(?:,\d{3})*"
NUMBER = WHOLE + r"(?:\.\d+)?"
KINDS = {
    "t": r"(?:[<>] ?)?[+-]?%s ?(?:ms|us|s|m|h)\b|-(?![\w(])|0(?![.\d])" % NUMBER,
    "p": r"[<>]?[+-]?%s %%|-(?![\w(])" % NUMBER,
    "n": WHOLE + r"(?!\d|[.,]\d)",
    "x": r"[+-]?%s" % NUMBER,
    "i": r"[+-]?%s(?: (?:ms|us|s|%%)|/s)?" % NUMBER,
    "r": r"%s/s|-(?![\w(])" % NUMBER,
    "q": r"p\d+(?:\.\d+)?|max|mean|longest",
    "k": r"[\w.-]+",
    "g": r"throughput|\w+\([\w:. -]+\)",
    "l": r"pool wait|SQL statement|(?:hold|pause) \(.+?\)",
    "o": r"begin, commit|unaccounted|late start|backoff",
    "h": r"workers x 2|cores x 2 \+ spindles|cores x 2 \+ 1|"
         r"\(cores x 2 \+ 1\) / \d+ instances|Erlang C",
    "w": r".+?",
    "e": r".+$",
    "v": r"(?:[<>] ?)?%s(?: (?:ms|us|s|%%)|/s)|-(?![\w(])" % NUMBER,
}
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6}
PLAIN = {"µ": "u", "–": "-", "−": "-", "·": "-", "×": "x", "→": "->", "±": "+-", "…": "..."}
WORDS = "qwklgeho"
CELL = "~(?: ;)? ~"  # between two columns of a table
ANY = object()  # a figure that the JSON does not hold


class AtLeast(float):
    """A figure that requests in flight keep unknown: it is shown as "> x"."""


class Sentence:
    def __init__(self, pattern, expected):
        self.pattern, self.expected, self.kinds = pattern, expected, []
        parts = re.split(r"(\{[a-z]\}|~[^~]*~)", pattern)
        body = "".join(self._piece(part) for part in parts)
        self.regex = re.compile(r"(?<![\w.,%])" + body + r"(?![\w]|[.,]\d)")

    def _piece(self, part):
        if re.fullmatch(r"\{[a-z]\}", part):
            self.kinds.append(part[1])
            return "(" + KINDS[part[1]] + ")"
        if part.startswith("~"):
            return "(?:" + part[1:-1] + ")"
        return re.escape(part)

    def wrong(self, report, match):
        """What a match shows that the JSON says otherwise: a list of texts."""
        words = [text for kind, text in zip(self.kinds, match.groups()) if kind in WORDS]
        figures = [(kind, text) for kind, text in zip(self.kinds, match.groups())
                   if kind not in WORDS]
        try:
            expected = self.expected(report, *words)
        except (KeyError, IndexError, TypeError, ValueError, StopIteration) as error:
            return ["%r: the JSON has nothing for it: %r" % (match.group(), error)]
        if len(expected) != len(figures):
            return ["%r: %d figures, %d expected" % (match.group(), len(figures), len(expected))]
        found, unit, before = [], "", "x"
        for (kind, text), value in zip(figures, expected):
            if kind == "i":
                kind = before
                text += unit if re.search(r"\d$", text) else ""
            else:
                before, unit = kind, re.sub(r"^.*\d", "", text)
            if not agrees(kind, text, value):
                found.append("%r: %s, the JSON has %r" % (match.group(), text, value))
        return found


def number_of(text):
    return float(re.search(NUMBER, text).group().replace(",", ""))


def rounding(text):
    """Half of the last place that is shown; zeros at the end may be cut, so of three digits."""
    digits = re.search(NUMBER, text).group().replace(",", "")
    last = 10.0 ** -len(digits.partition(".")[2])
    value = abs(float(digits))
    third = 10.0 ** (math.floor(math.log10(value)) - 2) if value > 0 else last
    return (last if "." in digits else max(third, 0.01)) / 2


def agrees(kind, text, value):
    """Whether a shown figure is what the JSON has, rounded."""
    if value is ANY:
        return True
    if kind == "v":
        kind = "p" if text.endswith("%") else "r" if text.endswith("/s") else "t"
    if isinstance(value, list):
        return any(agrees(kind, text, one) for one in value)
    if value is None or text == "-":
        return value is None and text == "-"
    if kind == "t" and isinstance(value, AtLeast) != text.startswith(">"):
        return False
    shown, half = number_of(text), rounding(text)
    if re.match(r"-\d", text):
        shown = -shown
    unit = re.search(r"(ms|us|s|m|h)$", text) if kind == "t" else None
    scale = UNITS[unit.group(1)] if unit else 0.01 if kind == "p" else 1.0
    if text.startswith("<"):
        return abs(value) <= shown * scale * (1 + 1e-9)
    if text.startswith(">") and kind == "p":
        return value >= shown * scale
    if kind == "n":
        return shown == round(value) or abs(shown - value) <= 0.5
    return abs(shown * scale - value) <= half * scale * 1.001 + 2e-5 * abs(value) + 1e-12


def without_known_names(report, text):
    """Names and goals may have digits of their own; goals become tokens that a pattern can name."""
    for i, goal in enumerate(report["verdict"]["slo"]):
        text = text.replace(goal["goal"], "<goal %s>" % chr(ord("A") + i))
    scenario = report["scenario"]
    for name in sorted({scenario["name"], scenario.get("file") or ""}, key=len, reverse=True):
        if name:
            text = re.sub(r"(?<![\w-])%s(?![\w-])" % re.escape(name), "<name>", text)
    for failure in report["failures"]:
        if failure.get("example"):
            text = text.replace(failure["example"], "<message>")
    return re.sub(r"SQLSTATE \w{5}", "SQLSTATE", text)


def plain(text):
    """One form for all terminals and Markdown."""
    for sign, ascii_form in PLAIN.items():
        text = text.replace(sign, ascii_form)
    return text


def plain_markdown(text):
    """Markdown as lines of words: no fences but charts, no explanations, no markup."""
    for summary in ("What the figures mean", "How to reproduce", "How to set it", "Others"):
        text = re.sub(r"<details><summary>%s.*?</details>" % summary, "", text, flags=re.S)
    text = re.sub(r"```(?!text)\w[^\n]*\n.*?```", "", text, flags=re.S)
    lines = []
    for line in text.splitlines():
        line = re.sub(r"\\([_*<>\[\]|`#])", r"\1", line)
        line = line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        line = line.replace("**", "").replace("`", "").replace("<details>", "")
        line = re.sub(r"</?summary>|</details>", "", line)
        lines.append(re.sub(r"^\s*- ", "", line))
    return lines


def is_chart(line):
    """A row of a plot: an axis or its dots. The one-line charts name their maximum and stay."""
    return re.search("[│|]", line) is not None or re.fullmatch(r"[\s\d.,/%µms-]*", line) is not None


def check_text(report, lines, table):
    """Blanks out all that the table knows, and complains about what differs and what remains."""
    problems = []
    for line in lines:
        if is_chart(line):
            continue
        rest = plain(without_known_names(report, re.sub(r"\s+", " ", line.strip())))
        whole = rest
        for sentence in table:
            for match in list(sentence.regex.finditer(rest)):
                problems += sentence.wrong(report, match)
                rest = rest[:match.start()] + "□" * (match.end() - match.start()) + \
                    rest[match.end():]
        rest = re.sub(r"\bp\d+(?:\.\d+)?\b", "", rest)
        if re.search(r"\d", rest):
            problems.append("unknown sentence with a figure: %r (in %r)" %
                            (re.sub("□+", "…", rest).strip(), whole))
    return problems


SAMPLE = re.compile(r"(slowest|typical|failed): (.+), user (\d+): took (\S+ \w+), started (?:at "
                    r"(\S+ \w+|0)|(\S+ \w+) before the window)(?:, failed with (\w+))?$")
SPANS = {"sql": "SQL (%s)", "hold": "hold (%s)", "pause": "pause (%s)", "pool_wait": "pool wait",
         "reset": "reset", "connect": "connect", "begin": "begin", "commit": "commit",
         "ping": "ping", "backoff": "backoff"}


def spans_of(sample):
    """Milliseconds by what they were spent on, as a sample's line has it."""
    parts = {}
    for span in sample["spans"]:
        form = SPANS.get(span["kind"], span["kind"])
        label = form % span["name"] if "%s" in form else form
        parts[label] = parts.get(label, 0) + span["duration_ms"]
    return parts


def check_samples(report, lines):
    """(lines without the example requests, what is wrong with these): each is in the JSON."""
    rest, problems, samples = [], [], list(report["samples"])
    lines = iter(lines)
    for line in lines:
        match = SAMPLE.match(line.strip())
        if not match:
            rest.append(line)
            continue
        why, request, user, took, at, before, outcome = match.groups()
        shown = at or "-" + before
        alike = [s for s in samples if (s["why"], s["request"], str(s["user"])) ==
                 (why, request, user) and agrees("t", plain(took), s["latency_ms"] / 1e3)
                 and agrees("t", plain(shown), s["started_s"] + 0.0)
                 and s["outcome"] == (outcome or "completed")]
        if not alike:
            problems.append("no such example request in the JSON: %r" % line)
            continue
        next(lines)  # the picture of its parts
        spans = spans_of(alike[0])
        for part in plain(next(lines).strip()).split(" - "):
            if part.endswith((" 0", " not recorded")):
                continue
            label, figure = re.match(r"(.+?) (\S+ \w+)$", part).groups()
            if label not in spans or not agrees("t", figure, spans[label] / 1e3):
                problems.append("%r: %s, the JSON has %r ms" % (line, part, spans.get(label)))
    return rest, problems


def split_tables(lines):
    """(lines of text, tables): a table is its header and its rows, cells without markup."""
    text, tables, header = [], [], None
    for line in lines:
        if not line.startswith("|"):
            header = None
            text.append(line)
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        if header is None:
            header = cells
            tables.append((header, []))
        elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            tables[-1][1].append(cells)
    return text, tables


def check_tables(report, tables, known, table):
    """`known`: by header, a function from a row to the kinds and the figures of its cells."""
    problems = []
    for header, rows in tables:
        rule = known.get(tuple(header))
        for cells in rows:
            if rule is None:
                problems += check_text(report, [" ; ".join(cells)], table)
                continue
            try:
                kinds, figures = rule(report, cells)
            except (AttributeError, KeyError, StopIteration, TypeError) as error:
                problems.append("%r: the JSON has nothing for it: %r" % (cells, error))
                continue
            for kind, text, value in zip(kinds, [plain(cell) for cell in cells], figures):
                if kind != "w" and text and not agrees(kind, text, value):
                    problems.append("%r: %s, the JSON has %r" % (cells, text, value))
    return problems


def check(report, terminal, markdown, table, known_tables):
    """All that is wrong with the sentences of one report in both forms."""
    problems = check_text(report, terminal.splitlines(), table)
    lines, tables = split_tables(plain_markdown(markdown))
    lines, of_samples = check_samples(report, lines)
    problems += of_samples + check_text(report, lines, table)
    return problems + check_tables(report, tables, known_tables, table)
