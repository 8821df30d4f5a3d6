"""The glossary's "not" column, held against what people read.

Each area is the text that a reader sees: prose of the README, the docs, and the changelog, what the
scenarios say of themselves, comments of the public headers, and string literals of the sources.
`tidy.py --words` prints the number of hits in each, enforced or not.
"""

import re

from cpp_text import line_of

# Areas in which a hit fails the check. "quoted" is the code blocks in the documents, which hold the
# program's output: they follow the sources, so enforce both together.
AREAS = {
    "readme", "docs", "changelog", "scenarios", "ci", "include", "headers", "src", "quoted",
}  # fmt: skip
ENFORCED = {"readme", "docs", "changelog", "scenarios", "ci", "src", "include", "headers"}

# (what not to say, what to say instead). A blank stands for any white space.
GLOSSARY = [
    # Load
    (r"(?:bec(?:ome|omes|oming|ame)|(?:is|are|was|were|had been) (?:then )?) ?due(?! to)",
     "scheduled, or arrives"),
    (r"ended otherwise|end otherwise", "failed"),
    (r"(?:was|were|is|are|be) shed", "dropped"),
    (r"asks? (?:once )?again|asks? anew|askings", "sends the next request"),
    (r"(?:private )?seats?", "virtual user, or connection"),
    (r"start of everything random|everything random be(?:gan|gins)", "random seed"),
    # Pools
    (r"g(?:ive|ives|iving|ave|iven)(?: [\w']+){0,4} back", "release"),
    (r"tak(?:e|es|ing) and giving", "acquire and release"),
    (r"giv(?:e|es|ing) (?:it|them|one|a connection) out|hand(?:s|ed)? out by the line",
     "hand it out"),
    (r"(?:pool|pooler)'s line|end of the line|in line(?! with)|who waits", "wait queue, waiter"),
    (r"connection time(?:s)?", "connection hold time"),
    (r"spare places?|free places?|no room for the pools|(?:makes?|leaves?|has|have) room",
     "slots, headroom"),
    (r"lines? of connects?(?: not yet accepted)?|line of connections", "listen backlog"),
    (r"tr(?:y|ies|ied|ying) anew|back-offs?", "retry, backoff"),
    # Server and machine
    (r"(?:statements?|connections?|sessions?) at work", "active, running"),
    (r"server's processes on", "server processes, backends"),
    (r"machine below|below took", "steal time, CPU throttling"),
    (r"(?:waits?|waited|waiting)(?: [\d.,]+ %)? for a processor|g(?:ets?|ot) no processor",
     "CPU-starved"),
    (r"processor time", "CPU time"),
    (r"a PostgreSQL(?! (?:server|database|instance|cluster|role|URI|connection)s?\b)",
     "PostgreSQL, or a throwaway PostgreSQL"),
    (r"who may enter", "listen address and authentication"),
    # Figures
    (r"% too (?:much|many|little|low|high|slow)|% to spare", "over, below, or within the limit by"),
    (r"not supported by the sample|samples? (?:cannot|does not|do not|can) support|: p[\d.]+ not"
     r" supported|the sample supports", "sample too small for"),
    (r"% sure|how sure", "confidence interval"),
    (r"beyond doubt", "with the whole confidence interval"),
    (r"published rules?", "rule of thumb"),
    (r"states? of things|a (?:short |bad |slow )?spell|(?:machine's )?mood", "steady state, drift"),
    # Turns of another language
    (r"in any case", "always, or nothing"),
    (r"anew", "again"),
    (r"in the place of", "instead of"),
    (r"in (?:the|its) midst", "in the middle of"),
    (r"left out(?! of)|le(?:ave|aves|aving)(?: \w+){0,2} out(?! of)", "excluded, omitted, skipped"),
    (r"beside", "next to, compared with, in addition to"),
    (r"unasked|unsaid", "by default, without saying so"),
    (r"what (?:becomes?|became) of", "what happens to"),
    (r"at hand", "available"),
    (r"reckons?|reckoned|handsome|deceives?", "plain words"),
    (r"for ever", "forever"),
    (r"stands? (?:between|before|after)", "is between, is in front of"),
    (r"no matter of|is not for sale|is a matter of", "say what it costs or who decides"),
    (r"says? nothing of|knows? nothing of|says? of (?:itself|others)", "about"),
    (r"(?:a|the) \w+ of (?:ours|yours|one's own)", "our, your"),
    # American spelling
    (r"colou?r(?<!color)\w*|behaviours?|grey|neighbours?|favours?|catalogues?|licences?",
     "American spelling"),
    (r"(?:recogn|summar|optim|initial|serial|normal|organ|real|minim|maxim|util|author)"
     r"is(?:e|es|ed|ing|ation)", "American spelling: -ize"),
    (r"(?:model|label|cancel|travel|unmodel)l(?:ed|ing)", "American spelling: one l"),
]  # fmt: skip

