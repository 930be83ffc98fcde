"""What errors and states say of the owner's machine: its paths and the addresses of its servers, for owners alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kb.config import Settings
from kb.config.sections import AnsweringSettings
from kb.types import AccessScope, Caller

_SAID_TO_ALL = {"oidc"}
"""Settings whose places every browser learns that comes: it is sent to the provider of identities."""
_SAID_BY_ALL = urlsplit(AnsweringSettings().ollama_url).netloc
"""Stands in the documentation of Ollama, and says nothing of this machine."""


def without_places(body: bytes, caller: Caller | None, settings: Settings) -> bytes:
    """Returns what ``caller`` is sent; places are as many stars for whoever may not see all, so that its length stays.

    None is the owner of the machine.
    """
    if caller is None or (caller.collections is None and caller.scope is AccessScope.ADMIN):
        return body
    return _pattern(frozenset(_places(settings.model_dump(exclude=_SAID_TO_ALL)))).sub(
        lambda found: b"*" * len(found[0]), body
    )


def _places(value: Any) -> Iterator[str]:
    """Yields the paths, and the hosts with their ports, that stand in settings of whatever name."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _places(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _places(each)
    elif isinstance(value, Path):
        yield from {str(value), str(value.absolute())}
    elif isinstance(value, str) and "://" in value:
        yield urlsplit(value).netloc.rpartition("@")[2]
    elif isinstance(value, str) and "//" in value:  # gguf//a/path
        yield f"/{value.partition('//')[2]}"
    elif isinstance(value, str) and value.startswith("/"):
        yield value


@lru_cache(maxsize=8)
def _pattern(places: frozenset[str]) -> re.Pattern[bytes]:
    """Returns what finds them as words of their own, longer ones first."""
    told = sorted((each for each in places if len(each) > 1 and each != _SAID_BY_ALL), key=len, reverse=True)
    joined = b"|".join(re.escape(each.encode()) for each in told)
    return re.compile(rb"(?<![\w.-])(?:" + joined + rb")(?![\w-])" if told else rb"(?!)")
