"""The folder of an embedding model that runs in this process: unpacked, found, or downloaded."""

from __future__ import annotations

import re
from pathlib import Path

from kb.config import Settings, expanded
from kb.errors import Misconfigured
from kb.models import hub
from kb.models.embed import bundled
from kb.models.embed.spec import SPECS, EmbedderSpec, known
from kb.models.hub import Announce
from kb.system.home_layout import HomeLayout

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def obtain(settings: Settings, name: str, *, announce: Announce) -> Path:
    """Returns the folder of the model ``name``: bundled, a folder, a known model, or a hub id.

    Raises:
        Misconfigured: it is none of these, does not allow the width that is set, or cannot be had.
        BackendDown: it is not here, nor can the hub be reached.
    """
    if name == "bundled":
        return unpacked(settings)
    if (folder := expanded(Path(name))).is_dir():
        return folder
    if (folder := HomeLayout(settings.home).models / name / "config.json").is_file():
        return folder.parent  # one that was added
    if spec := known(name):
        spec.checked_width(settings.embedding.width)  # before gigabytes are downloaded
        return fetched(spec, announce)
    require_named(settings, name)
    return hub.fetch(name, None, size=0, announce=announce)


def require_named(settings: Settings, name: str) -> None:
    """Raises Misconfigured where ``name`` is the name of no model: nothing that is here, and no hub id either."""
    if name == "bundled" or expanded(Path(name)).is_dir() or known(name) or _HUB_ID.fullmatch(name):
        return
    if (HomeLayout(settings.home).models / name / "config.json").is_file():
        return
    raise Misconfigured(
        f"embedding.model = {name!r} is neither a folder nor a model. Known: auto, bundled, {', '.join(SPECS)}; "
        "any other sentence-transformers model goes by its folder or by its hub id, owner/name."
    )


def unpacked(settings: Settings) -> Path:
    """Returns the folder of the bundled model, unpacked first if it is not there yet (seconds)."""
    return bundled.unpack(HomeLayout(settings.home).models)


def fetched(spec: EmbedderSpec, announce: Announce) -> Path:
    """Returns the folder of a known model, downloaded first if it is not here.

    Raises:
        Misconfigured, BackendDown: as ``obtain``.
    """
    return hub.fetch(spec.model, spec.revision, size=spec.download_bytes, announce=announce)
