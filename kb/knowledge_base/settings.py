"""Settings while the app runs: what is in force and why, and changing what can be changed without a restart."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kb.config import Settings, is_secret, set_here, with_set_here
from kb.config.connections import PREFIX, is_connection_setting
from kb.config.keys import server_of_key
from kb.config.sections import setting_names
from kb.config.states import set_addresses, settings_states, when_applied, why_not_here
from kb.engine.loader import EngineLoader
from kb.errors import BadInput, Misconfigured
from kb.knowledge_base.parts import Parts
from kb.knowledge_base.stored_settings import kept_keys
from kb.models.gguf_files import gguf_files
from kb.state.settings import StoredSettings
from kb.system.addresses import checked_url, require_no_login
from kb.system.kept_keys import KeptKey
from kb.types import EXTRACTIVE, Caller, SetAddress, SettingsChanged, SettingState

if TYPE_CHECKING:
    from kb.models.chat.pool import ModelPool

log = logging.getLogger(__name__)

_BACKENDS = ("ollama", "endpoint", "gguf")


class SettingsService:
    """The settings of one data folder. They belong to whoever owns the installation, so every caller sees the same."""

    def __init__(self, parts: Parts, *, engines: EngineLoader, models: Callable[[], ModelPool]) -> None:
        self._parts = parts
        self._engines = engines
        self._models = models
        self._stored = StoredSettings(parts.database)
        self._keys = kept_keys(parts.settings.home)
        self._started = parts.settings
        self._lock = threading.Lock()

    @property
    def in_force(self) -> Settings:
        """The settings by which the next question is answered."""
        return self._engines.settings

    def all(self, *, caller: Caller) -> list[SettingState]:
        """Returns every setting with its value and where that stands; of keys only whether there is one."""
        caller.require_whole()
        return settings_states(self.in_force)

    def waiting(self, *, caller: Caller) -> tuple[str, ...]:
        """Returns the names of what was set and counts once the app is started again."""
        caller.require_whole()
        return tuple(
            name
            for name in _differing(self._started, self.in_force)
            if not name.startswith(PREFIX) and when_applied(name) == "restart"
        )

    def addresses(self, *, caller: Caller) -> list[SetAddress]:
        """Returns every address that something is sent to, by the settings in force."""
        caller.require_whole()
        return set_addresses(self.in_force)

    def change(self, values: Mapping[str, Any], *, caller: Caller) -> SettingsChanged:
        """Sets ``values``, by ``section.name``, all or none; None takes back what was set here. A connection is taken
        back whole by its name, as in ``connections.big``. Counts from the next question on, where that can be.

        Raises:
            BadInput: a name or a value cannot be, or is set where it counts before this; the sentence says where.
            DiskFull: it could not be kept; nothing is changed.
        """
        caller.require_whole()
        with self._lock:
            before = self.in_force
            wanted_values = self._expanded(before, values)
            try:
                after = _with(before, set_here(before) | wanted_values)
                foreign = dict.fromkeys(_foreign_keys(before, after, wanted_values))
                if foreign:
                    after = _with(before, set_here(before) | wanted_values | foreign)
                self._require_usable(after, wanted_values)
            except Misconfigured as error:
                raise BadInput(str(error)) from error
            self._keep(after, wanted_values | foreign)
            log.info("settings are changed", extra={"caller": caller.id, "names": sorted(wanted_values)})
            self._models().change(after)
            self._engines.ask_with(after)
        changed = tuple(sorted(_differing(before, after)))
        notes = tuple(note for note in after.notes if note not in before.notes)
        notes += tuple(f"The key {name} was for another server, and is forgotten." for name in foreign)
        return SettingsChanged(changed, self.waiting(caller=caller), notes)

    def require_settable(self, values: Mapping[str, Any], *, caller: Caller) -> None:
        """Does nothing where ``change`` would set ``values``; raises BadInput as that does."""
        caller.require_whole()
        try:
            _with(self.in_force, set_here(self.in_force) | self._expanded(self.in_force, values))
        except Misconfigured as error:
            raise BadInput(str(error)) from error

    def _expanded(self, now: Settings, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns ``values`` with the settings of each connection in the place of its name, all of which can be set."""
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name.startswith(PREFIX) and name.count(".") == 1 and value is None:
                held = [each for each in set_here(now) if each.startswith(f"{name}.")]
                if not held:
                    raise BadInput(f"{name} was not set here. Remove it where it stands: in footnote.toml.")
                found |= dict.fromkeys(held)
                continue
            if name not in setting_names() and not is_connection_setting(name):
                raise BadInput("There is no setting of that name. `app.py settings` lists those there are.")
            if reason := why_not_here(name, now.source_of(name)):
                raise BadInput(f"{name} is not set here. {reason}")
            found[name] = None if isinstance(value, str) and not value.strip() else value
        return found

    def _require_usable(self, wanted: Settings, values: Mapping[str, Any]) -> None:
        """Makes sure of what the values themselves do not show: which files may be named, and where a model may be.

        Raises:
            BadInput, Misconfigured: something cannot be.
        """
        for name, value in values.items():
            if value is not None and name.endswith("url"):
                require_no_login(str(value), key=f"{name.removesuffix('url')}key")
                checked_url(str(value), setting=name)
        self._require_listed_files(wanted, values)
        for name in ("answering.model", "judge.model"):
            model = str(wanted.value_of(name))
            if values.get(name) is not None or model.partition("/")[0] in self.in_force.connections:
                _require_model(wanted, name, model)

    def _require_listed_files(self, wanted: Settings, values: Mapping[str, Any]) -> None:
        """A file anywhere on the machine is for its owner to name, in ``footnote.toml``: who is at the page may not be.

        Raises:
            BadInput: a file is none of those in the folder of models, or of those that the settings file names.
        """
        named = [str(values[name]) for name in ("answering.gguf",) if values.get(name) is not None]
        named += [
            str(values[name]).removeprefix("gguf/")
            for name in ("answering.model", "judge.model")
            if str(values.get(name) or "").startswith("gguf/")
        ]
        named += [
            each.model or ""
            for name, each in wanted.connections.items()
            if each.kind == "gguf" and f"{PREFIX}{name}.model" in values
        ]
        files = gguf_files(self._parts.settings)
        for each in named:
            if each not in files:
                raise BadInput(
                    f"There is no model file {each[:200]!r} in the folder of models. There is: "
                    f"{', '.join(files) or 'none'}. `app.py model add FILE` puts one there; footnote.toml may name "
                    "any other."
                )
        reranker = values.get("reranker.model")
        if reranker is not None and ("/" in str(reranker) or "\\" in str(reranker)):
            raise BadInput(
                "A reranker is named here as `app.py model list` has it; one of the hub, or of another folder, is "
                "named in footnote.toml."
            )

    def _keep(self, after: Settings, values: Mapping[str, Any]) -> None:
        keys = {name: value for name, value in values.items() if is_secret(name)}
        plain = {name: value for name, value in values.items() if name not in keys}
        kept: dict[str, KeptKey | None] = {}
        for name, key in keys.items():
            server = server_of_key(name, after) if key is not None else None
            if key is not None and server is None:
                raise BadInput(f"{name} is the key of a server: set its address together with it.")
            kept[name] = KeptKey(str(key).strip(), server) if server is not None else None
        self._parts.reserve.with_reserve(lambda: self._stored.change(plain))
        if kept:
            self._keys.change(kept)


