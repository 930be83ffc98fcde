"""Small random models in real sentence-transformers folders: a BERT, and a Qwen3 like Qwen3-Embedding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

_TEXTS = [
    "the quick brown fox jumps over the lazy dog",
    "知识库 回答 每个问题",
    "was ist der Unterschied?",
] * 3
QWEN_PROMPT = "Instruct: Given a web search query, retrieve relevant passages\nQuery:"
MAX_TOKENS = 64


def tiny_bert(folder: Path) -> Path:
    """Mean pooling, right padding, prompts as E5 has them."""
    from transformers import BertConfig, BertModel

    tokenizer = _trained(["<pad>", "<s>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=MAX_TOKENS,
        initializer_range=0.3,
    )
    prompts = {"query": "query: ", "document": "passage: "}
    return _save(BertModel, config, tokenizer, folder, prompts=prompts, pooling="mean", padding="right")


def tiny_qwen3(folder: Path, *, max_tokens: int = MAX_TOKENS, layers: int = 2, width: int = 64) -> Path:
    """Last-token pooling, left padding, an instruction for questions, nothing for passages.

    ``max_tokens``: the longest input; ``layers`` of ``width`` make it less tiny.
    """
    from transformers import Qwen3Config, Qwen3Model

    tokenizer = _trained(["<|endoftext|>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <|endoftext|>", special_tokens=[("<|endoftext|>", 0)]
    )
    config = Qwen3Config(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        intermediate_size=2 * width,
        max_position_embeddings=max(512, max_tokens),
        initializer_range=0.3,
    )
    prompts = {"query": QWEN_PROMPT, "document": ""}
    return _save(
        Qwen3Model,
        config,
        tokenizer,
        folder,
        prompts=prompts,
        pooling="lasttoken",
        padding="left",
        max_tokens=max_tokens,
    )


def _trained(special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_TEXTS, trainer)
    return tokenizer


def _save(
    kind: Any,
    config: Any,
    tokenizer: Tokenizer,
    folder: Path,
    *,
    prompts: dict[str, str],
    pooling: str,
    padding: str,
    max_tokens: int = MAX_TOKENS,
) -> Path:
    import torch

    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(7)
        model = kind(config).eval()
        for parameter in model.parameters():
            if parameter.ndim == 1:  # as a new model has them they are ones and zeros: nobody would miss them
                parameter.uniform_(0.5, 1.5)
            parameter.copy_(parameter.bfloat16())  # as Qwen publishes its weights: half of the bits hold them
        model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    tail = "<|endoftext|>" if padding == "left" else "<pad>"
    files: dict[str, object] = {
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "pad_token": tail,
            "padding_side": padding,
            "model_max_length": max_tokens,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        ],
        "1_Pooling/config.json": {"embedding_dimension": 64, "pooling_mode": pooling, "include_prompt": True},
        "sentence_bert_config.json": {"max_seq_length": max_tokens},
        "config_sentence_transformers.json": {"prompts": prompts},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder
