"""A key belongs to one server: whoever names another address does not send it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kb.config.connections import OLLAMA_URL, PREFIX
from kb.config.renamed import is_secret
from kb.config.sections import SECTIONS, Settings
from kb.system.addresses import secrets_of, server_of
from kb.system.redact import know_secret, names_secret


def key_addresses(given: Iterable[str] = ()) -> dict[str, str]:
    """Returns every setting that is a key -> the setting with the address it is for; of connections those ``given``."""
    found = {
        name: f"{name.removesuffix('.key')}.url"
        for name in given
        if name.startswith(PREFIX) and name.endswith(".key")
    }
    for section, held in SECTIONS.items():
        for name, field in held.model_fields.items():
            if isinstance(field.json_schema_extra, dict) and "address" in field.json_schema_extra:
                found[f"{section}.{name}"] = f"{section}.{field.json_schema_extra['address']}"
    return found


def server_of_key(name: str, settings: Settings) -> str | None:
    """Returns the server that the key ``section.name`` is for; None where no address is set."""
    address = key_addresses([name])[name]
    url = settings.value_of(address)
    if url is None and address.startswith(PREFIX):
        url = OLLAMA_URL if settings.value_of(f"{address.removesuffix('url')}kind") == "ollama" else None
    return server_of(str(url)) if url else None


class KeyBindings:
    """Which server each key is for, as sources of settings are laid one over the other.

    A key is for the address that is in force where the key is given, or, where there is none yet, for the first one
    given after it.
    """

    def __init__(self) -> None:
        self._servers: dict[str, str] = {}

    def foreign(self, given: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yields the keys in ``values`` that are for another server than the one in force now, with a sentence on each.

        ``given`` is the source that was laid on top last, ``values`` all that is in force with it.
        """
        for key, url in key_addresses(values).items():
            if key not in values or values[key] is None:
                continue
            server = server_of(str(values[url])) if values.get(url) else None
            if key in given:
                self._servers.pop(key, None)
            owner = self._servers.get(key)
            if owner is None:
                self._servers |= {key: server} if server else {}
            elif server != owner:
                yield (
                    key,
                    f"The key {key} is for {owner} and is not sent to {server or 'another address'}. "
                    f"If that wants a key, give {key} together with {url}.",
                )


def know_secrets_of(name: str, value: Any) -> None:
    """Makes known what may be secret in a value, before anything is said of it; ``name`` may be misspelt."""
    secret = names_secret(name) or is_secret(name)
    for text in _strings(value):
        if secret:
            know_secret(text)
        if "://" in text or name.endswith("url"):
            for each in secrets_of(text):
                know_secret(each)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
    elif value is not None:
        yield value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
