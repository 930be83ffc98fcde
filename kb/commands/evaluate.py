"""``evaluate``: how well passages are found and answers footnoted, on questions whose answers are known."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from kb.commands.common import Commands, Wiring, json_option, opened, print_json
from kb.errors import BadInput

if TYPE_CHECKING:
    from tqdm import tqdm

    from kb.evaluate.run import Progress, Result
    from kb.laboratory import Evaluated, Request


def register(commands: Commands) -> None:
    """Adds ``evaluate``."""
    text = "measure how well passages are found and answers footnoted"
    command = commands.add("evaluate", _evaluate, text)
    command.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="question sets")
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
    finished: list[Evaluated] = []
    bar = _Bar(quiet=options.json)
    with opened(options, wiring) as kb, _interrupted() as stop, closing(bar):
        for evaluated in wiring.laboratory(kb).run(request, report=bar.show, stopped=stop.is_set):
            finished.append(evaluated)
            if options.runs:
                write_run(evaluated.result, options.runs)
            if not options.json:
                bar.close()
                print("\n".join(_lines(evaluated)) + "\n", flush=True)
        stopped = stop.is_set()
    if options.json:
        print_json([evaluated_json(evaluated) for evaluated in finished])
    return 130 if stopped else 0


def _request(options: argparse.Namespace) -> Request:
    from kb.evaluate.run import Options
    from kb.laboratory import Request

    return Request(
        folders=tuple(options.folders),
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


def _lines(evaluated: Evaluated) -> Iterator[str]:
    result, other = evaluated.result, evaluated.other
    question_set = result.question_set
    done = f"{len(result.outcomes)} of {len(question_set.questions)} questions"
    stopped = ", stopped" if result.cancelled else ""
    yield f"{question_set.name}: {len(question_set.documents)} documents, {done}{stopped}"
    yield f"  {evaluated.embedder.partition('/')[0]}{_written(evaluated.config)}"
    if other:
        yield f"  compared with{_written(evaluated.other_config)}"
    for name, figure in result.figures.items():
        line = (
            f"  {name:<20} {figure.value:.3f}  [{figure.low:.3f}, {figure.high:.3f}]  n={figure.questions:<5}"
        )
        difference = evaluated.differences.get(name)
        if other and difference and name in other.figures:
            line += (
                f"  {other.figures[name].value:.3f}  {difference.value:+.3f} "
                f"[{difference.low:+.3f}, {difference.high:+.3f}]  p={difference.p_value:.4f}"
            )
        yield line.rstrip()
    for name, milliseconds in result.latencies_ms.items():
        against = f"  {other.latencies_ms[name]:.1f} ms" if other and name in other.latencies_ms else ""
        yield f"  {name:<20} {milliseconds:.1f} ms{against}"
    for line in evaluated.unread:
        yield f"  not imported: {line}"


def _written(config: Any) -> str:
    return "".join(f"  {name}={value}" for name, value in config.items())


def evaluated_json(evaluated: Evaluated) -> dict[str, Any]:
    """What ``--json`` prints of one set."""
    question_set = evaluated.result.question_set
    return {
        "set": question_set.name,
        "key": question_set.key,
        "kind": question_set.kind,
        "documents": len(question_set.documents),
        "unread": evaluated.unread,
        "embedder": evaluated.embedder,
        "config": evaluated.config,
        **_result_json(evaluated.result),
        "compared": evaluated.other
        and {
            "config": evaluated.other_config,
            **_result_json(evaluated.other),
            "differences": {
                name: {
                    "value": found.value,
                    "low": found.low,
                    "high": found.high,
                    "p": found.p_value,
                    "questions": found.questions,
                }
                for name, found in evaluated.differences.items()
            },
        },
    }


def _result_json(result: Result) -> dict[str, Any]:
    return {
        "questions": len(result.outcomes),
        "cancelled": result.cancelled,
        "figures": {
            name: {"value": found.value, "low": found.low, "high": found.high, "questions": found.questions}
            for name, found in result.figures.items()
        },
        "latencies_ms": dict(result.latencies_ms),
    }
