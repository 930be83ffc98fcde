"""Evaluation from a folder to figures, through the real parsers, chunker and indexes; only the model is a double."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import App
from kb.config import AnsweringSettings, Settings
from kb.errors import BadInput, NotFound
from kb.evaluate.experiments import ExperimentRunner, Measured, Request
from kb.evaluate.export import write_run
from kb.evaluate.run import Options, Progress, Watch
from kb.knowledge_base import open_knowledge_base
from kb.types import OWNER
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import search

TEXTS = {
    "bridge.md": "# The Halden bridge\n\nThe bridge was opened in 1932.\n\n## Size\n\nIts span is 1149 metres.",
    "tea.txt": "Tea was first grown in the mountains of Yunnan. Lu Yu wrote the Classic of Tea.",
    "rocket.txt": "Apollo 11 landed on the Moon in July 1969. Armstrong stepped out first.",
}
QUESTIONS = [
    {"question": "When was the Halden bridge opened?", "document": "bridge.md", "answer": "1932"},
    {"question": "How many metres is the span?", "document": "bridge.md", "answer": "1149 metres"},
    {
        "question": "Where was tea first grown?",
        "document": "tea.txt",
        "quote": "first grown in the mountains",
    },
    {"question": "Who stepped out first on the Moon?", "document": "rocket.txt"},
    {"question": "Who wrote the Classic of Tea?", "document": "rocket.txt", "answer": "Armstrong"},
]


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets") / "own"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    lines = [json.dumps(question) + "\n" for question in QUESTIONS]
    (folder / "questions.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


class Bench:
    """A laboratory over an empty library, with an embedder that counts."""

    def __init__(self, home: Path) -> None:
        self.app = App()
        self.embedder = HashEmbedder()
        settings = Settings(home=home, answering=AnsweringSettings(model="extractive"))
        self.app.open(settings).close()  # what the command line does first
        self.kb = open_knowledge_base(
            settings, renderer=self.app, suffixes=frozenset({".md", ".txt"}), embedder=self.embedder
        )
        self.experiments: ExperimentRunner = self.app.experiments(self.kb)

    def run(self, request: Request) -> Measured:
        ((found, *_),) = self.experiments.run(self.experiments.plan(request), Watch())
        return found

    def close(self) -> None:
        self.kb.close()
        self.app.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    opened = Bench(tmp_path_factory.mktemp("home"))
    yield opened
    opened.close()


def test_a_folder_becomes_figures(bench: Bench, questions: Path) -> None:
    steps: list[str] = []

    def report(progress: Progress) -> None:
        if steps[-1:] != [progress.step]:
            steps.append(progress.step)

    ((found,),) = bench.experiments.run(
        bench.experiments.plan(Request((questions,), caller=OWNER)), Watch(report)
    )
    figures = found.result.figures
    assert figures["hit@1"].value == 0.8  # the last question names the wrong document
    assert figures["hit@1"].questions == 5
    assert 0 <= figures["hit@1"].low < 0.8 < figures["hit@1"].high <= 1
    assert figures["mrr@10"].value == pytest.approx((4 + 1 / 3) / 5, abs=0.15)
    assert figures["document@1"].value == 0.8
    assert figures["citation precision"].value >= 0.5
    assert found.result.latencies_ms["search p95"] >= found.result.latencies_ms["search p50"] > 0
    assert found.stored.unread == ()
    assert steps == ["importing", "embedding", "searching", "timing", "answering", "comparing"]
    assert bench.experiments.size_bytes() > 10_000
    assert bench.kb.library.count(caller=OWNER) == 0  # the person's own library is left alone


def test_a_question_without_words_counts_as_missed_and_ends_nothing(bench: Bench, tmp_path: Path) -> None:
    """The trial set of CMRC 2018 has two."""
    (tmp_path / "bridge.md").write_text(TEXTS["bridge.md"], encoding="utf-8")
    lines = [json.dumps({**QUESTIONS[0], "question": text}) for text in (" ", QUESTIONS[0]["question"])]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = bench.run(Request((tmp_path,), options=Options(answers=None), caller=OWNER))
    assert found.result.figures["hit@1"].value == 0.5
    assert [outcome.answer is not None for outcome in found.result.outcomes].count(True) == 1


def test_each_text_is_embedded_once_whatever_is_asked_again(bench: Bench, questions: Path) -> None:
    options = Options(answers=0)
    bench.run(Request((questions,), options=options, caller=OWNER))
    bench.embedder.embedded.clear()
    again = bench.run(Request((questions,), options=options, caller=OWNER))
    cut_anew = bench.run(Request((questions,), config={"chunk_tokens": "300"}, options=options, caller=OWNER))
    fresh = bench.run(Request((questions,), options=options, fresh=True, caller=OWNER))
    assert bench.embedder.embedded == []
    assert again.result.figures == cut_anew.result.figures == fresh.result.figures


def test_two_settings_are_compared_question_by_question(bench: Bench, questions: Path) -> None:
    request = Request(
        (questions,),
        config={"retrieval.passages": "1"},
        compare={"passages": "8"},
        options=Options(answers=None),
        caller=OWNER,
    )
    ((first, second),) = bench.experiments.run(bench.experiments.plan(request), Watch())
    assert (first.stored.config, second.stored.config) == (
        {"retrieval.passages": "1"},
        {"retrieval.passages": "8"},
    )
    assert second.stored.compared_with == first.stored.id
    assert second.stored.differences["hit@1"].value == 0
    assert second.stored.differences["hit@1"].p_value == 1
    assert first.stored.differences == {}
    fewer = [outcome.answer for outcome in first.result.outcomes]
    assert all(answer is not None and len(answer.citations) <= 1 for answer in fewer)


def test_a_limit_draws_the_same_questions_every_time(bench: Bench, questions: Path) -> None:
    options = Options(limit=3, answers=0)
    first, second = (bench.run(Request((questions,), options=options, caller=OWNER)) for _ in range(2))
    asked = [outcome.question.id for outcome in first.result.outcomes]
    assert len(asked) == 3
    assert asked == [outcome.question.id for outcome in second.result.outcomes]


def test_what_was_done_is_kept_when_it_is_stopped(bench: Bench, questions: Path) -> None:
    searched: list[int] = []

    def report(progress: Progress) -> None:
        if progress.step == "searching":
            searched.append(progress.done)

    ((found,),) = bench.experiments.run(
        bench.experiments.plan(Request((questions,), caller=OWNER)),
        Watch(report, lambda: bool(searched) and searched[-1] >= 2),
    )
    assert found.result.cancelled
    assert len(found.result.outcomes) == 2
    assert found.result.figures["hit@1"].questions == 2


def test_what_cannot_be_imported_is_said(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "full.txt").write_text("There are words here.", encoding="utf-8")
    (tmp_path / "questions.jsonl").write_text('{"question": "What is here?", "answer": "words"}\n')
    found = bench.run(Request((tmp_path,), options=Options(answers=0), caller=OWNER))
    assert len(found.stored.unread) == 1
    assert found.stored.unread[0].startswith("empty.txt: ")
    assert found.result.figures["hit@1"].value == 1


def test_results_are_kept_with_what_was_missed(bench: Bench, questions: Path) -> None:
    found = bench.run(Request((questions,), options=Options(answers=0), caller=OWNER))
    newest, *older = bench.kb.evaluations.latest(set_key=found.stored.set_key, caller=OWNER)
    assert newest == found.stored
    assert all(each.id < newest.id for each in older)
    assert newest.figures["hit@1"].value == found.result.figures["hit@1"].value
    assert newest.missed == ()  # the wrong one is second, which is among five
    bench.kb.evaluations.remove(newest.id, caller=OWNER)
    with pytest.raises(NotFound):
        bench.kb.evaluations.get(newest.id, caller=OWNER)


def test_unknown_settings_and_nothing_to_do_are_refused(bench: Bench, questions: Path) -> None:
    with pytest.raises(BadInput, match="nothing to evaluate"):
        bench.run(Request(caller=OWNER))
    with pytest.raises(BadInput, match="No question was kept"):
        bench.run(Request(kept=True, caller=OWNER))
    with pytest.raises(BadInput, match="dense_wieght"):
        bench.run(Request((questions,), config={"dense_wieght": "1"}, caller=OWNER))
    with pytest.raises(BadInput, match="data folder"):
        bench.run(Request((questions,), config={"home": "elsewhere"}, caller=OWNER))


def test_a_setting_by_its_old_name_is_kept_by_its_new_one(bench: Bench, questions: Path) -> None:
    both = Request(
        (questions,),
        config={"passages": "3"},
        compare={"retrieval.passages": "2", "model": "auto"},
        caller=OWNER,
    )
    plan = bench.experiments.plan(both)
    assert [setup.given for setup in plan.setups] == [
        {"retrieval.passages": "3"},
        {"retrieval.passages": "2", "answering.model": "auto"},
    ]
    assert [setup.settings.retrieval.passages for setup in plan.setups] == [3, 2]
    with pytest.raises(BadInput, match="one setting"):
        bench.experiments.plan(
            Request((questions,), config={"passages": "3", "retrieval.passages": "2"}, caller=OWNER)
        )


def test_libraries_of_sets_are_not_kept_on_a_server_of_vectors(bench: Bench, questions: Path) -> None:
    nobody = {"storage.vectors": "chroma-server", "storage.vectors_url": "http://127.0.0.1:9"}
    request = Request((questions,), config=nobody, options=Options(answers=None), caller=OWNER)
    ((done,),) = bench.experiments.run(bench.experiments.plan(request), Watch())
    assert done.stored.asked == len(QUESTIONS)
    assert not [*bench.kb.settings.home.rglob("footnote.library")]  # none has made itself known to a server


def test_kept_questions_are_asked_of_the_own_library(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    try:
        worker = bench.app.worker(bench.kb)
        bench.kb.maintenance.lock()
        worker.start()
        for name, text in TEXTS.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
            bench.kb.library.add(tmp_path / name, name, caller=OWNER)
        while bench.kb.jobs.due():
            time.sleep(0.05)
        worker.stop()
        question = "When was the Halden bridge opened?"
        hit = search(bench.kb, question)[0]
        kept = bench.kb.library.label_question(question, hit.chunk.id, caller=OWNER)
        assert bench.kb.library.label_question(question, hit.chunk.id, caller=OWNER) == kept
        bench.kb.library.label_question(
            "Who stepped out first?",
            search(bench.kb, "Armstrong stepped")[0].chunk.id,
            quote="Armstrong",
            caller=OWNER,
        )
        request = Request(
            kept=True, compare={"dense_weight": "0.1"}, options=Options(answers=None), caller=OWNER
        )
        ((first, second),) = bench.experiments.run(bench.experiments.plan(request), Watch())
        assert (first.stored.asked, first.stored.documents) == (2, 3)
        assert first.stored.figures["hit@1"].value == 1
        assert first.stored.figures["citation recall"].value > 0
        assert second.stored.config == {"retrieval.dense_weight": "0.1"}
        with pytest.raises(BadInput, match=r"parsing\.chunk_tokens decides how documents are imported"):
            bench.experiments.plan(Request(kept=True, config={"chunk_tokens": "64"}, caller=OWNER))
        bench.kb.library.remove([hit.document.id], caller=OWNER)
        ((left,),) = bench.experiments.run(bench.experiments.plan(Request(kept=True, caller=OWNER)), Watch())
        assert left.stored.asked == 1
        assert left.stored.set_key == first.stored.set_key
        assert "not in the library" in left.stored.unread[0]
        bench.kb.library.remove_labelled_question(kept.id, caller=OWNER)
        assert [each.question for each in bench.kb.library.labelled_questions(caller=OWNER)] == [
            "Who stepped out first?"
        ]
    finally:
        bench.close()


def test_a_follow_up_is_searched_with_what_was_said_before(bench: Bench, tmp_path: Path) -> None:
    corpus = [{"id": name, "text": text} for name, text in TEXTS.items()]
    history = [
        {"role": "user", "text": "Tell me of the Halden bridge."},
        {"role": "assistant", "text": "Yes?"},
    ]
    queries = [{"id": "q", "text": "When was it opened?", "history": history}]
    for name, rows in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("q\tbridge.md\t1\n", encoding="utf-8")
    found = bench.run(Request((tmp_path,), options=Options(answers=None), caller=OWNER)).result
    assert found.figures["hit@1"].value == 1
    assert [each.answer.searched for each in found.outcomes if each.answer] == [found.outcomes[0].searched]


def few_documents(folder: Path, target: Path) -> Path:
    """A retrieval set with the first forty documents and the questions about them."""
    target.mkdir()
    corpus = (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    ids = {json.loads(line)["id"] for line in corpus}
    header, *qrels = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in qrels if line.split("\t")[1] in ids]
    asked = {line.split("\t")[0] for line in kept}
    queries = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries = [line for line in queries if json.loads(line)["id"] in asked]
    for name, lines in (("corpus.jsonl", corpus), ("qrels.tsv", [header, *kept]), ("queries.jsonl", queries)):
        (target / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return target


@pytest.mark.parametrize("kind", ["retrieval", "chunking"])
def test_figures_are_those_of_the_scorer_of_the_shared_data(
    bench: Bench, shared_eval: Path, tmp_path: Path, kind: str
) -> None:
    """The same run, scored by ``score.py``: ranked documents, and characters of chunks."""
    folder = shared_eval / "chunking"
    if kind == "retrieval":
        folder = few_documents(shared_eval / "retrieval" / "mtrag_un_a", tmp_path / "few")
    found = bench.run(Request((folder,), options=Options(answers=0), caller=OWNER))
    path = write_run(found.result, tmp_path)
    command = [sys.executable, str(shared_eval / "score.py"), kind, str(folder), str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    total = next(line for line in printed.splitlines() if line.startswith("all"))
    theirs = {name: float(value) for name, value in re.findall(r"(\S+)=([\d.]+)", total)}
    theirs.pop("n", None)
    ours = {name: figure.value for name, figure in found.result.figures.items()}
    if kind == "chunking":
        ours = {name: ours[f"chunk {name}@5"] for name in ("recall", "precision", "iou")}
    both = sorted(set(ours) & set(theirs))
    assert len(both) >= 3
    assert {name: ours[name] for name in both} == pytest.approx(
        {name: theirs[name] for name in both}, abs=0.00051
    )


def test_a_key_is_not_sent_to_another_address(questions: Path, tmp_path: Path) -> None:
    here, there = "http://127.0.0.1:8000/v1", "http://127.0.0.1:9000/v1"
    toml = f'[answering]\nendpoint_url = "{here}"\nendpoint_key = "canary-4711-key"\n'
    (tmp_path / "footnote.toml").write_text(toml, encoding="utf-8")
    bench = Bench(tmp_path)
    try:
        elsewhere = {"answering.endpoint_url": there}
        plan = bench.experiments.plan(Request(caller=OWNER, folders=(questions,), compare=elsewhere))
        first, second = (setup.settings.answering for setup in plan.setups)
        assert first.endpoint_key is not None
        assert second.endpoint_key is None
        assert [note for note in plan.notes if "is not sent to http://127.0.0.1:9000" in note]
        both = elsewhere | {"answering.endpoint_key": "canary-4712-key"}
        plan = bench.experiments.plan(Request(caller=OWNER, folders=(questions,), config=both))
        assert plan.setups[0].settings.answering.endpoint_key is not None
        assert plan.setups[0].given["answering.endpoint_key"] == "***"
        assert plan.notes == ()
    finally:
        bench.close()
