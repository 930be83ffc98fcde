"""Models from the Hugging Face hub: found in its cache, or downloaded with the size said first."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import BackendDown, Misconfigured
from kb.system.network_environment import require_usable_network

if TYPE_CHECKING:
    from tqdm.auto import tqdm

Announce = Callable[[str], None]
"""Shows a sentence to whoever waits."""

_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors", "README.md", "LICENSE*"]
"""The card and the licence too; no pickles, no code, no copies of the weights for other engines."""
_UNWANTED = ["onnx/*", "openvino/*"]
_REACH_SECONDS = 5.0
_TOLD_SECONDS = 20.0


def cached(model: str, revision: str | None, *, cache: Path | None = None) -> Path | None:
    """Returns the folder of a model that was downloaded whole before; None if it was not. Uses no network.

    ``cache=None`` is the hub's own folder (``HF_HOME``, ``HF_HUB_CACHE``).
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            model,
            revision=revision,
            cache_dir=cache,
            local_files_only=True,
            allow_patterns=_WANTED,
            ignore_patterns=_UNWANTED,
        )
    except LocalEntryNotFoundError:
        return None
    return Path(folder) if is_whole(Path(folder)) else None


def fetch(model: str, revision: str | None, *, size: int, announce: Announce) -> Path:
    """Returns the model's folder, downloaded first if needed; ``size`` in bytes, 0 when it is not known.

    Raises:
        BackendDown: the hub cannot be reached.
        Misconfigured: the hub has no such model, wants a login for it, or the disk is full.
    """
    if folder := cached(model, revision):
        return folder
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    _require_hub(model, constants.ENDPOINT, offline=constants.HF_HUB_OFFLINE)
    _require_room(model, Path(constants.HF_HUB_CACHE), size)
    announce(f"Downloading {model} ({in_gigabytes(size)}) from {constants.ENDPOINT}.")
    try:
        downloaded = snapshot_download(
            model,
            revision=revision,
            allow_patterns=_WANTED,
            ignore_patterns=_UNWANTED,
            tqdm_class=announcing(model, announce),
        )
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise Misconfigured(
            f"The hub has no model {model!r}, or wants a login for it. Check the setting embedding.model."
        ) from error
    except (HfHubHTTPError, OSError) as error:
        raise BackendDown(
            f"{model} could not be downloaded: {error}. What has arrived is kept; start again to go on."
        ) from error
    announce(f"{model} is downloaded.")
    return Path(downloaded)


def download_bytes(model: str, revision: str | None) -> int:
    """Returns how many bytes ``fetch`` would download, by the hub's own account; 0 where it does not say.

    Raises:
        BackendDown: the hub cannot be reached.
        Misconfigured: it has no such model, or wants a login for it.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    _require_hub(model, constants.ENDPOINT, offline=constants.HF_HUB_OFFLINE)
    try:
        told = HfApi().model_info(model, revision=revision, files_metadata=True, timeout=_TOLD_SECONDS)
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise Misconfigured(
            f"The hub has no model {model!r}, or wants a login for it. Check its name."
        ) from error
    except (HfHubHTTPError, OSError) as error:
        raise BackendDown(f"The hub does not say what {model} consists of: {error}. Try again.") from error
    sizes = {file.rfilename: file.size or 0 for file in told.siblings or ()}
    return sum(
        size for name, size in sizes.items() if _matches(name, _WANTED) and not _matches(name, _UNWANTED)
    )


def _matches(name: str, patterns: list[str]) -> bool:
    """Whether ``fetch`` means a file by one of ``patterns``, as the hub's client reads them."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def is_whole(folder: Path) -> bool:
    """Returns whether all weights arrived: the hub's client returns a folder in which some files are missing."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return any(path.is_file() for path in folder.glob("*.safetensors"))
    try:
        held = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    parts = held.get("weight_map") if isinstance(held, dict) else None
    return isinstance(parts, dict) and all((folder / part).is_file() for part in parts.values())


def in_gigabytes(size: int) -> str:
    """Returns ``size`` (bytes) for a person."""
    return f"about {size / 1e9:.1f} GB" if size else "of unknown size"


def _require_hub(model: str, endpoint: str, *, offline: bool) -> None:
    """Asks once: the hub's own client tries for 24 seconds before it gives up."""
    import httpx

    advice = (
        f"{model} is not on this machine yet. Connect it to the network once, copy the model's folder "
        'here and set embedding.model to its path, or set embedding.model = "bundled".'
    )
    if offline:
        raise BackendDown(f"HF_HUB_OFFLINE is set, and {advice}")
    require_usable_network()
    try:
        httpx.head(endpoint, timeout=_REACH_SECONDS)
    except httpx.HTTPError as error:
        raise BackendDown(f"{endpoint} cannot be reached ({error}), and {advice}") from error


def _require_room(model: str, cache: Path, size: int) -> None:
    there = next(folder for folder in (cache, *cache.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    if free < size:
        raise Misconfigured(
            f"{model} needs {size / 1e6:.0f} MB in {cache}, where {free / 1e6:.0f} MB are free. "
            "Make room, or point HF_HOME to another disk."
        )


def announcing(model: str, announce: Announce) -> type[tqdm[Any]]:
    """Returns a class of progress bar that announces every tenth of the bytes instead of drawing."""
    from tqdm.auto import tqdm

    class Announcing(tqdm):  # type: ignore[type-arg]  # it takes no parameter when the program runs
        """The progress bar that huggingface_hub expects; draws nothing."""

        said = 0

        def display(self, *_: Any, **__: Any) -> None:
            """Announces; called by ``update`` and ``refresh`` where a bar would be drawn."""
            if self.unit != "B" or not self.total:
                return
            tenth = min(10, int(10 * self.n / self.total))
            if tenth > Announcing.said:  # one count for both of the hub's bars, received and unpacked
                Announcing.said = tenth
                announce(f"{model}: {10 * tenth}% of {self.total / 1e9:.1f} GB")

    return Announcing
