"""The import rule of docs/architecture.md, and that commands without a model load nothing heavy."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kb.knowledge_base.accounts import AccountsService
from kb.knowledge_base.chunker import ChunkerService
from kb.knowledge_base.conversations import ConversationsService
from kb.knowledge_base.embedder import EmbedderService
from kb.knowledge_base.evaluations import EvaluationsService
from kb.knowledge_base.identities import IdentitiesService
from kb.knowledge_base.jobs import JobsService
from kb.knowledge_base.keys import KeysService
from kb.knowledge_base.library import LibraryService
from kb.knowledge_base.listing import ListingService
from kb.knowledge_base.maintenance import MaintenanceService
from kb.knowledge_base.models import ModelsService
from kb.knowledge_base.passage_edits import PassageEditsService
from kb.knowledge_base.request_log import RequestLogService
from kb.knowledge_base.settings import SettingsService
from kb.knowledge_base.sharing import SharingService
from kb.knowledge_base.vectors import VectorsService
from tests.kb.library import open_kb
from tests.structure import (
    NAMES,
    ROOT,
    circle,
    folders_that_import_each_other,
    imports,
    measures,
    module_name,
    sources,
)

VOCABULARY = ("kb.types", "kb.errors", "kb.text", "kb.system", "kb.ports", "kb.config", "kb.backends")
MODELS = (
    "kb.models.transport",
    "kb.models.server_address",
    "kb.models.replies",
    "kb.models.hub",
    "kb.models.hardware",
    "kb.models.openvino_package",
    "kb.models.gguf_files",
    "kb.models.gguf_process",
    "kb.models.gguf_server",
)
"""What the backends of models share."""
STORES = ("kb.state", "kb.index")

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
    "kb.models.catalogue": (*VOCABULARY, "kb.models"),
    "kb.state": (*VOCABULARY, "kb.state"),
    "kb.index": (*VOCABULARY, *STORES),
    "kb.index.vector": (*VOCABULARY, "kb.index.vector"),
    "kb.index.lexical": (*VOCABULARY, "kb.index.lexical"),
    "kb.retrieval": (*VOCABULARY, *STORES, "kb.models", "kb.retrieval"),
    "kb.answer": (*VOCABULARY, *STORES, "kb.models", "kb.retrieval", "kb.answer"),
    "kb.maintenance": (*VOCABULARY, *STORES, "kb.maintenance"),
    "kb.embedders": (*VOCABULARY, *STORES, "kb.models", "kb.retrieval", "kb.answer", "kb.embedders"),
    "kb.engine": (
        *(*VOCABULARY, *STORES, "kb.models", "kb.retrieval", "kb.answer", "kb.maintenance"),
        "kb.engine",
    ),
    "kb.knowledge_base": (
        *(*VOCABULARY, *STORES, "kb.models", "kb.retrieval", "kb.answer", "kb.maintenance"),
        "kb.engine",
        "kb.knowledge_base",
    ),
    "kb.evaluate": (*VOCABULARY, "kb.models.embed", "kb.knowledge_base", "kb.evaluate"),
    "kb.evaluate.corpora": (
        *VOCABULARY,
        "kb.state.db",
        "kb.models.embed",
        "kb.knowledge_base",
        "kb.evaluate",
    ),
    "kb.evaluate.embedding_cache": (
        *VOCABULARY,
        "kb.models.embed",
        "kb.state.chunks",
        "kb.state.db",
        "kb.state.vectors",
    ),
    "kb.web": (
        *(*VOCABULARY, "kb.knowledge_base", "kb.evaluate", "kb.web.api"),
        "kb.web.door",
        "kb.web.openai",
        "kb.web.mcp",
    ),
    "kb.web.mcp": (*VOCABULARY, "kb.knowledge_base", "kb.web.api", "kb.web.door", "kb.web.mcp"),
    "kb.web.openai": (
        *(*VOCABULARY, "kb.knowledge_base", "kb.web.api", "kb.web.door", "kb.web.sentences"),
        "kb.web.openai",
    ),
    "kb.web.door": (*VOCABULARY, "kb.web.door"),
    "kb.web.sentences": (*VOCABULARY, "kb.web.sentences"),
    "kb.web.api": (
        *(*VOCABULARY, "kb.knowledge_base", "kb.evaluate", "kb.web.door", "kb.web.sentences"),
        "kb.web.api",
    ),
    "kb.web.page": (
        *(*VOCABULARY, "kb.knowledge_base", "kb.evaluate", "kb.web.api", "kb.web.sentences"),
        *("kb.web.door", "kb.web.page"),
    ),
    "kb.cli": (*VOCABULARY, "kb.knowledge_base", "kb.evaluate", "kb.web", "kb.cli"),
    "ingest": (*VOCABULARY, *STORES, "ingest"),
    "app": (*VOCABULARY, "kb.knowledge_base", "kb.evaluate", "kb.cli", "ingest"),
}
"""Package or module -> what of ours it may import. The longest name that fits decides."""

HEAVY = (
    "torch",
    "openvino",
    "gradio",
    "chromadb",
    "weaviate",
    "sentence_transformers",
    "transformers",
    "tantivy",
    "rjieba",
    "pypdfium2",
)
"""What takes long to import and must not be loaded by a command that needs no model."""


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


@pytest.mark.parametrize("name", NAMES)
def test_the_structure_keeps_its_figures(name: str) -> None:
    """No circles of modules or folders, and nothing too long: ``tests/structure.py`` has the rules and the limits."""
    (measure,) = (each for each in measures() if each.name == name)
    assert measure.ok, f"{measure.name}: {measure.figure}, {measure.limit}\n" + "\n".join(measure.places)


def test_every_measure_is_held_to_its_limit() -> None:
    assert tuple(measure.name for measure in measures()) == NAMES


def test_circles_are_found() -> None:
    modules = {"kb.web.server": ["kb.web.page.frame.mount"], "kb.web.page.frame.mount": ["kb.web.api.ask"]}
    assert not circle(modules)
    assert not folders_that_import_each_other(modules)
    back = {**modules, "kb.web.page.frame.layout": ["kb.web.server"]}
    assert not circle(back)
    assert folders_that_import_each_other(back) == ["kb.web <-> kb.web.page.frame"]
    assert circle({**modules, "kb.web.api.ask": ["kb.web.server"]})


SPEAKS_SQLITE = {"kb.state.db", "kb.state.sqlite_faults", "kb.state.watched_connection"}
"""The database of SQLite, what its errors mean, and the connection that turns them."""


def test_sqlite_is_spoken_to_by_its_database_alone() -> None:
    talking = {module_name(path) for path in sources() if "sqlite3" in set(imports(path))}
    assert talking == SPEAKS_SQLITE


SQLITE_ONLY = re.compile(
    r"\b(PRAGMA|rowid|AUTOINCREMENT|REINDEX|VACUUM|GLOB|INSERT\s+OR|REPLACE\s+INTO|group_concat|"
    r"ifnull|strftime|julianday|total_changes|sqlite_\w+|json_\w+|iif)\b|IS\s+NOT\s+\?|LIMIT\s+-|\?\d|\bmax\([^()]*,",
    re.IGNORECASE,
)


def test_what_only_sqlite_understands_is_written_in_the_dialect() -> None:
    """SQL is in string literals; docstrings are passed over."""
    exempt = {*SPEAKS_SQLITE, "kb.state.dialect", "kb.state.migrations"}
    found = []
    for path in sorted((ROOT / "kb" / "state").glob("*.py")):
        if module_name(path) in exempt:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        found += [
            f"{path.name}:{node.lineno}: {match.group()}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
            for match in SQLITE_ONLY.finditer(node.value)
        ]
    assert not found, f"SQL that only SQLite understands, outside dialect.py: {found}"


SERVICES = (
    LibraryService,
    ListingService,
    PassageEditsService,
    JobsService,
    ConversationsService,
    MaintenanceService,
    EvaluationsService,
    VectorsService,
    ModelsService,
    EmbedderService,
    ChunkerService,
    RequestLogService,
    KeysService,
    SettingsService,
    AccountsService,
    IdentitiesService,
    SharingService,
)
OF_THE_PROCESS = {
    "LibraryService": {"delete_pending", "wait_for_change"},
    "ListingService": {"searched"},
    "JobsService": {"due"},
    "ConversationsService": {"close"},
    "EmbedderService": {"resume", "close"},
    "ChunkerService": {"resume", "close"},
    "RequestLogService": {"record", "flush", "close"},
    "KeysService": {"caller_with"},
    "AccountsService": {
        *("sign_in", "sign_out", "caller_with", "caller_for", "caller_of_identity"),
        *("is_without_owner", "make_first_owner"),
    },
    "IdentitiesService": {"provider_name", "ends_there", "sign_out_address"},
    "SettingsService": {"in_force"},
    "MaintenanceService": {
        *("lock", "is_locked_here", "is_held", "holder", "address", "announce"),
        *("new_token", "token"),
        *("start_periodic_tasks", "warnings", "serves"),
    },
}
"""What a process does for itself, or asks of the data folder as a whole: it is nobody's."""


@pytest.mark.parametrize("service", SERVICES)
def test_every_call_of_a_service_says_who_is_asking(service: type) -> None:
    calls = {name for name in vars(service) if not name.startswith("_")}
    without = {name for name in calls if not _takes_caller(getattr(service, name))}
    assert without == OF_THE_PROCESS.get(service.__name__, set())


def _takes_caller(call: Callable[..., object]) -> bool:
    """By a keyword that cannot be left out, or within the question that is asked."""
    parameters = inspect.signature(call).parameters if callable(call) else {}
    caller = parameters.get("caller")
    if caller is None:
        return "question" in parameters and parameters["question"].annotation == "Question"
    return caller.kind is caller.KEYWORD_ONLY and caller.default is caller.empty


def test_no_repository_is_public(tmp_path: Path) -> None:
    """Surfaces get services; the tables of ``kb.state`` stay behind them."""
    with closing(open_kb(tmp_path)) as kb:
        public = [kb, *(value for value in vars(kb).values() if isinstance(value, SERVICES))]
        assert len(public) == 1 + len(SERVICES)
        for each in public:
            for name, value in vars(each).items():
                assert name.startswith("_") or not type(value).__module__.startswith("kb.state"), name


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
