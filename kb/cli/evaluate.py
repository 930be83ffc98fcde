"""``evaluate``: retrieval and citation quality, on questions whose answers are known."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from kb.cli.arguments import number, typed_path
from kb.cli.common import Commands, Wiring, json_option, opened, served_elsewhere
from kb.cli.output import note, print_json, say, say_text
from kb.errors import BadInput
from kb.system.redact import redacted
from kb.types import OWNER

if TYPE_CHECKING:
    from tqdm import tqdm

    from kb.cli.client import RunningApp
    from kb.evaluate.experiments import ExperimentRunner, Plan, Request
    from kb.evaluate.run import Progress, Watch
    from kb.knowledge_base import KnowledgeBase
    from kb.types import Evaluation

_POLL_SECONDS = 0.3
_MOST = 1_000_000
"""Questions of a set."""
_REPORTED = ("embedding.model", "parsing.chunk_tokens", "retrieval.dense_weight", "retrieval.passages")
"""The settings that a report names, besides those it compares."""


def register(commands: Commands) -> None:
    text = "measure how well passages are found and answers footnoted"
    command = commands.add("evaluate", _evaluate, text)
    command.add_argument("folders", nargs="*", type=typed_path, metavar="FOLDER", help="question sets")
    command.add_argument(
        "--kept", action="store_true", help="the questions kept from own chats, on the own library"
    )
    command.add_argument(
        "--config", action="append", default=[], metavar="NAME=VALUE", help="a setting to measure with"
    )
    command.add_argument(
        "--compare", action="append", default=[], metavar="NAME=VALUE", help="a setting to compare with"
    )
    command.add_argument(
        "--limit", type=number(1, _MOST), metavar="N", help="at most N questions of a set, drawn at random"
    )
    command.add_argument(
        "--answers",
        type=_count,
        default=100,
        metavar="N",
        help="answer N questions of a set too (100), or all",
    )
    command.add_argument("--fresh", action="store_true", help="build the sets' libraries anew")
    command.add_argument(
        "--runs", type=typed_path, metavar="FOLDER", help="write what was found, for other scorers"
    )
    command.add_argument(
        "--report", type=typed_path, metavar="FILE", help="write a page with tables and plots"
    )
    json_option(command)


def _count(text: str) -> int | None:
    return None if text == "all" else number(0, _MOST)(text)


def _evaluate(options: argparse.Namespace, wiring: Wiring) -> int:
    from kb.evaluate.run import Watch

    request = _request(options)
    stored: list[list[Evaluation]] = []
    with opened(options, wiring) as kb, _interrupted() as stop, closing(_Bar(quiet=options.json)) as bar:
        experiments = wiring.experiments(kb)
        plan = experiments.plan(request)
        watch = Watch(bar.show, stop.is_set)
        app = served_elsewhere(kb) if plan.asks_own_library else None
        for measured in (
            _by_the_app(kb, app, request, watch)
            if app
            else _here(experiments, plan, watch, runs=options.runs)
        ):
            stored.append(measured)
            if not options.json:
                bar.close()
                say_text("\n".join(_lines(*measured)) + "\n")
        if not options.json and stored:
            megabytes = experiments.size_bytes() / 1e6
            say(f"Kept for the next run: {megabytes:.0f} MB in {experiments.folder} (--fresh builds it anew)")
        if options.report:
            _write_report(options.report, kb, stored)
    if options.json:
        print_json([_json(*each) for each in stored])
    return 130 if stop.is_set() else 0


def _here(
    experiments: ExperimentRunner, plan: Plan, watch: Watch, *, runs: Path | None
) -> Iterator[list[Evaluation]]:
    from kb.evaluate.export import write_run

    for measured in experiments.run(plan, watch):
        if runs:
            write_run(measured[0].result, runs)
        yield [each.stored for each in measured]


def _by_the_app(
    kb: KnowledgeBase, app: RunningApp, request: Request, watch: Watch
) -> Iterator[list[Evaluation]]:
    """Yields the results, measured by the running app: it alone may open the library's indexes."""
    from kb.cli.client import running_evaluation, start_evaluation, stop_evaluation
    from kb.evaluate.run import Progress

    body = {
        "folders": [str(folder.resolve()) for folder in request.folders],
        "kept": request.kept,
        "config": dict(request.config),
        "compare": dict(request.compare),
        "limit": request.options.limit,
        "answers": request.options.answers,
        "fresh": request.fresh,
    }
    now = start_evaluation(app, body)
    asked_to_stop = False
    while now["running"]:
        time.sleep(_POLL_SECONDS)
        if watch.stopped() and not asked_to_stop:
            asked_to_stop = True
            stop_evaluation(app)
        now = running_evaluation(app)
        if now["progress"]:
            watch.report(Progress(**now["progress"]))
    if now["error"]:
        raise BadInput(now["error"])
    measured = [kb.evaluations.get(each, caller=request.caller) for each in now["finished"]]
    for found in measured:
        if found.compared_with is None:
            yield [found, *(each for each in measured if each.compared_with == found.id)]


