"""C++ sources as far as the tidy rules need them: blanking, statements, functions."""

import functools
import re


@functools.lru_cache(maxsize=4)  # each rule asks for the same file's
def blank(text):
    """The text with comments, preprocessor lines and the insides of literals as spaces.

    Every character keeps its place, so a position in the result is one in the source.
    """
    text = _blank_comments_and_literals(text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", _spaces, text, flags=re.MULTILINE)


@functools.lru_cache(maxsize=4)
def without_comments(text):
    """Comments as spaces; literals and preprocessor lines stay."""
    return _blank_comments_and_literals(text, literals=False)


def _spaces(match):
    return re.sub(r"[^\n]", " ", match.group())


_LEXEMES = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)"""
    r"""|(?P<raw>R"(?P<mark>[^()\\\s]*)\(.*?\)(?P=mark)")"""
    r"""|(?P<number>\b\d(?:[\w.]|'\w)*)"""
    r"""|(?P<literal>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""",
    re.DOTALL | re.VERBOSE,
)


def _blank_comments_and_literals(text, literals=True):
    def replace(match):
        if match.group("number") is not None:
            return match.group()
        if match.group("comment") is not None:
            return _spaces(match)
        if not literals:
            return match.group()
        whole = match.group()
        # The quotes stay, so that a literal still counts as an operand.
        return whole[0] + re.sub(r"[^\n]", " ", whole[1:-1]) + whole[-1]

    return _LEXEMES.sub(replace, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


class Statement:
    """A statement up to its `;`, or the head of a block up to its `{`."""

    def __init__(self):
        self.start = None
        self.text = ""
        self.has_braces = False
        self.has_lambda = False
        self.parentheses = 0

    def add(self, position, piece):
        if self.start is None and not piece.isspace():
            self.start = position + len(piece) - len(piece.lstrip())
        self.text += piece
        self.parentheses += piece.count("(") - piece.count(")")


class Block:
    """A pair of braces. Kinds: outer (namespace, class), function, inner, lambda, braces."""

    def __init__(self, kind, head, position):
        self.kind = kind
        self.head = head
        self.start = position if head.start is None else head.start
        self.end = None
        self.suspends = False  # has co_await, co_yield or co_return of its own
        self.captures = False


_OUTER = re.compile(
    r"^\s*(?:template\s*<.*>\s*)?(?:inline\s+)?(?:namespace|class|struct|union|enum|extern\b)", re.S
)
_TRAILING_RETURN = re.compile(r"->\s*[\w:<>,&*\s]+$")
_AFTER_PARAMETERS = re.compile(r"\b(?:const|noexcept|override|final|mutable|&&?)\s*$")
_BLOCK_KEYWORD = re.compile(r"\b(?:else|do|try)$")


@functools.lru_cache(maxsize=4)
def outline_of(code):
    return Outline(code)


class Outline:
    """All statements and blocks of a blanked source, found by counting braces."""

    def __init__(self, code):
        self.statements = []
        self.blocks = []
        self._code = code
        self._statement = Statement()
        self._open = []  # (Block, the statement it interrupts or None)
        for match in re.finditer(r"[{};]|[^{};]+", code):
            position, piece = match.start(), match.group()
            if piece == "{":
                self._enter(position)
            elif piece == "}":
                self._leave(position)
            elif piece == ";" and self._statement.parentheses <= 0:
                self._end_statement()
            else:
                self._statement.add(position, piece)

    def _end_statement(self):
        statement = self._statement
        if statement.start is not None:
            self.statements.append(statement)
            if re.search(r"\bco_(?:await|yield|return)\b", statement.text):
                for block, _ in reversed(self._open):
                    if block.kind in ("function", "lambda"):
                        block.suspends = True
                        break
        self._statement = Statement()

    def _enter(self, position):
        statement = self._statement
        kind, captures = self._classify(statement, position)
        block = Block(kind, statement, position)
        block.captures = captures
        self.blocks.append(block)
        if kind == "braces":
            statement.has_braces = True
            statement.text += "{"
            self._open.append((block, None))
        elif kind == "lambda":
            statement.has_lambda = True
            self._open.append((block, statement))
            self._statement = Statement()
        else:
            self._end_statement()
            self._open.append((block, None))

    def _leave(self, position):
        if not self._open:
            return
        block, interrupted = self._open.pop()
        block.end = position
        if block.kind == "braces":
            self._statement.text += "}"
            return
        self._end_statement()
        if interrupted is not None:
            self._statement = interrupted

    def _classify(self, statement, position):
        """The kind of the block that opens here, and whether it is a lambda that captures."""
        head = statement.text.rstrip()
        bare = head
        while True:
            shorter = _AFTER_PARAMETERS.sub("", _TRAILING_RETURN.sub("", bare)).rstrip()
            if shorter == bare:
                break
            bare = shorter
        capture = _lambda_capture(bare)
        if capture is not None:
            return "lambda", capture != ""
        if _OUTER.match(head) and "=" not in head and not head.endswith(")"):
            return "outer", False
        ends_parameters = bare.endswith(")")
        if not (ends_parameters or head == "" or head[-1] in "}:" or _BLOCK_KEYWORD.search(head)):
            return "braces", False
        if statement.parentheses > 0:
            return "braces", False
        if all(block.kind == "outer" for block, _ in self._open) and head != "":
            return "function", False
        return "inner", False


def _lambda_capture(head):
    """The capture list when a lambda's head ends here, else None."""
    if head.endswith(")"):
        head = head[: _opening(head, len(head) - 1, "(", ")")].rstrip()
    if head.endswith(">"):
        opened = _opening(head, len(head) - 1, "<", ">")
        if head[:opened].rstrip().endswith("]"):
            head = head[:opened].rstrip()
    if not head.endswith("]"):
        return None
    opened = _opening(head, len(head) - 1, "[", "]")
    before = head[:opened].rstrip()
    # `array[i]{`, `auto [a, b]{` and `[[attribute]]` are no lambdas.
    if before and (before[-1].isalnum() or before[-1] in "_)]&["):
        if not re.search(r"\b(?:return|co_return|co_await|co_yield|case)$|&&$", before):
            return None
    return head[opened + 1 : -1].strip()


def _opening(text, closing, left, right):
    depth = 0
    for position in range(closing, -1, -1):
        if text[position] == right:
            depth += 1
        elif text[position] == left:
            depth -= 1
            if depth == 0:
                return position
    return 0
