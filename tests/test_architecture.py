"""The import rule of docs/architecture.md, and that commands without a model load nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VOCABULARY = ("kb.types", "kb.errors", "kb.text", "kb.system", "kb.ports", "kb.config", "kb.backends")
MODELS = ("kb.models.transport", "kb.models.hub", "kb.models.hardware")
"""What the backends of models share."""
STORES = ("kb.state", "kb.index")
KEPT_WHOLE = ("kb.maintenance", "kb.index")
"""What surfaces reach of what keeps the data folder whole."""

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "kb.types": ("kb.types", "kb.errors"),
    "kb.errors": (),
    **dict.fromkeys(VOCABULARY[2:], VOCABULARY),
    "kb.models": (),
    **dict.fromkeys(MODELS, (*VOCABULARY, *MODELS)),
    **{
        f"kb.models.{kind}": (*VOCABULARY, *MODELS, f"kb.models.{kind}")
        for kind in ("embed", "rerank", "chat")
    },
    "kb.state": (*VOCABULARY, "kb.state"),
    "kb.index": (*VOCABULARY, *STORES),
    "kb.index.vector": (*VOCABULARY, "kb.index.vector"),
    "kb.index.lexical": (*VOCABULARY, "kb.index.lexical"),
    "kb.retrieval": (*VOCABULARY, *STORES, "kb.models", "kb.retrieval"),
    "kb.answer": (*VOCABULARY, *STORES, "kb.models", "kb.retrieval", "kb.answer"),
    "kb.maintenance": (*VOCABULARY, *STORES, "kb.maintenance"),
    "kb.engine": (*VOCABULARY, *STORES, "kb.models", "kb.retrieval", "kb.answer", "kb.maintenance"),
    "kb.knowledge_base": (
        *(*VOCABULARY, *STORES, "kb.models", "kb.retrieval", "kb.answer", "kb.maintenance"),
        "kb.engine",
    ),
    "kb.evaluate": (*VOCABULARY, "kb.state", "kb.models.embed", "kb.knowledge_base", "kb.evaluate"),
    "kb.web": (*VOCABULARY, *KEPT_WHOLE, "kb.knowledge_base", "kb.evaluate", "kb.web"),
    "kb.cli": (*VOCABULARY, *KEPT_WHOLE, "kb.knowledge_base", "kb.evaluate", "kb.web", "kb.cli"),
    "ingest": (*VOCABULARY, *STORES, "ingest"),
    "app": (*VOCABULARY, "kb.knowledge_base", "kb.evaluate", "kb.cli", "ingest"),
}
"""Package or module -> what of ours it may import. The longest name that fits decides."""

HEAVY = (
    "torch",
    "gradio",
    "chromadb",
    "sentence_transformers",
    "transformers",
    "tantivy",
    "jieba",
    "pypdfium2",
)
"""What takes long to import and must not be loaded by a command that needs no model."""


def sources() -> list[Path]:
    return [ROOT / "app.py", *sorted((ROOT / "kb").rglob("*.py")), *sorted((ROOT / "ingest").rglob("*.py"))]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                is_module = (ROOT / Path(*full.split("."))).with_suffix(".py").exists()
                yield full if is_module else node.module


def covers(package: str, module: str) -> bool:
    return module == package or module.startswith(package + ".")


def rule_for(module: str) -> tuple[str, ...]:
    fitting = [name for name in MAY_IMPORT if covers(name, module)]
    assert fitting, f"{module} has no room in docs/architecture.md"
    return MAY_IMPORT[max(fitting, key=len)]


@pytest.mark.parametrize("path", sources(), ids=module_name)
def test_imports_go_one_way(path: Path) -> None:
    module = module_name(path)
    if module in ("kb", "ingest"):
        assert not [name for name in imports(path) if covers("kb", name) or covers("ingest", name)]
        return
    allowed = rule_for(module)
    ours = [name for name in imports(path) if covers("kb", name) or covers("ingest", name)]
    wrong = [name for name in ours if not any(covers(part, name) for part in allowed)]
    assert not wrong, f"{module} may not import {wrong}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    known = {module_name(path): path for path in sources()}
    graph = {module: set(imports(path)) & known.keys() - {module} for module, path in known.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_sql_is_written_in_one_place() -> None:
    for path in sources():
        if "state" not in path.parts:
            assert "sqlite3" not in set(imports(path)), f"{path.name} talks to SQLite; that is for kb/state"


@pytest.mark.parametrize("command", [["--help"], ["list"]])
def test_commands_without_a_model_import_nothing_heavy(command: list[str], tmp_path: Path) -> None:
    home = [] if command == ["--help"] else ["--home", str(tmp_path)]
    script = (
        "import sys, app\n"
        "sys.argv = ['app.py', *sys.argv[1:]]\n"
        "try:\n    app.main()\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command, *home], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.rpartition("LOADED")[2].split()
    assert "kb.cli.main" in loaded
    assert not [name for name in HEAVY if name in loaded]
