"""What can be counted of the structure, from the syntax trees alone: ``python -m tests.structure`` prints it.

``tests/test_architecture.py`` holds every figure to its limit.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("kb", "ingest")
"""What the rules of imports are about."""
MEASURED = (*PACKAGES, "benchmarks")
"""What is measured besides ``app.py`` and ``start.py``."""

MOST_ROOMS = 18
LONGEST_FUNCTION = 60
LONGEST_MODULE = 350
MOST_BROAD_EXCEPTS = 10
WHOLE_WITH_PARTS = ("kb.answer",)
"""Packages whose folders are steps of it and use what its modules share: these two ways are no circle of folders."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure, what it has to be, and the places that decide it."""

    name: str
    figure: str
    ok: bool
    limit: str
    places: tuple[str, ...] = ()


# --- Files and imports ------------------------------------------------------------------------


def files(*folders: str) -> list[Path]:
    """Every Python file below ``folders``, which stand at the root of the repository."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def sources() -> list[Path]:
    """What the app runs: the entry point and the packages."""
    return [ROOT / "app.py", *files(*PACKAGES)]


def module_name(path: Path) -> str:
    """``kb.web.server`` for ``kb/web/server.py``, ``kb.web`` for ``kb/web/__init__.py``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def nodes(path: Path) -> tuple[ast.Import | ast.ImportFrom | Function | ast.ExceptHandler, ...]:
    """What is looked at in a file. Parsing and walking all of them takes seconds, so it is done once."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tuple(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom | Function | ast.ExceptHandler)
    )


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports anywhere in it, those for the type checker alone included."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                below = ROOT / Path(*full.split("."))
                yield full if below.with_suffix(".py").exists() or below.is_dir() else node.module


def imported_by() -> dict[str, set[str]]:
    """Module -> which of ours it imports."""
    known = {module_name(path): path for path in sources()}
    return {module: set(imports(path)) & known.keys() - {module} for module, path in known.items()}


def folder_of(module: str, packages: Iterable[str]) -> str:
    """The package that a module lies in; a module at the top of ``kb`` or ``ingest`` is a room of its own."""
    if module in packages:
        return module
    parent = module.rpartition(".")[0]
    return module if parent in ("", *PACKAGES) else parent


def folders_that_import_each_other(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Pairs of packages of which each has a module that imports one of the other; ``WHOLE_WITH_PARTS`` aside."""
    packages = {module_name(path.parent / "__init__.py") for path in files(*PACKAGES)}
    arrows = {
        (folder_of(module, packages), folder_of(other, packages))
        for module, others in graph.items()
        for other in others
    }
    folders = sorted({folder for arrow in arrows for folder in arrow})
    return [
        f"{one} <-> {other}"
        for one, other in combinations(folders, 2)
        if (one, other) in arrows
        and (other, one) in arrows
        and not (one in WHOLE_WITH_PARTS and other.startswith(f"{one}."))
    ]


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """The modules of one circle of imports, in order; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


# --- Measures ---------------------------------------------------------------------------------


NAMES = (
    *("rooms at the top of kb", "circles of imports", "folders that import each other", "longest function"),
    *("longest module", "return types", "broad excepts"),
)
"""Of the measures, for whoever names them without reading every file."""


@cache
def measures() -> tuple[Measure, ...]:
    """Everything that is counted."""
    measured = [ROOT / "app.py", ROOT / "start.py", *files(*MEASURED)]
    graph = imported_by()
    rooms = [path for path in (ROOT / "kb").iterdir() if path.name not in ("__init__.py", "__pycache__")]
    round_trip, both_ways = circle(graph), folders_that_import_each_other(graph)
    return (
        _at_most("rooms at the top of kb", len(rooms), MOST_ROOMS),
        _at_most("circles of imports", int(bool(round_trip)), 0, round_trip),
        _at_most("folders that import each other", len(both_ways), 0, both_ways),
        _longest_function(measured),
        _longest_module(measured),
        _return_types(measured),
        _broad_excepts(measured),
    )


def _at_most(name: str, count: int, limit: int, places: Iterable[str] = ()) -> Measure:
    return Measure(name, str(count), count <= limit, f"at most {limit}", tuple(places))


def _functions(paths: Iterable[Path]) -> Iterator[tuple[Path, Function]]:
    for path in paths:
        for node in nodes(path):
            if isinstance(node, Function):
                yield path, node


def _place(path: Path, node: ast.AST | None = None) -> str:
    line = f":{getattr(node, 'lineno', 1)}" if node is not None else ""
    return f"{path.relative_to(ROOT).as_posix()}{line}"


def _longest_function(paths: Iterable[Path]) -> Measure:
    lengths = [
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{_place(path, node)} {node.name}")
        for path, node in _functions(paths)
    ]
    return _longest("longest function", lengths, LONGEST_FUNCTION)


def _longest_module(paths: Iterable[Path]) -> Measure:
    lengths = [(len(path.read_text(encoding="utf-8").splitlines()), _place(path)) for path in paths]
    return _longest("longest module", lengths, LONGEST_MODULE)


def _longest(name: str, lengths: list[tuple[int, str]], limit: int) -> Measure:
    """The greatest of ``lengths``, with all places that are not below ``limit``."""
    too_long = [f"{place}: {lines} lines" for lines, place in sorted(lengths, reverse=True) if lines >= limit]
    return Measure(name, f"{max(lengths)[0]} lines", not too_long, f"under {limit}", tuple(too_long))


def _return_types(paths: Iterable[Path]) -> Measure:
    every = list(_functions(paths))
    without = tuple(f"{_place(path, node)} {node.name}" for path, node in every if node.returns is None)
    given = 100 * (len(every) - len(without)) / len(every)
    return Measure("return types", f"{given:.1f} %", not without, "100 %", without)


def _broad_excepts(paths: Iterable[Path]) -> Measure:
    found = [
        _place(path, node)
        for path in paths
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    return _at_most("broad excepts", len(found), MOST_BROAD_EXCEPTS, found)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything and lets it end there: what raises again at its end does not."""
    named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    broad = any(
        name is None or (isinstance(name, ast.Name) and name.id in ("Exception", "BaseException"))
        for name in named
    )
    last = handler.body[-1]
    return broad and not (isinstance(last, ast.Raise) and last.exc is None)


def main() -> int:
    """Prints the table; returns 1 where a figure is beyond its limit."""
    found = measures()
    for measure in found:
        sys.stdout.write(
            f"{'ok ' if measure.ok else 'BAD'}  {measure.name:<32} {measure.figure:<10} ({measure.limit})\n"
        )
        sys.stdout.writelines(f"       {place}\n" for place in measure.places)
    return 0 if all(measure.ok for measure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
