"""Vectors move from one store to another, and a server that is away takes nothing with it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app import App
from kb.errors import BackendDown, BadInput, Misconfigured
from kb.index.pair import IndexPair
from kb.index.vector.chroma_server import ChromaServer, listed
from kb.index.vector.server import QUESTION_SECONDS, ServedIndex, VectorServer
from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, DocumentState, VectorStoreStatus
from tests.doubles.hash_embedder import HashEmbedder
from tests.doubles.scripted_http import Reply, Request, scripted_http
from tests.doubles.weaviate_server import WeaviateDouble
from tests.harness.chroma_server import ChromaServerProcess
from tests.kb.library import Library, open_kb, search, sentence
from tests.waiting import wait_until


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a library of 60 passages in two collections."""
    library = Library(tmp_path / "home")
    library.fill(18)
    for number in range(2):
        library.add(f"other {number}.txt", [sentence(54 + number * 3 + i) for i in range(3)], collection="名")
    library.close()
    return tmp_path / "home"


def opened(home: Path, **settings: object) -> KnowledgeBase:
    return open_kb(home, embedder=HashEmbedder(), **settings)


def pair_of(kb: KnowledgeBase) -> IndexPair:
    return kb.ingest_parts().open_engine().indexes


def answers(kb: KnowledgeBase) -> None:
    """Every passage is in the index that the settings name, and finds itself."""
    pair = pair_of(kb)
    wait_until(lambda: pair.is_whole)
    ids = {name: held for name, held in pair.store.ids().items() if held}
    assert sum(map(len, ids.values())) == 60
    assert ids == kb._parts.chunks.published_ids()
    assert pair.index.unreachable() == {}
    assert search(kb, sentence(55), k=1)[0].chunk.text == sentence(55)


def on_server(url: str, home: Path) -> list[str]:
    """The names of what a library has on a Chroma server."""
    library = (home / "footnote.library").read_text(encoding="ascii").split()[0]
    server = ChromaServer(VectorServer("Chroma", url, ""), ServedIndex(library, "", "", 64))
    with server.connection.borrowed() as api:
        return [each.name for each in listed(api) if (each.metadata or {}).get("library") == library]


def in_toml(home: Path) -> dict[str, object]:
    found: dict[str, object] = tomllib.loads((home / "footnote.toml").read_text(encoding="utf-8"))["storage"]
    return found


def test_a_library_goes_through_every_store_and_back(
    home: Path, chroma_process: ChromaServerProcess, weaviate_double: WeaviateDouble
) -> None:
    (home / "footnote.toml").write_text(
        "# mine\n[storage]\nreserve_megabytes = 1  # little\n"
        f"vectors_grpc_port = {weaviate_double.grpc_port}\n\n[server]\nport = 7999\n",
        encoding="utf-8",
    )
    heard: list[tuple[int, int]] = []
    with closing(opened(home)) as kb:
        answers(kb)
        for to, url in (
            ("chroma-server", chroma_process.url),
            ("weaviate", weaviate_double.url),
            ("exact", None),
            ("chroma", None),
        ):
            plan = kb.vectors.plan(to, url, caller=OWNER)
            assert (plan.target, plan.passages, plan.model_runs) == (to, 60, 0)
            kb.vectors.move(to, url, caller=OWNER, report=lambda done, total: heard.append((done, total)))
            assert heard[-1] == (60, 60)
            assert in_toml(home)["vectors"] == kb.vectors.status(caller=OWNER).store == to
            answers(kb)
            assert (to == "chroma") == any((home / "chroma").glob("*.json"))
            assert (to == "chroma-server") == bool(on_server(chroma_process.url, home))
            assert (to == "weaviate") == bool(weaviate_double.held)
        with pytest.raises(BadInput, match="already"):
            kb.vectors.plan("chroma", caller=OWNER)
    text = (home / "footnote.toml").read_text(encoding="utf-8")
    assert text.startswith("# mine\n[storage]\n")
    assert "reserve_megabytes = 1  # little" in text
    with closing(opened(home)) as kb:
        answers(kb)
    assert not (home / "remote" / "moving").exists()


