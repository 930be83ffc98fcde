"""A small reranker as a GGUF file: a BERT that has learnt to tell the pairs of the proof apart, in seconds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kb.models.rerank.proof import TRIALS
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import tiny_bert

_LONGEST = 512
_STEPS = 60


class TinyReranker:
    """The model in PyTorch, and in ``file``."""

    def __init__(self, folder: Path, *, learns: bool = True) -> None:
        """``learns``: else its weights are random, and it orders nothing."""
        import torch
        from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, set_seed

        set_seed(0)
        tiny_bert(folder)
        load: Any = AutoTokenizer.from_pretrained
        self._tokenizer = load(str(folder))
        config: Any = BertConfig.from_pretrained(str(folder))
        config.max_position_embeddings, config.num_labels = _LONGEST, 1
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
        config.initializer_range = 0.1
        network: Any = BertForSequenceClassification
        self._network: Any = network(config)
        if learns:
            torch.set_num_threads(1)
            self._learn()
        self._network.eval().save_pretrained(str(folder))
        (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": _LONGEST}))
        self.file = tiny_gguf(folder, folder.parent / f"{folder.name}-reranker.gguf")

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """Returns what PyTorch computes for each pair alone."""
        import torch

        with torch.no_grad():
            return [float(self._network(**self._ids([(question, passage)])).logits) for passage in passages]

    def _ids(self, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Returns pairs as llama.cpp joins them: ``<s> question </s> passage </s>``, all of one segment."""
        import torch

        def plain(text: str) -> list[int]:
            return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

        rows = [[1, *plain(question), 2, *plain(passage), 2] for question, passage in pairs]
        width = max(map(len, rows))
        ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        return {"input_ids": ids, "attention_mask": mask}

    def _learn(self) -> None:
        import torch

        trial = TRIALS[0]
        pairs = [(question, passage) for question in trial.questions for passage in trial.passages]
        wanted = torch.eye(len(trial.questions)).reshape(-1, 1)
        inputs = self._ids(pairs)
        step = torch.optim.Adam(self._network.parameters(), lr=2e-3)
        for _ in range(_STEPS):
            step.zero_grad()
            logits = self._network(**inputs).logits
            loss: Any = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted)
            loss.backward()
            step.step()
