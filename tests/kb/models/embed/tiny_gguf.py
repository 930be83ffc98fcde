"""Writes a small model's folder (``tiny_model``) as a GGUF file: float32, with the same tokens.

Names of tensors and keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md and ``gguf.get_tensor_name_map``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gguf
from safetensors.numpy import load_file

_ARCHITECTURES = {"qwen3": gguf.MODEL_ARCH.QWEN3, "bert": gguf.MODEL_ARCH.BERT}
_POOLINGS = {
    "mean": gguf.PoolingType.MEAN,
    "cls": gguf.PoolingType.CLS,
    "lasttoken": gguf.PoolingType.LAST,
}
_NOT_WEIGHTS = ("pooler.", "embeddings.position_ids")
"""llama.cpp pools by itself."""


def tiny_gguf(folder: Path, file: Path, *, pooling: bool = True, end_token: bool = True) -> Path:
    """Writes the model in ``folder`` to ``file``, and returns that.

    ``pooling``: whether the file says how token vectors are pooled. ``end_token``: whether it says that texts end in
    one; older files do not.
    """
    config = _json(folder / "config.json")
    architecture = str(config["model_type"])
    writer = gguf.GGUFWriter(file, architecture)
    writer.add_name("tiny")
    ranks = any(kind.endswith("ForSequenceClassification") for kind in config["architectures"])
    if ranks:
        writer.add_pooling_type(gguf.PoolingType.RANK)
    elif pooling:
        writer.add_pooling_type(_POOLINGS[_json(folder / "1_Pooling/config.json")["pooling_mode"]])
    _add_shape(writer, config, longest=_json(folder / "sentence_bert_config.json")["max_seq_length"])
    _add_tokens(writer, _json(folder / "tokenizer.json"), end_token=end_token)
    names = gguf.get_tensor_name_map(_ARCHITECTURES[architecture], config["num_hidden_layers"])
    for name, tensor in load_file(folder / "model.safetensors").items():
        name = name.removeprefix("bert.")
        if ranks or not name.startswith(_NOT_WEIGHTS):
            theirs = _of_head(name) or names.get_name(name, try_suffixes=(".weight", ".bias"))
            assert theirs is not None, name
            writer.add_tensor(theirs, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _of_head(name: str) -> str | None:
    """Returns what GGUF calls a tensor of the layers that give a pair its score; None for all others."""
    for ours, theirs in (("pooler.dense.", "cls."), ("classifier.", "cls.output.")):
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    return None


def _add_shape(writer: gguf.GGUFWriter, config: dict[str, Any], *, longest: int) -> None:
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(longest)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    if config["model_type"] == "bert":
        writer.add_layer_norm_eps(config["layer_norm_eps"])
        writer.add_causal_attention(False)
        writer.add_token_type_count(config["type_vocab_size"])
        return
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])


def _add_tokens(writer: gguf.GGUFWriter, tokenizer: dict[str, Any], *, end_token: bool) -> None:
    """Adds the byte-level BPE that ``tiny_model`` trains: with GPT-2's pattern, which ``tokenizers`` goes by, too."""
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    special = {token["id"] for token in tokenizer["added_tokens"]}
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if at in special else gguf.TokenType.NORMAL for at in range(len(tokens))]
    )
    writer.add_token_merges([" ".join(merge) for merge in tokenizer["model"]["merges"]])
    begins = "<s>" in vocabulary
    writer.add_bos_token_id(vocabulary.get("<s>", 0))
    writer.add_eos_token_id(vocabulary.get("</s>", 0))
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(begins)
    writer.add_add_eos_token(end_token)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
