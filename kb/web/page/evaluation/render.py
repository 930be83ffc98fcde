"""Evaluations -> markup, for the page and for a report that stands alone. Like ``render``, one line each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from kb.evaluate.background import EvaluationState
from kb.evaluate.questions import KEPT
from kb.text.document_names import shown_name
from kb.text.visible import shortened
from kb.types import Evaluation, Figure, LabelledQuestion
from kb.types.places import place_words
from kb.web.page.evaluation.plots import Line, Point, history, interval_bar
from kb.web.page.format import local_time, size
from kb.web.page.markup import one_line
from kb.web.page.strings import Strings
from kb.web.page.words.evaluation import EN, ZH, EvaluationWords

_PLOTTED = ("hit@1", "recall@10", "ndcg@10", "chunk recall@5", "chunk iou@5", "citation precision")
"""Figures that are drawn over time, where a set has them; more lines would hide each other."""
_STYLE = Path(__file__).parent.parent / "static" / "evaluation.css"
_SHOWN_QUOTE = 240
"""Characters of a kept passage."""


def progress(state: EvaluationState, strings: Strings) -> str:
    """Returns the running evaluation, with a button that stops it; or how the last one ended.

    What was done otherwise than asked for stays until the next one begins.
    """
    notes = _notes(state, strings)
    if state.error:
        return one_line(f'<p class="note problem" role="alert">{escape(state.error)}</p>{notes}')
    if not state.running:
        return one_line(notes)
    bar, step = "<progress></progress>", strings.evaluation_starting
    if state.progress is not None:
        step = str(getattr(strings, f"evaluation_{state.progress.step}"))
        total = max(1, state.progress.total)
        bar = f'<progress max="{total}" value="{state.progress.done}"></progress>'
        step = f"{step} {state.progress.done} / {state.progress.total}"
    words = strings.evaluation_stopping if state.stopping else step
    stop = "" if state.stopping else f'<button type="button" data-act="stop">{escape(strings.stop)}</button>'
    return one_line(f'<p class="running" role="status">{bar} <span>{escape(words)}</span> {stop}</p>{notes}')


def _notes(state: EvaluationState, strings: Strings) -> str:
    lines = "".join(f'<p class="fine problem">{escape(note)}</p>' for note in state.notes)
    return f'<p class="fine problem">{escape(strings.evaluation_notes)}</p>{lines}' if lines else ""


# --- Results ----------------------------------------------------------------------------------


def results(evaluations: Sequence[Evaluation], strings: Strings, *, acts: bool = True) -> str:
    """Returns the newest result of each set with its history; ``evaluations`` come newest first.

    ``acts``: with a button at each that deletes it, for a page with our script.
    """
    groups = _by_set(evaluations)
    if not groups:
        return one_line(f'<p class="empty">{escape(strings.evaluation_none)}</p>')
    return one_line("".join(_group(group, strings, acts=acts) for group in groups))


def _by_set(evaluations: Iterable[Evaluation]) -> list[list[Evaluation]]:
    groups: dict[str, list[Evaluation]] = {}
    for evaluation in evaluations:
        groups.setdefault(evaluation.set_key, []).append(evaluation)
    return list(groups.values())


def _group(group: Sequence[Evaluation], strings: Strings, *, acts: bool) -> str:
    newest = group[0]
    before = next((each for each in group if each.id == newest.compared_with), None)
    asked = strings.evaluation_asked.format(
        asked=newest.asked, questions=newest.questions, documents=newest.documents
    )
    stopped = f" · {escape(strings.evaluation_cancelled)}" if newest.cancelled else ""
    return (
        f'<section class="result" id="evaluation-{newest.id}" data-evaluation="{newest.id}">'
        f"<h3><bdi>{escape(_set_name(newest, strings))}</bdi></h3>"
        f'<p class="fine">{escape(asked)}{stopped} · {escape(_model(newest))} · '
        f"{escape(local_time(newest.finished))} {_remove(newest, strings) if acts else ''}</p>"
        f"{_unfolded(group, before, strings, is_open=before is not None or not acts)}"
        f"{_history(group, strings, acts=acts)}{_missed(newest, strings)}{_unread(newest, strings)}</section>"
    )


def _set_name(evaluation: Evaluation, strings: Strings) -> str:
    """Returns what a set is called; the person's own questions have no folder that names them."""
    own = evaluation_words(strings).kept
    return own if evaluation.set_key == KEPT else shown_name(evaluation.set_name)


