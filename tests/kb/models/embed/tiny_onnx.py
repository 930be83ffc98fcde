"""Writes a small Qwen3 in the layout of ONNX exports as published: states of the tokens, positions given."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

_SMALL_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "sentence_bert_config.json")


def published_export(folder: Path, to: Path, *, past: bool = False) -> Path:
    """Exports the model in ``folder`` to ``to``/onnx/model.onnx; neither its weights nor its modules come along.

    ``past``: whether it wants keys and values of what was read before, as exports for generating do.
    """
    import torch
    from transformers import DynamicCache, Qwen3Model

    class States(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = Qwen3Model.from_pretrained(folder, attn_implementation="eager")

        def forward(self, ids: Any, mask: Any, positions: Any, *before: Any) -> Any:
            cache = None
            if before:
                cache = DynamicCache()
                for layer in range(len(before) // 2):
                    cache.update(before[2 * layer], before[2 * layer + 1], layer)
            return self.network(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=cache is not None,
            ).last_hidden_state

    (to / "onnx").mkdir(parents=True)
    for name in _SMALL_FILES:
        shutil.copy(folder / name, to / name)
    ids = torch.tensor([[1, 2, 3, 4], [3, 2, 1, 1]])
    names = ["input_ids", "attention_mask", "position_ids"]
    before: list[Any] = []
    axes: dict[str, dict[int, str]] = {name: {0: "batch", 1: "tokens"} for name in names}
    if past:
        names += [f"past_key_values.{layer}.{part}" for layer in range(2) for part in ("key", "value")]
        before = [torch.zeros(2, 2, 0, 16)] * 4
        axes |= {name: {0: "batch", 2: "past"} for name in names[3:]}
    model = States().eval()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (ids, torch.ones_like(ids), torch.arange(4).expand(2, 4).contiguous(), *before),
            str(to / "onnx" / "model.onnx"),
            dynamo=False,
            input_names=names,
            output_names=["last_hidden_state"],
            dynamic_axes=axes | {"last_hidden_state": {0: "batch", 1: "tokens"}},
        )
    return to
