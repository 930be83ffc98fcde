"""The vectors of a small Qwen3, from the formulas in numpy alone: what every engine has to return.

Qwen3 (https://arxiv.org/abs/2505.09388, section 2): RMSNorm before each part, grouped-query attention with normalised
queries and keys, rotary positions, a causal mask, SwiGLU. Qwen3-Embedding (https://arxiv.org/abs/2506.05176): the
state of the last token, which is the end token, scaled to length 1; the instruction stands before the question.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Matrix

    Numbers = NDArray[np.float64]


class ReferenceQwen3:
    """Reads a sentence-transformers folder. Computes in float64, one text after the other, without padding."""

    def __init__(self, folder: Path) -> None:
        self._config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        self._longest: int = json.loads((folder / "sentence_bert_config.json").read_text("utf-8"))[
            "max_seq_length"
        ]
        self._prompts: dict[str, str] = json.loads(
            (folder / "config_sentence_transformers.json").read_text("utf-8")
        )["prompts"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._end = int(self._tokenizer.token_to_id("<|endoftext|>") or 0)
        weights = load_file(folder / "model.safetensors")
        self._weights: dict[str, Numbers] = {
            name: tensor.astype(np.float64) for name, tensor in weights.items()
        }

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        return self._embed([self._prompts["query"] + text for text in texts])

    def embed_documents(self, texts: Sequence[str]) -> Matrix:
        return self._embed([self._prompts["document"] + text for text in texts])

    def _embed(self, texts: Sequence[str]) -> Matrix:
        """Returns rows of length 1."""
        vectors = np.stack([self._last_state(self.ids(text)) for text in texts])
        unit: Matrix = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def ids(self, text: str) -> list[int]:
        """Returns the tokens of ``text``, cut so that the end token still fits."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return [*ids[: self._longest - 1], self._end]

    def _last_state(self, ids: Sequence[int]) -> Numbers:
        states = self._weights["embed_tokens.weight"][list(ids)]
        for layer in range(self._config["num_hidden_layers"]):
            name = f"layers.{layer}."
            states = states + self._attention(
                self._norm(states, f"{name}input_layernorm"), f"{name}self_attn."
            )
            states = states + self._swiglu(
                self._norm(states, f"{name}post_attention_layernorm"), f"{name}mlp."
            )
        last: Numbers = self._norm(states, "norm")[-1]
        return last

    def _attention(self, states: Numbers, name: str) -> Numbers:
        count, size = len(states), self._config["head_dim"]
        queries = self._linear(states, f"{name}q_proj").reshape(count, -1, size)
        keys = self._linear(states, f"{name}k_proj").reshape(count, -1, size)
        values = self._linear(states, f"{name}v_proj").reshape(count, -1, size)
        queries = self._rotated(self._norm(queries, f"{name}q_norm"))
        keys = self._rotated(self._norm(keys, f"{name}k_norm"))
        group = queries.shape[1] // keys.shape[1]
        found = np.empty_like(queries)
        for head in range(queries.shape[1]):
            scores = queries[:, head] @ keys[:, head // group].T / np.sqrt(size)
            scores[np.triu_indices(count, 1)] = -np.inf
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
            found[:, head] = shares / shares.sum(axis=1, keepdims=True) @ values[:, head // group]
        return self._linear(found.reshape(count, -1), f"{name}o_proj")

    def _swiglu(self, states: Numbers, name: str) -> Numbers:
        gate = self._linear(states, f"{name}gate_proj")
        return self._linear(
            gate / (1 + np.exp(-gate)) * self._linear(states, f"{name}up_proj"), f"{name}down_proj"
        )

    def _linear(self, states: Numbers, name: str) -> Numbers:
        found: Numbers = states @ self._weights[f"{name}.weight"].T
        return found

    def _norm(self, states: Numbers, name: str) -> Numbers:
        """Returns RMSNorm over the last axis."""
        mean = np.square(states).mean(axis=-1, keepdims=True)
        found: Numbers = (
            states / np.sqrt(mean + self._config["rms_norm_eps"]) * self._weights[f"{name}.weight"]
        )
        return found

    def _rotated(self, heads: Numbers) -> Numbers:
        """Returns rotary positions: dimension i turns with i + half, by position / theta^(2i / size)."""
        half = heads.shape[-1] // 2
        theta = self._config["rope_parameters"]["rope_theta"]
        angles = np.arange(len(heads))[:, None] * theta ** -(np.arange(half) / half)
        cosines, sines = np.cos(angles)[:, None], np.sin(angles)[:, None]
        first, second = heads[..., :half], heads[..., half:]
        return np.concatenate([first * cosines - second * sines, second * cosines + first * sines], axis=-1)