def _unfolded(
    group: Sequence[Evaluation], before: Evaluation | None, strings: Strings, *, is_open: bool
) -> str:
    """Returns the table of all figures, folded up unless it says how two settings differ."""
    words = evaluation_words(strings)
    return (
        f"<details{' open' if is_open else ''}><summary>{escape(words.figures)}</summary>"
        f"{_figures(group[0], before, strings)}{_latencies(group[0], before, words)}</details>"
    )


def _figures(newest: Evaluation, before: Evaluation | None, strings: Strings) -> str:
    heads = [strings.evaluation_figure, _setting(newest, strings), strings.evaluation_interval, ""]
    if before:
        heads += [_setting(before, strings), strings.evaluation_difference, "p"]
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in heads)
    rows = "".join(_row(name, figure, newest, before, strings) for name, figure in newest.figures.items())
    return _wide(f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>", strings.evaluation_figure)


def _wide(table: str, label: str, kind: str = "") -> str:
    """Returns a table that scrolls by itself where it is wider than the screen, with the keyboard too."""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<table class="figures{kind}">{table}</table></div>'
    )


def _row(name: str, figure: Figure, newest: Evaluation, before: Evaluation | None, strings: Strings) -> str:
    cells = (
        f'<th scope="row">{escape(figure_label(name, strings))}</th><td class="number">{figure.value:.3f}</td>'
        f'<td class="number quiet">[{figure.low:.3f}, {figure.high:.3f}] n={figure.questions}</td>'
        f"<td>{interval_bar(figure.value, figure.low, figure.high)}</td>"
    )
    if before:
        earlier, difference = before.figures.get(name), newest.differences.get(name)
        cells += f'<td class="number">{earlier.value:.3f}</td>' if earlier else "<td></td>"
        cells += _difference(difference) if difference else "<td></td><td></td>"
    return f"<tr>{cells}</tr>"


def _difference(difference: Figure) -> str:
    p_value = difference.p_value if difference.p_value is not None else 1.0
    sure = ' class="number sure"' if p_value < 0.05 else ' class="number"'
    return (
        f"<td{sure}>{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]</td>"
        f"<td{sure}>{p_value:.4f}</td>"
    )


def _latencies(newest: Evaluation, before: Evaluation | None, words: EvaluationWords) -> str:
    """Returns how long searching and answering took; in brackets, how long it took before."""
    parts = []
    for step in ("search", "answer"):
        half, most = (_took(newest, before, f"{step} {share}") for share in ("p50", "p95"))
        if half and most:
            parts.append(words.latency.format(step=words.of("", step), half=half, most=most))
    return f'<p class="fine">{escape(" · ".join(parts))}</p>' if parts else ""


def _took(newest: Evaluation, before: Evaluation | None, name: str) -> str:
    if name not in newest.latencies_ms:
        return ""
    against = f" ({before.latencies_ms[name]:.0f})" if before and name in before.latencies_ms else ""
    return f"{newest.latencies_ms[name]:.0f}{against}"


def _history(group: Sequence[Evaluation], strings: Strings, *, acts: bool) -> str:
    """Returns figures over the runs of a set, oldest first, and the list of those runs."""
    if len(group) < 2:
        return ""
    runs = list(reversed(group))
    lines = []
    for name in _PLOTTED:
        points = [
            _point(at, name, run.figures[name], run, _setting(run, strings))
            for at, run in enumerate(runs)
            if name in run.figures
        ]
        if points:
            lines.append(Line(figure_label(name, strings), points))
    labels = [local_time(run.finished)[5:] for run in runs]
    plot = history(lines, labels, label=strings.evaluation_history) if lines else ""
    listed = "".join(_listed(run, strings, acts=acts) for run in group)
    return (
        f"<h4>{escape(strings.evaluation_history)}</h4>{plot}"
        f"<details><summary>{escape(strings.evaluation_runs.format(count=len(group)))}</summary>"
        f"{_wide(f'<tbody>{listed}</tbody>', strings.evaluation_history)}</details>"
    )


def _point(at: int, name: str, figure: Figure, run: Evaluation, setting: str) -> Point:
    interval = f"[{figure.low:.3f}, {figure.high:.3f}]"
    title = (
        f"{name} {figure.value:.3f} {interval}, n={figure.questions}, {local_time(run.finished)}, {setting}"
    )
    return Point(at, figure.value, figure.low, figure.high, title)


def _listed(run: Evaluation, strings: Strings, *, acts: bool) -> str:
    first = next(iter(run.figures.items()), None)
    value = f"{first[0]} {first[1].value:.3f}" if first else ""
    return (
        f'<tr><td class="quiet">{escape(local_time(run.finished))}</td><td>{escape(_setting(run, strings))}</td>'
        f'<td class="quiet">{escape(_model(run))}</td><td class="number">{escape(value)}</td>'
        f'<td class="number quiet">n={run.asked}</td>{f"<td>{_remove(run, strings)}</td>" if acts else ""}</tr>'
    )