def _with(settings: Settings, values: Mapping[str, Any]) -> Settings:
    return with_set_here(settings, {name: value for name, value in values.items() if value is not None})


def _foreign_keys(before: Settings, after: Settings, given: Mapping[str, Any]) -> list[str]:
    """Returns the keys that were set here for a server that is another one now, unless they are ``given`` anew."""
    return [
        name
        for name in set_here(before)
        if is_secret(name) and name not in given and server_of_key(name, after) != server_of_key(name, before)
    ]


def _require_model(wanted: Settings, name: str, model: str) -> None:
    """Makes sure that ``model`` is a name that a setting of models can have.

    Raises:
        BadInput: it is none.
    """
    head, _, rest = model.partition("/")
    own = ("off",) if name == "judge.model" else ("auto", EXTRACTIVE)
    if model in own or head in wanted.connections or (head in _BACKENDS and rest):
        return
    known = ", ".join((*own, "ollama/NAME", "endpoint/NAME", "gguf/FILE", *wanted.connections))
    raise BadInput(f"{name} cannot be {model[:60]!r}. Known: {known}.")


def _differing(before: Settings, after: Settings) -> list[str]:
    """Returns the names of the settings whose values differ; of keys, whether they are the same one is told too."""
    names = {**before.by_name(), **after.by_name()}
    return [name for name in names if before.value_of(name) != after.value_of(name)]
