"""Every regular expression of the program, and the texts that are worst for each."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

METHODS = ("search", "match", "fullmatch", "finditer", "sub", "split", "findall")
_AT_THE_START = frozenset({"match", "fullmatch"})
_RUN_ON_IMPORT = ("child", "gguf_server", "__main__")
_FAR = 8
"""A repetition that may go further than this is tried with a long run."""
_MOST_CHARACTERS = 12
_BLANKS = (" ", "\n", "a", "a ", "a1", " \n", "a\n")
_MANY_CHARACTERS, _SECONDS = 30_000, 0.02
"""What takes the square of so many takes half a second."""
_FEW = ((250, 0.005), (1_000, 0.012), (4_000, 0.012))
"""Characters, and seconds: what takes the square of its length takes 20 ms and more for 4,000, and 2 in proportion.
What takes the cube is found before that: for 4,000 it would take a minute, for 1,000 a second."""


@dataclass(slots=True)
class Found:
    """A pattern, where it stands, and which methods the code calls on it."""

    where: str
    pattern: re.Pattern[str]
    methods: set[str] = field(default_factory=set)

    @property
    def only_at_the_start(self) -> bool:
        return bool(self.methods) and self.methods <= _AT_THE_START


def every_pattern() -> list[Found]:
    """All patterns of ``kb`` and ``ingest``: globals, class attributes, in containers, and literals given to ``re``."""
    found: dict[tuple[str, int], Found] = {}
    calls: dict[str, set[str]] = {}
    """By module and name for private ones, which no other module may use; by name for the others."""
    for module in _modules():
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, method, literal in _uses(ast.parse(source)):
            if literal is not None:
                pattern = re.compile(*literal)
                held = found.setdefault(
                    (pattern.pattern, pattern.flags), Found(f"{module.__name__} {name}", pattern)
                )
                held.methods.add(method)
            else:
                calls.setdefault(_key(module, name), set()).add(method)
    for module in _modules():
        for name, pattern in _held(module):
            held = found.setdefault(
                (pattern.pattern, pattern.flags), Found(f"{module.__name__}.{name}", pattern)
            )
            held.methods |= calls.get(_key(module, name), set(METHODS))
    return list(found.values())


def slow_text(found: Found) -> str | None:
    """The beginning of a text that takes the square of its length, or more than 20 ms for 30,000 characters."""
    parsed = _parser.parse(found.pattern.pattern, found.pattern.flags)
    repeated = _distinct(_characters(parsed, within=False))[:_MOST_CHARACTERS]
    others = _distinct([*repeated, *_characters(parsed, within=True)])[: 2 * _MOST_CHARACTERS]
    runs = [*repeated, *_BLANKS]
    pairs = ["".join(pair) for pair in pairwise(others)]
    begun = [(first, then) for first in others[:8] for then in (*_BLANKS[:2], *repeated[:4])]
    for length, limit in _FEW:
        texts = [seed * (length // len(seed)) for seed in dict.fromkeys((*others, *runs, *pairs))]
        texts += [first + then * length for first, then in begun]
        for text in texts:
            if _is_slow(found, text, limit=limit):
                return text[:8]
    for seed in dict.fromkeys((*runs, *pairs[:4])):
        if _is_slow(found, seed * (_MANY_CHARACTERS // len(seed)), limit=_SECONDS):
            return seed
    return None


def _is_slow(found: Found, text: str, *, limit: float) -> bool:
    """Whether a way in which the code uses the pattern takes more than ``limit`` seconds of processor time, thrice."""
    uses = (
        (found.pattern.match, found.pattern.fullmatch)
        if found.only_at_the_start
        else (found.pattern.search, _all)
    )
    return any(all(_timed(use, found, text) > limit for _ in range(3)) for use in uses)


def _all(text: str) -> None:
    raise NotImplementedError(text)


def _timed(use: Any, found: Found, text: str) -> float:
    begun = time.process_time()
    if use is _all:
        for _ in found.pattern.finditer(text):
            pass
    else:
        use(text)
    return time.process_time() - begun


def _key(module: ModuleType, name: str) -> str:
    return f"{module.__name__}.{name}" if name.startswith("_") else name


def _modules() -> Iterator[ModuleType]:
    for name in ("kb", "ingest"):
        package = importlib.import_module(name)
        for each in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not each.name.endswith(_RUN_ON_IMPORT):
                yield importlib.import_module(each.name)


def _held(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
    for name, value in vars(module).items():
        if isinstance(value, type) and value.__module__ == module.__name__:
            for inner, attribute in vars(value).items():
                yield from ((inner, pattern) for pattern in _patterns_in(attribute))
        else:
            yield from ((name, pattern) for pattern in _patterns_in(value))


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _patterns_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _patterns_in(item)


def _uses(tree: ast.AST) -> Iterator[tuple[str, str, tuple[str, int] | None]]:
    """(name or line, method, literal) of every call of a pattern's method, and of ``re`` with a literal."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr in METHODS):
            continue
        if isinstance(node.value, ast.Name) and node.value.id != "re":
            yield node.value.id, node.attr, None
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        of, first, method = node.func.value, node.args[0], node.func.attr
        is_re = isinstance(of, ast.Name) and of.id == "re" and method in METHODS
        if is_re and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield str(node.lineno), method, (first.value, 0)


def _distinct(characters: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(characters))


def _characters(tree: Iterable[tuple[Any, Any]], *, within: bool) -> Iterator[str]:
    """A character of each class of the pattern that stands in a long repetition; all of them where ``within`` it."""
    for code, argument in tree:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            yield from _characters(argument[2], within=within or argument[1] > _FAR)
        elif code is codes.SUBPATTERN:
            yield from _characters(argument[3], within=within)
        elif code is codes.BRANCH:
            for branch in argument[1]:
                yield from _characters(branch, within=within)
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            yield from _characters(argument[1], within=within)
        elif code is codes.ATOMIC_GROUP:
            yield from _characters(argument, within=within)
        elif within and code is codes.LITERAL:
            yield chr(argument)
        elif within and code in (codes.NOT_LITERAL, codes.ANY):
            yield from ("a", "b")
        elif within and code is codes.IN:
            yield from _members(argument)


def _members(members: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    if next(iter(members))[0] is codes.NEGATE:
        yield from ("a", " ", "1", "，", "\n")
        return
    for code, argument in members:
        if code is codes.LITERAL:
            yield chr(argument)
        elif code is codes.RANGE:
            yield from (chr(argument[0]), chr(argument[1]))
        elif code is codes.CATEGORY:
            name = str(argument)
            yield "a" if "NOT" in name or "WORD" in name else " " if "SPACE" in name else "1"