def _remove(run: Evaluation, strings: Strings) -> str:
    name, time = escape(_set_name(run, strings)), escape(local_time(run.finished))
    return (
        f'<button type="button" class="danger" data-act="remove" data-result="{run.id}" data-name="{name}" '
        f'data-time="{time}">{escape(strings.delete)}</button>'
    )


def _missed(newest: Evaluation, strings: Strings) -> str:
    if not newest.missed:
        return ""
    rows = "".join(
        f'<tr><td dir="auto">{escape(each.question)}</td><td><bdi>{escape(shown_name(each.wanted))}</bdi></td>'
        f'<td dir="auto"><bdi>{escape(shown_name(each.found))}</bdi><br>'
        f'<span class="quiet">{escape(each.passage)}</span></td></tr>'
        for each in newest.missed
    )
    heads = (strings.evaluation_question, strings.evaluation_wanted, strings.evaluation_found)
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in heads)
    return (
        f"<details><summary>{escape(strings.evaluation_missed.format(count=len(newest.missed)))}</summary>"
        f"{_wide(f'<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>', strings.evaluation_question)}</details>"
    )


def _unread(newest: Evaluation, strings: Strings) -> str:
    lines = "".join(f'<p class="fine problem">{escape(line)}</p>' for line in newest.unread)
    return f'<p class="fine problem">{escape(strings.evaluation_unread)}</p>{lines}' if lines else ""


def _setting(run: Evaluation, strings: Strings) -> str:
    return ", ".join(f"{name}={value}" for name, value in run.config.items()) or strings.evaluation_as_set


def _model(run: Evaluation) -> str:
    return f"{run.embedder.partition('@')[0]}, {run.embedder.rpartition('#')[2]}"


def figure_label(name: str, strings: Strings) -> str:
    """Returns a figure's name in the person's language; what has no word of its own stays: ``mrr@10``."""
    return re.sub(r"[a-z]+", lambda word: str(getattr(strings, f"figure_{word[0]}", word[0])), name)


def evaluation_words(strings: Strings) -> EvaluationWords:
    """Returns the words of the screen in the language of ``strings``."""
    return ZH if strings.language == "zh" else EN


def disk(count: int, strings: Strings) -> str:
    """Returns the size of what earlier runs left for the next one, in bytes."""
    return (
        one_line(f'<p class="fine">{escape(strings.evaluation_disk.format(size=size(count)))}</p>')
        if count
        else ""
    )


# --- Kept questions ---------------------------------------------------------------------------


def kept(questions: Sequence[LabelledQuestion], strings: Strings) -> str:
    """Returns the labelled questions, each with what answers it and a button that deletes it."""
    if not questions:
        return one_line(f'<p class="empty">{escape(strings.kept_none)}</p>')
    rows = "".join(_kept_row(each, strings) for each in questions)
    title = escape(strings.kept_questions.format(count=len(questions)))
    table = _wide(f"<tbody>{rows}</tbody>", strings.evaluation_question, " kept")
    return one_line(f"<details><summary>{title}</summary>{table}</details>")


def _kept_row(each: LabelledQuestion, strings: Strings) -> str:
    page = ""
    if each.page is not None:
        page = f" · {escape(place_words(strings.language)['page'].format(page=each.page))}"
    quoted = shortened(each.quote, _SHOWN_QUOTE)
    return (
        f'<tr data-kept="{each.id}"><td dir="auto">{escape(each.question)}</td>'
        f'<td dir="auto"><bdi>{escape(shown_name(each.document))}</bdi>{page}<br>'
        f'<span class="quiet">{escape(quoted)}</span></td>'
        f'<td class="acts"><button type="button" class="danger" data-act="forget">'
        f"{escape(strings.delete)}</button></td></tr>"
    )


# --- A report ---------------------------------------------------------------------------------


def report(evaluations: Sequence[Evaluation], strings: Strings, *, settings: Mapping[str, str]) -> str:
    """Returns a whole HTML page that needs nothing from elsewhere: no script, no font, no picture.

    ``evaluations`` come newest first; ``settings`` are shown as those in use.
    """
    used = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return (
        f'<!doctype html><html lang="{escape(strings.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(strings.evaluation_report)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head>"
        f'<body class="report"><main class="evaluation"><h1>{escape(strings.evaluation_report)}</h1>'
        f'{results(evaluations, strings, acts=False)}<p class="fine">{escape(used)}</p></main></body></html>'
    )
