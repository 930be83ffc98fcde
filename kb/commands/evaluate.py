"""``evaluate``: how well passages are found and answers footnoted, on questions whose answers are known."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from kb.commands.common import Commands, Wiring, json_option, opened, print_json
from kb.errors import BadInput

if TYPE_CHECKING:
    from tqdm import tqdm

    from kb.evaluate.run import Progress
    from kb.laboratory import Request
    from kb.state.evaluations import Evaluation


def register(commands: Commands) -> None:
    """Adds ``evaluate``."""
    text = "measure how well passages are found and answers footnoted"
    command = commands.add("evaluate", _evaluate, text)
    command.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="question sets")
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
        "--limit", type=int, metavar="N", help="at most N questions of a set, drawn at random"
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
        "--runs", type=Path, metavar="FOLDER", help="write what was found, for other scorers"
    )
    json_option(command)


def _count(text: str) -> int | None:
    return None if text == "all" else int(text)


def _evaluate(options: argparse.Namespace, wiring: Wiring) -> int:
    from kb.evaluate.runs import write_run

    request = _request(options)
    bar = _Bar(quiet=options.json)
    stored: list[tuple[Evaluation, ...]] = []
    with opened(options, wiring) as kb, _interrupted() as stop, closing(bar):
        laboratory = wiring.laboratory(kb)
        for measured in laboratory.run(request, report=bar.show, stopped=stop.is_set):
            stored.append(tuple(each.stored for each in measured))
            if options.runs:
                write_run(measured[0].result, options.runs)
            if not options.json:
                bar.close()
                print("\n".join(_lines(*stored[-1])) + "\n", flush=True)
        stopped = stop.is_set()
    if options.json:
        print_json([_json(*each) for each in stored])
    return 130 if stopped else 0


def _request(options: argparse.Namespace) -> Request:
    from kb.evaluate.run import Options
    from kb.laboratory import Request

    return Request(
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
            raise BadInput(f"{each!r} is not a setting. Write NAME=VALUE, as in dense_weight=0.6.")
        found[name.strip()] = value.strip()
    return found


# --- While it runs ----------------------------------------------------------------------------


@contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """An event that the first Ctrl+C sets, so that what was done is kept; the second one ends the program."""
    stop = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        print("\nStopping after this question; Ctrl+C again ends it at once.", file=sys.stderr, flush=True)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


class _Bar:
    """A bar on the terminal, one a step; nothing where nobody watches."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._step = ""
        self._bar: tqdm[Any] | None = None

    def show(self, progress: Progress) -> None:
        """Draws how far the run is."""
        from tqdm import tqdm

        if not self._shown:
            return
        if progress.step != self._step or self._bar is None:
            self.close()
            self._step = progress.step
            self._bar = tqdm(total=progress.total, desc=progress.step, leave=False)
        self._bar.update(progress.done - self._bar.n)

    def close(self) -> None:
        """Takes the bar away."""
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