@pytest.mark.parametrize("point", ["filling", "before the settings", "after the settings"])
def test_a_move_that_is_killed_leaves_a_store_that_answers_and_nothing_else(
    point: str, home: Path, chroma_process: ChromaServerProcess
) -> None:
    asked = (str(home), "chroma-server", chroma_process.url, point)
    command = [sys.executable, "-m", "tests.harness.moving_child", *asked]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"here"
    child.kill()
    child.wait()
    child.stdout.close()
    assert on_server(chroma_process.url, home)
    is_moved = point == "after the settings"
    with closing(opened(home)) as kb:
        answers(kb)
        assert kb.vectors.status(caller=OWNER).store == ("chroma-server" if is_moved else "chroma")
        assert bool(on_server(chroma_process.url, home)) == is_moved
        assert any((home / "chroma").iterdir()) != is_moved
        if not is_moved:
            kb.vectors.move("chroma-server", chroma_process.url, caller=OWNER)
            answers(kb)


@pytest.fixture
def mortal(chroma_process: ChromaServerProcess) -> Iterator[ChromaServerProcess]:
    """A server that a test may kill: it is up again at the end."""
    yield chroma_process
    chroma_process.start()


def left_after(process: ChromaServerProcess, home: Path, *, stops: BaseException | None) -> str:
    """Moves to a server that is killed when the first rows are there; returns what the move says."""

    def killed(_done: int, _total: int) -> None:
        process.kill()
        if stops is not None:
            raise stops

    with closing(opened(home)) as kb, pytest.raises((BackendDown, KeyboardInterrupt)) as said:
        kb.vectors.move("chroma-server", process.url, caller=OWNER, report=killed)
    return str(said.value)


@pytest.mark.parametrize("stops", [None, KeyboardInterrupt()])
def test_what_a_move_left_on_a_server_that_was_killed_goes_when_it_is_back(
    home: Path, mortal: ChromaServerProcess, stops: BaseException | None
) -> None:
    said = left_after(mortal, home, stops=stops)
    if stops is None:
        assert "does not answer" in said
        assert said.endswith("Nothing was moved: vectors are searched in chroma as before.")
    with closing(opened(home)) as kb:  # the server is still away
        answers(kb)
    mortal.start()
    assert on_server(mortal.url, home)
    with closing(opened(home)) as kb:
        answers(kb)
        assert kb.vectors.status(caller=OWNER).store == "chroma"
    assert not on_server(mortal.url, home)
    assert not (home / "remote" / "moving").exists()


def test_an_old_index_goes_when_its_server_is_back(home: Path, mortal: ChromaServerProcess) -> None:
    with closing(opened(home)) as kb:
        kb.vectors.move("chroma-server", mortal.url, caller=OWNER)
    mortal.kill()
    with closing(
        opened(home, **{"storage.vectors": "chroma-server", "storage.vectors_url": mortal.url})
    ) as kb:
        assert not kb.vectors.move("exact", caller=OWNER)
    mortal.start()
    assert on_server(mortal.url, home)
    with closing(opened(home, **{"storage.vectors": "exact"})) as kb:
        pair = pair_of(kb)
        pair.repair(lambda: False)
    with closing(opened(home)) as kb:
        answers(kb)
    assert not on_server(mortal.url, home)


