"""What is known of each embedding model before it is downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from kb.errors import Misconfigured

BUNDLED = "intfloat/multilingual-e5-small"


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """How a model wants to be used. Models whose specs differ in more than cost embed texts differently."""

    model: str
    """Hub id, or the name of a folder."""
    revision: str | None
    """Commit on the hub, or a hash of the folder's files; None for the hub's newest."""
    width: int
    """Native width, in dimensions."""
    narrowest: int
    """The smallest width that a prefix still works at; equal to ``width`` when the model has no Matryoshka training."""
    max_tokens: int
    """The longest input, prompt and special tokens included."""
    query_prompt: str = ""
    document_prompt: str = ""
    pooling: str = "mean"
    padding: Literal["left", "right"] = "right"
    end_token: str | None = None
    """Appended to every text where the tokenizer does not do so by itself; None for none."""
    reduced: bool = False
    """Whether the model runs in bfloat16 on a GPU that computes in it; float32 everywhere else."""
    download_bytes: int = 0
    """Approximate; 0 when it is not known."""
    gpu_bytes: int = 0
    """Free GPU memory that it needs with batches of our size, approximately; 0 when it is not known."""

    @property
    def details(self) -> str:
        """Prompts and pooling in one stable string, for the fingerprint."""
        return f"query={self.query_prompt!r} document={self.document_prompt!r} pooling={self.pooling}"

    def checked_width(self, width: int | None) -> int:
        """Returns ``width``, or the native one for None.

        Raises:
            Misconfigured: the model has no such width; the message names the allowed range.
        """
        if width is None or width == self.width:
            return self.width
        if self.narrowest <= width < self.width:
            return width
        if self.narrowest == self.width:
            raise Misconfigured(
                f"embedding.width = {width} does not fit {self.model}, which allows only {self.width}. "
                "Change it, or remove it to keep the model's own width."
            )
        raise Misconfigured(
            f"embedding.width = {width} does not fit {self.model}, which allows {self.narrowest} to {self.width}. "
            "Change it, or remove it to keep the model's own width."
        )


def _qwen3(size: str, revision: str, *, width: int, parameters: int) -> EmbedderSpec:
    """Returns the spec of https://huggingface.co/Qwen/Qwen3-Embedding-0.6B or of its two sisters."""
    weights = 2 * parameters  # published in bfloat16
    return EmbedderSpec(
        model=f"Qwen/Qwen3-Embedding-{size}",
        revision=revision,
        width=width,
        narrowest=32,
        max_tokens=32768,
        # The text of config_sentence_transformers.json: no space after "Query:".
        query_prompt=(
            "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
        ),
        pooling="lasttoken",
        padding="left",
        end_token="<|endoftext|>",  # noqa: S106 - not a password
        reduced=True,
        download_bytes=weights,
        gpu_bytes=weights + 2_000_000_000,
    )


def _e5(model: str, revision: str, *, width: int, parameters: int) -> EmbedderSpec:
    """Returns the spec of https://huggingface.co/intfloat/multilingual-e5-small or -large, which need prompts."""
    return EmbedderSpec(
        model=model,
        revision=revision,
        width=width,
        narrowest=width,
        max_tokens=512,
        query_prompt="query: ",
        document_prompt="passage: ",
        download_bytes=4 * parameters,
        gpu_bytes=4 * parameters + 1_000_000_000,
    )


_KNOWN = (
    _e5(BUNDLED, "fd1525a9fd15316a2d503bf26ab031a61d056e98", width=384, parameters=117_653_760),
    _e5(
        "intfloat/multilingual-e5-large",
        "ab10c1a7f42e74530fe7ae5be82e6d4f11a719eb",
        width=1024,
        parameters=560_000_000,
    ),
    _qwen3("0.6B", "b22da495047858cce924d27d76261e96be6febc0", width=1024, parameters=595_776_512),
    _qwen3("4B", "636cd9bf47d976946cdbb2b0c3ca0cb2f8eea5ff", width=2560, parameters=4_021_774_336),
    _qwen3("8B", "4e423935c619ae4df87b646a3ce949610c66241c", width=4096, parameters=7_567_295_488),
)
SPECS = MappingProxyType({spec.model: spec for spec in _KNOWN})
"""Hub id -> spec. Revisions, widths and parameter counts as the MTEB leaderboard's own model table pins them."""


def known(name: str) -> EmbedderSpec | None:
    """Returns the spec of a model named by its hub id or by the part after the slash, in any case; None if unknown."""
    wanted = name.lower()
    for spec in SPECS.values():
        if wanted in (spec.model.lower(), spec.model.lower().rpartition("/")[2]):
            return spec
    return None
