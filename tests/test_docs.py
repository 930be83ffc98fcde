"""The documentation names only what is there: files, commands, options, settings, routes, pages that it links."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from kb.cli.main import build_parser
from kb.config import RENAMED, SECTIONS, ConnectionSettings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ROUTES = re.compile(r"""@router\.(get|post|patch|put|delete)\(\s*["']([^"']+)""")


def quoted(page: Path) -> Iterator[str]:
    """What stands in backticks, and each line of a block of code."""
    text = page.read_text(encoding="utf-8")
    blocks = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for block in blocks.finditer(text):
        yield from block[1].splitlines()
    yield from re.findall(r"`([^`\n]+)`", blocks.sub("", text))


def sources() -> Iterator[Path]:
    for folder in ("kb", "ingest", "tests", "benchmarks"):
        yield from (ROOT / folder).rglob("*.py")


def commands() -> dict[str, set[str]]:
    """Each command of the app with its options."""
    (added,) = (
        action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    return {
        name: {option for action in parser._actions for option in action.option_strings}
        for name, parser in added.choices.items()
    }


def started(line: str) -> list[str]:
    """The words after ``app.py`` or ``start.py``; none where the line starts neither."""
    found = re.match(r"(?:python3? )?(?:app|start)\.py\b(.*)", line.strip())
    return shlex.split(found[1].replace("...", ""), comments=True) if found else []


def options_in(words: list[str]) -> list[str]:
    return [word.strip("[]").partition("=")[0] for word in words if word.strip("[").startswith("-")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    names = {path.name for path in sources()}
    for said in quoted(page):
        word = said.split()[0] if said.split() else ""
        if re.match(r"(kb|ingest|tests|benchmarks|docs)/[\w/.]+$", word):
            assert (ROOT / word).exists(), f"{page.name} names {word}"
        elif re.fullmatch(r"\w+\.py", word) and word not in ("app.py", "start.py"):
            assert word in names, f"{page.name} names {word}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_is_linked_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), f"{page.name} links {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_is_one_and_takes_its_options(page: Path) -> None:
    known = commands()
    for said in quoted(page):
        words = started(said)
        if not words or words[0].startswith("-") or words[0] == "test":
            continue
        assert words[0] in known, f"{page.name}: there is no command {words[0]}"
        unknown = set(options_in(words)) - known[words[0]]
        assert not unknown, f"{page.name}: {words[0]} does not take {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_is_run_is_there_and_takes_its_options(page: Path) -> None:
    for said in quoted(page):
        found = re.match(r"python3? -m (benchmarks|tests)\.(\w+)(.*)", said)
        if not found:
            continue
        place = ROOT / found[1] / found[2]
        files = [place.with_suffix(".py")] if place.with_suffix(".py").is_file() else [*place.glob("*.py")]
        assert files, f"{page.name} runs {said}"
        source = "".join(path.read_text(encoding="utf-8") for path in files)
        for option in options_in(shlex.split(found[3])):
            assert f'"{option}"' in source, f"{page.name}: {found[1]}.{found[2]} does not take {option}"
        tests = re.findall(r"tests/[\w/]+\.py", said)
        assert all((ROOT / path).is_file() for path in tests)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_that_is_named_alone_is_taken_by_something(page: Path) -> None:
    taken = set().union(*commands().values())
    source = "".join(path.read_text(encoding="utf-8") for path in (*sources(), ROOT / "start.py"))
    for said in quoted(page):
        if said.startswith("--"):
            for option in options_in(said.split()):
                assert option in taken or f'"{option}"' in source, f"{page.name} names {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_route_is_served(page: Path) -> None:
    served = {
        (method.upper(), re.sub(r"\{\w+(?::\w+)?\}", "{}", path))
        for source in (ROOT / "kb" / "web").rglob("*.py")
        for method, path in ROUTES.findall(source.read_text(encoding="utf-8"))
    }
    assert served
    for said in quoted(page):
        if found := re.fullmatch(r"(GET|POST|PATCH|PUT|DELETE) (/[\w/{}-]+)", said):
            path = re.sub(r"\{\w+\}|\bID\b", "{}", found[2])
            assert (found[1], path) in served, f"{page.name} names {said}"


def settings_tables() -> str:
    """What docs/settings.md says of every setting: a table a section, then the old names."""
    lines: list[str] = []
    sections: dict[str, type[BaseModel]] = {**SECTIONS, "connections.NAME": ConnectionSettings}
    for section, held in sections.items():
        lines += [f"### [{section}]", "", "| name | default | meaning |", "|---|---|---|"]
        for name, field in held.model_fields.items():
            default = (
                "none" if field.default is None else "must be given" if field.is_required() else field.default
            )
            lines.append(f"| `{name}` | {default} | {field.description} |")
        lines.append("")
    lines += ["### Old names", "", "| old name | new name |", "|---|---|"]
    lines += [f"| `{old}` | `{new}` |" for old, new in RENAMED.items()]
    return "\n".join(lines)


def test_every_setting_is_explained_with_its_default_and_its_old_name() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    start = text.index("### [")
    assert text[start:].strip() == settings_tables(), f"docs/settings.md is to end with:\n{settings_tables()}"


def test_the_readme_is_short_and_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 170
    assert "python3 start.py\n" in text
    assert "python3 start.py test\n" in text
    assert "docs/screenshot.png" in text
