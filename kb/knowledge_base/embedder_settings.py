"""The settings of the embedder that a change asks for, and the note that outlives the process on the way there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from kb.backends import EMBEDDERS
from kb.config import EmbeddingSettings, given_by_environment
from kb.config.complaints import wanted_value
from kb.config.toml_edit import set_in_section
from kb.errors import BadInput, Misconfigured
from kb.system.addresses import require_no_login, server_of
from kb.types import EmbedderChange

ENGINES: tuple[str, ...] = get_args(EmbeddingSettings.model_fields["engine"].annotation)
"""Every engine that the settings can name."""
FIELDS = ("model", "engine", "width", "url", "device", "instruction")
"""The settings that say which embedder it is and how it is used; the key is none of them."""


def wanted_settings(current: EmbeddingSettings, change: EmbedderChange) -> EmbeddingSettings:
    """Returns the settings that ``change`` asks for.

    Width and instruction stay with the model they were set for. A key stays with its server.

    Raises:
        BadInput: a value cannot be one, or there is nothing to change.
    """
    if change.url is not None and change.url != current.url:
        require_no_login(change.url, key="embedding.key")
    change = with_task(change)
    values = {name: getattr(change, name) for name in FIELDS if getattr(change, name) is not None}
    if values.get("width") == 0:
        values["width"] = None
    if "instruction" in values and not values["instruction"].strip():
        values["instruction"] = None
    if change.model is not None and change.model != current.model:
        values = {"width": None, "instruction": None, **values}
        if change.engine is None and current.engine in EMBEDDERS and _runs_here(change.model):
            values["engine"] = "auto"
    wanted = checked(current, values)
    if said_by(wanted) == said_by(current):
        raise BadInput("That is the embedding model already, with this engine, width and instruction.")
    return wanted


def with_task(change: EmbedderChange) -> EmbedderChange:
    """Returns ``change`` with the instruction of its task; raises BadInput where there is no such task, or both."""
    from kb.models.embed.instructions import TASKS

    if change.task is None:
        return change
    if change.instruction is not None:
        raise BadInput("Give a task or an instruction, not both: a task is an instruction by its name.")
    if change.task not in TASKS:
        raise BadInput(f"There is no task of that name. Known: {', '.join(TASKS)}.")
    return replace(change, task=None, instruction=TASKS[change.task])


def known_tasks() -> tuple[str, ...]:
    """Returns the names of what questions can be for."""
    from kb.models.embed.instructions import TASKS

    return tuple(TASKS)


def in_words(settings: Mapping[str, Any]) -> str:
    """Returns the model that ``settings`` name, and what else they say that is not as it comes."""
    said = {name: value for name, value in settings.items() if value not in (None, "auto")}
    model = said.pop("model", "auto")
    rest = ", ".join(f"{name} {value}" for name, value in said.items() if name != "url")
    return f"{model} ({rest})" if rest else str(model)


def checked(current: EmbeddingSettings, values: dict[str, Any]) -> EmbeddingSettings:
    """Returns ``current`` with ``values`` in it, without the key where it is for another server.

    Raises:
        BadInput: a value cannot be one.
    """
    held = {name: getattr(current, name) for name in EmbeddingSettings.model_fields}
    url = values.get("url")
    if url and server_of(url) is None:
        raise BadInput("That is no address of a server. It must begin with http:// or https://.")
    if url and current.url and server_of(url) != server_of(current.url):
        held["key"] = None
    try:
        return EmbeddingSettings.model_validate({**held, **values})
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_context=False)[0]["loc"][0])
        if name == "engine":
            known = ", ".join(ENGINES)
            raise BadInput(f"There is no embedding engine of that name. Known: {known}.") from error
        raise BadInput(f"embedding.{name} must be {wanted_value(f'embedding.{name}')}.") from error


def known_models() -> tuple[str, ...]:
    """Returns the names of the models that are known by name."""
    from kb.models.embed.spec import SPECS

    return ("bundled", *SPECS)


def said_by(settings: EmbeddingSettings) -> dict[str, Any]:
    """Returns the values of ``FIELDS``."""
    return {name: getattr(settings, name) for name in FIELDS}


def explicit(settings: EmbeddingSettings, model: str) -> EmbeddingSettings:
    """Returns ``settings`` with the name of the ``model`` that ``auto`` chose, so that they go on meaning that one."""
    from kb.models.embed.spec import BUNDLED

    if settings.model != "auto" or settings.engine in EMBEDDERS:
        return settings
    return settings.model_copy(update={"model": "bundled" if model == BUNDLED else model})


def require_changeable(current: EmbeddingSettings, wanted: EmbeddingSettings) -> None:
    """Makes sure that what is written to the settings file will count.

    Raises:
        Misconfigured: the environment sets some of it.
    """
    names = [f"embedding.{name}" for name in _changed(current, wanted)]
    if given := given_by_environment(names):
        raise Misconfigured(
            f"The environment sets {', '.join(given)}, which counts before the settings file. Unset it, and write "
            "what it says into footnote.toml; then switch."
        )


def write(file: Path, current: EmbeddingSettings, wanted: EmbeddingSettings) -> None:
    """Writes what differs into the settings ``file``; raises Misconfigured as ``set_in_section`` does."""
    values = _changed(current, wanted)
    if current.key is not None and wanted.key is None:
        values["key"] = None
    if values:
        set_in_section(file, "embedding", values)


def _changed(current: EmbeddingSettings, wanted: EmbeddingSettings) -> dict[str, Any]:
    before = said_by(current)
    return {name: value for name, value in said_by(wanted).items() if value != before[name]}


def _runs_here(model: str) -> bool:
    return model in ("auto", "bundled") or Path(model).expanduser().is_dir()


@dataclass(frozen=True, slots=True)
class Note:
    """A change that was begun: it is done where the settings name its target."""

    source: dict[str, Any]
    """``FIELDS`` before it, by explicit names: what ``undo`` returns to."""
    target: dict[str, Any]
    begun_from: dict[str, Any]
    """``FIELDS`` before it, as they were given."""
    before: dict[str, Any] | None = None
    """The note of the change before it, which can be undone again where this one comes to nothing."""

    def write(self, file: Path) -> None:
        part = file.with_name(f"{file.name}.part")
        part.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
        part.replace(file)

    def is_done(self, settings: EmbeddingSettings) -> bool:
        """Whether the settings name the target."""
        return said_by(settings) == self.target

    def is_under_way(self, settings: EmbeddingSettings) -> bool:
        """Whether the settings are still those from which it was begun."""
        return said_by(settings) == self.begun_from and not self.is_done(settings)


def begin_note(
    file: Path, *, source: EmbeddingSettings, wanted: EmbeddingSettings, current: EmbeddingSettings
) -> None:
    """Notes in ``file`` that a change begins, from ``current``, which ``source`` says by explicit names."""
    before = read_note(file)
    if before is not None:
        kept = {**asdict(before), "before": None} if before.is_done(current) else before.before
    else:
        kept = None
    Note(said_by(source), said_by(wanted), said_by(current), kept).write(file)


def drop_note(file: Path) -> None:
    """Forgets the change that is noted in ``file`` and came to nothing; what was noted before it counts again."""
    note = read_note(file)
    if note is not None and note.before is not None:
        Note(**note.before).write(file)
    else:
        file.unlink(missing_ok=True)


def read_note(file: Path) -> Note | None:
    """Returns the note in ``file``; None where there is none that can be read."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        note = Note(**said)
        noted = [note] if note.before is None else [note, Note(**note.before)]
        is_whole = all(
            set(FIELDS) == side.keys()
            for each in noted
            for side in (each.source, each.target, each.begun_from)
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return note if is_whole else None