def test_a_server_that_stays_away_is_asked_for_a_week(home: Path, mortal: ChromaServerProcess) -> None:
    left_after(mortal, home, stops=None)
    note = home / "remote" / "moving"
    said = json.loads(note.read_text(encoding="utf-8"))
    note.write_text(json.dumps({**said, "since": said["since"] - 8 * 24 * 3600}), encoding="utf-8")
    with closing(opened(home)) as kb:
        answers(kb)
    assert not note.exists()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (
            Reply([b"<html>Welcome</html>"]),
            "is something else than a Chroma server: it says what Chroma",
        ),
        (
            Reply([b"no"], 404),
            r"is something else than a Chroma server: there is nothing under /api/v2/version \(404\)",
        ),
    ],
)
def test_another_program_at_the_address_is_told_before_anything_is_begun(
    home: Path, reply: Reply, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted_http(lambda _: reply) as server, closing(opened(home)) as kb:
        for ask in (kb.vectors.plan, kb.vectors.move):
            with pytest.raises(BackendDown, match=said):
                ask("chroma-server", server.url, caller=OWNER)
        answers(kb)
    assert not (home / "remote" / "moving").exists()
    assert "old indexes stay" not in caplog.text


def test_how_much_is_to_be_moved_is_said_before_the_first_of_it_is(home: Path) -> None:
    seen: list[VectorStoreStatus] = []

    def told(_: Request) -> Reply:
        seen.append(kb.vectors.status(caller=OWNER))
        return Reply(status=500)

    with closing(opened(home)) as kb, scripted_http(told) as server:
        answers(kb)
        with pytest.raises(BackendDown):
            kb.vectors.move("chroma-server", server.url, caller=OWNER)
    assert (seen[0].moving_to, seen[0].done, seen[0].total) == ("chroma-server", 0, 60)


def test_what_fails_leaves_everything_as_it_was(home: Path, weaviate_double: WeaviateDouble) -> None:
    grpc = {"storage.vectors_grpc_port": weaviate_double.grpc_port}
    with closing(opened(home, **grpc)) as kb:
        answers(kb)
        weaviate_double.refused_rows = lambda chunk: chunk % 7 == 3
        with pytest.raises(BackendDown, match="rows were not stored: no space left"):
            kb.vectors.move("weaviate", weaviate_double.url, caller=OWNER)
        weaviate_double.refused_rows = lambda _: False
        weaviate_double.graph_is_loaded = False
        with pytest.raises(Exception, match="does not find passage"):
            kb.vectors.move("weaviate", weaviate_double.url, caller=OWNER)
        weaviate_double.stop()
        with pytest.raises(BackendDown, match="does not answer"):
            kb.vectors.move("weaviate", weaviate_double.url, caller=OWNER)
        assert "does not answer" in str(kb.vectors.status(caller=OWNER).problem)
        for to, url in (("weaviate", "ftp://x"), ("weaviate", None), ("wefiate", None)):
            with pytest.raises(BadInput):
                kb.vectors.move(to, url, caller=OWNER)
        assert not (home / "footnote.toml").exists()
        assert not weaviate_double.held
        answers(kb)


def test_a_store_that_the_environment_names_is_not_moved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_STORAGE__VECTORS", "exact")
    with closing(opened(home)) as kb, pytest.raises(Misconfigured, match="FOOTNOTE_STORAGE__VECTORS"):
        kb.vectors.plan("chroma", caller=OWNER)


def test_a_key_does_not_follow_to_another_server(home: Path, weaviate_double: WeaviateDouble) -> None:
    weaviate_double.key = "canary-4711-key"
    (home / "footnote.toml").write_text(
        f'[storage]\nvectors = "chroma"\nvectors_url = "{weaviate_double.url}"\n'
        f'vectors_key = "canary-4711-key"\nvectors_grpc_port = {weaviate_double.grpc_port}\n',
        encoding="utf-8",
    )
    with closing(opened(home)) as kb:
        kb.vectors.move("weaviate", caller=OWNER)
        answers(kb)
        assert in_toml(home)["vectors_key"] == "canary-4711-key"
        with pytest.raises(BackendDown, match=r"127\.0\.0\.1:9 "):
            kb.vectors.move("chroma-server", "http://127.0.0.1:9", caller=OWNER)
        assert in_toml(home)["vectors_url"] == weaviate_double.url
    weaviate_double.key = "another-4712-key"
    with closing(opened(home)) as kb, pytest.raises(Misconfigured, match="refuses the key") as refused:
        kb.embedder()
    assert "canary" not in str(refused.value)


# --- A server that is away --------------------------------------------------------------------


@pytest.fixture
def served(
    home: Path, chroma_process: ChromaServerProcess
) -> Iterator[tuple[KnowledgeBase, ChromaServerProcess]]:
    """A library on a Chroma server, which is up again at the end."""
    storage = {"storage.vectors": "chroma-server", "storage.vectors_url": chroma_process.url}
    with closing(opened(home, **storage)) as kb:
        answers(kb)
        yield kb, chroma_process
        chroma_process.start()


def test_while_the_server_is_away_questions_are_answered_and_nothing_is_lost(
    served: tuple[KnowledgeBase, ChromaServerProcess], home: Path
) -> None:
    kb, process = served
    pair = pair_of(kb)
    app = App()
    app._settings = kb.settings
    worker = app.worker(kb)
    worker.start()
    process.kill()
    assert search(kb, sentence(7), k=1)[0].chunk.text == sentence(7)  # from SQLite's own copy
    wait_until(lambda: "does not answer" in str(pair.status()))
    assert not kb.vectors.status(caller=OWNER).ok
    file = home.parent / "new.txt"
    file.write_text(sentence(90), encoding="utf-8")
    added = kb.library.add(file, "new.txt", caller=OWNER).document
    wait_until(lambda: "does not answer" in str(kb.jobs.queue(caller=OWNER).reason))
    assert kb.library.document(added.id, caller=OWNER).state is not DocumentState.FAILED
    process.start()
    wait_until(lambda: kb.library.document(added.id, caller=OWNER).state is DocumentState.READY)
    wait_until(lambda: pair.status() is None)
    wait_until(lambda: pair.store.ids() == kb._parts.chunks.published_ids())  # former passages go afterwards
    worker.stop()
    app.close()
    assert search(kb, sentence(90), k=1)[0].chunk.text == sentence(90)
    assert pair.index.unreachable() == {}


def holds_nobody_up(kb: KnowledgeBase) -> None:
    """Questions are answered soon though the server has taken their search, and it is not asked again at once."""
    for longest in (2 * QUESTION_SECONDS, QUESTION_SECONDS / 2):
        began = time.monotonic()
        assert search(kb, sentence(7), k=1)[0].chunk.text == sentence(7)
        assert time.monotonic() - began < longest


def test_a_server_that_hangs_holds_nobody_up_for_long(
    served: tuple[KnowledgeBase, ChromaServerProcess],
) -> None:
    kb, process = served
    with process.hung():
        holds_nobody_up(kb)


def test_a_weaviate_server_that_hangs_holds_nobody_up_for_long(
    home: Path, weaviate_double: WeaviateDouble
) -> None:
    grpc = {"storage.vectors_grpc_port": weaviate_double.grpc_port}
    with closing(opened(home, **grpc)) as kb:
        kb.vectors.move("weaviate", weaviate_double.url, caller=OWNER)
        answers(kb)
        weaviate_double.answers.clear()
        try:
            holds_nobody_up(kb)
        finally:
            weaviate_double.answers.set()


def test_a_server_that_lost_everything_is_filled_again(
    served: tuple[KnowledgeBase, ChromaServerProcess], home: Path
) -> None:
    kb, process = served
    pair = pair_of(kb)
    library = (home / "footnote.library").read_text(encoding="ascii").split()[0]
    server = ChromaServer(VectorServer("Chroma", process.url, ""), ServedIndex(library, "", "", 64))
    with server.connection.borrowed() as api:
        for name in on_server(process.url, home):
            api.delete_collection(name)
    assert search(kb, sentence(7), k=1)[0].chunk.text == sentence(7)
    wait_until(lambda: pair.is_whole and on_server(process.url, home))
    answers(kb)


def test_libraries_share_a_server_and_a_copied_folder_is_another_one(
    served: tuple[KnowledgeBase, ChromaServerProcess], home: Path, tmp_path: Path
) -> None:
    kb, process = served
    storage = {"storage.vectors": "chroma-server", "storage.vectors_url": process.url}
    copy = tmp_path / "copy"
    copy.mkdir(mode=0o700)
    mine = Library(copy)
    mine.fill(20)
    mine.close()
    for name in ("footnote.library", "remote"):
        subprocess.run(["cp", "-r", home / name, copy / name], check=True)
    before = on_server(process.url, home)
    with closing(opened(copy, **storage)) as other:
        answers(other)
        pair_of(other).rebuild("a test", lambda: False)
        answers(other)
        assert not set(on_server(process.url, copy)) & set(before)
    assert on_server(process.url, home) == before
    answers(kb)