# (path, text, reason): hits that are right where they stand.
EXCEPTIONS = [
    (r"src/.*", r"colour|grey", "named colors of CSS, and an alias of --color"),
    (r"src/.*|docs/.*|README\.md", r"--?beside\b", "the option --beside"),
    (r"docs/pools\.md", r"^\| `.*", "option tables equal the help texts"),
    (r"docs/ci\.md", r"^> ", "the program's output"),
    (r"(?:src|include)/.*", r"neighbours?$", "a word of the JSON, which scripts read"),
    (r"src/base/file_form\.cc|src/scenario/(?:import/import_log|read/parse)\.cc", r"a PostgreSQL$",
     "a log or a user of PostgreSQL"),
    (r"src/script/parse_expression\.cc", r"end of the line", "of a script's line"),
]  # fmt: skip

RULES = [
    (re.compile(r"(?<![\w-])(?:" + words.replace(" ", r"\s+") + r")(?![\w])", re.IGNORECASE), say)
    for words, say in GLOSSARY
]


def area_of(path):
    """What a file's reader-visible text belongs to, or None."""
    if path == "README.md":
        return "readme"
    if path == "CHANGELOG.md":
        return "changelog"
    if path in ("CONTRIBUTING.md", "SECURITY.md"):
        return "docs"
    if path.startswith("docs/") and path.endswith(".md"):
        return "docs"
    if re.fullmatch(r"scenarios/[\w-]+\.json", path):
        return "scenarios"
    if path.startswith("ci/") or path in ("Dockerfile", "action.yml"):
        return "ci"
    if path.startswith("include/"):
        return "include"
    if re.fullmatch(r"src/.*\.(?:cc|h)", path):
        return "src"
    return None


def passages(path, text):
    """(area, position, passage): what is read in one go, so that a turn is found across lines."""
    area = area_of(path)
    if area in ("readme", "docs", "changelog"):
        place = 0
        for number, part in enumerate(re.split(r"(?m)^( *```.*$)", text)):
            if number % 2 == 0:
                yield ("quoted" if number % 4 == 2 else area), place, part
            place += len(part)
    elif area == "scenarios":
        for match in re.finditer(r'"description": "((?:[^"\\]|\\.)*)"', text):
            yield area, match.start(1), match.group(1)
    elif area == "ci":
        yield area, 0, text
    elif area == "include":
        yield from comments(area, text)
    elif area == "src":
        yield from literals(text)
        if path.endswith(".h"):
            yield from comments("headers", text)


def comments(area, text):
    """Comments; lines that follow each other are one passage."""
    for match in re.finditer(r"(?:^[ \t]*//[^\n]*\n)+|//[^\n]*", text, re.MULTILINE):
        yield area, match.start(), re.sub(r"//+<?", lambda m: " " * len(m.group()), match.group())


def literals(text):
    """String literals; those that the compiler joins are one passage."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*|R"(\w*)\((?P<raw>.*?)\)\1"'
        r"|\"(?P<plain>(?:[^\"\\\n]|\\.)*)\"|'(?:[^'\\\n]|\\.)+'|\b\d[\w.']*",
        re.DOTALL | re.MULTILINE,
    )
    start, end, joined = None, 0, ""
    for match in token.finditer(text):
        said = match.group("raw") if match.group("raw") is not None else match.group("plain")
        if said is None:
            continue
        if start is not None and text[end : match.start()].strip() == "":
            joined += said
        else:
            if start is not None:
                yield "src", start, joined
            start, joined = match.start(), said
        end = match.end()
    if start is not None:
        yield "src", start, joined


def excepted(path, passage, match):
    line = passage[passage.rfind("\n", 0, match.start()) + 1 :].split("\n", 1)[0]
    for place, words, _ in EXCEPTIONS:
        if re.fullmatch(place, path):
            if words.startswith("^") and re.match(words, line):
                return True
            around = passage[max(0, match.start() - 2) : match.end()]
            if not words.startswith("^") and re.search(words, around):
                return True
    return False


def hits(path, text):
    """(area, line, what was said, what to say) of each hit, enforced or not."""
    for area, place, passage in passages(path, text):
        for rule, say in RULES:
            for match in rule.finditer(passage):
                if not excepted(path, passage, match):
                    found = re.sub(r"\s+", " ", match.group())
                    where = place + match.start() if area != "src" else place
                    yield area, line_of(text, where), found, say


def plain_words(path, text):
    for area, line, found, say in hits(path, text):
        if area in ENFORCED:
            yield line, f'"{found}": say {say} (the glossary in tests/tidy/plain_words.py)'