def _write_report(path: Path, kb: KnowledgeBase, stored: Sequence[Sequence[Evaluation]]) -> None:
    """Writes a page that stands alone: these results, each with the earlier ones of its set."""
    from kb.web.page.evaluation.render import report
    from kb.web.page.strings_en import EN

    keys = dict.fromkeys(each.set_key for pair in stored for each in pair)
    found = [each for key in keys for each in kb.evaluations.latest(caller=OWNER, set_key=key)]
    used = kb.settings.by_name()
    page = report(found, EN, settings={name: str(used[name]) for name in _REPORTED})
    try:
        path.write_text(redacted(page), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"The report cannot be written to {path}: {error.strerror}.") from error


def _request(options: argparse.Namespace) -> Request:
    from kb.evaluate.experiments import Request
    from kb.evaluate.run import Options

    return Request(
        caller=OWNER,
        folders=tuple(options.folders),
        kept=options.kept,
        config=_settings(options.config),
        compare=_settings(options.compare),
        options=Options(limit=options.limit, answers=options.answers),
        fresh=options.fresh,
    )


def _settings(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise BadInput(
                "What --config and --compare take is a setting. Write NAME=VALUE, as in retrieval.dense_weight=0.6."
            )
        found[name.strip()] = value.strip()
    return found


# --- While it runs ----------------------------------------------------------------------------


@contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Gives an event that the first Ctrl+C sets, so that what was done is kept; the second one ends the program."""
    stop = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        note("\nStopping after this question; Ctrl+C again ends it at once.")

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


class _Bar:
    """A progress bar on the terminal, one a step; nothing without a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._step = ""
        self._bar: tqdm[Any] | None = None

    def show(self, progress: Progress) -> None:
        from tqdm import tqdm

        if not self._shown:
            return
        if progress.step != self._step or self._bar is None:
            self.close()
            self._step = progress.step
            self._bar = tqdm(total=progress.total, desc=progress.step, leave=False)
        self._bar.update(progress.done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


# --- Printing ---------------------------------------------------------------------------------


def _lines(first: Evaluation, second: Evaluation | None = None) -> Iterator[str]:
    stopped = ", stopped" if first.cancelled else ""
    asked = f"{first.asked} of {first.questions} questions"
    yield f"{first.set_name}: {first.documents} documents, {asked}{stopped}"
    yield f"  {first.embedder.partition('@')[0]}{_written(first.config)}"
    if second:
        yield f"  compared with{_written(second.config)}"
    for name, figure in first.figures.items():
        line = (
            f"  {name:<20} {figure.value:.3f}  [{figure.low:.3f}, {figure.high:.3f}]  n={figure.questions:<5}"
        )
        if second and name in second.differences:
            difference = second.differences[name]
            line += (
                f"  {second.figures[name].value:.3f}  {difference.value:+.3f} "
                f"[{difference.low:+.3f}, {difference.high:+.3f}]  p={difference.p_value:.4f}"
            )
        yield line.rstrip()
    for name, milliseconds in first.latencies_ms.items():
        against = f"  {second.latencies_ms[name]:.1f} ms" if second and name in second.latencies_ms else ""
        yield f"  {name:<20} {milliseconds:.1f} ms{against}"
    for line in first.unread:
        yield f"  not imported: {line}"


def _written(config: Mapping[str, str]) -> str:
    return "".join(f"  {name}={value}" for name, value in config.items())


def _json(first: Evaluation, second: Evaluation | None = None) -> dict[str, Any]:
    return {**asdict(first), "compared": asdict(second) if second else None}
