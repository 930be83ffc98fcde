"""Original files, named by their bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import BadInput, NotFound
from kb.state.blobs import BlobStore


def test_a_blob_is_named_by_its_bytes_and_leaves_nothing_else(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    source = tmp_path / "../x.txt"
    source.write_bytes(b"hello")
    stored = store.put(source, name="x.txt", max_bytes=100)
    assert stored.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert store.path(stored.sha256).read_bytes() == b"hello"
    assert store.put(source, name="x.txt", max_bytes=100) == stored
    assert store.hashes() == {stored.sha256}
    assert len([path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]) == 1
    store.remove(stored.sha256)
    assert store.hashes() == set()


def test_a_file_above_the_limit_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    source = tmp_path / "big.bin"
    source.write_bytes(b"x" * (3 << 20))
    with pytest.raises(BadInput, match=r"big\.bin is larger than 2 MB"):
        store.put(source, name="big.bin", max_bytes=2 << 20)
    with pytest.raises(BadInput, match=r"gone\.bin cannot be read"):
        store.put(tmp_path / "gone.bin", name="gone.bin", max_bytes=1)
    assert list((tmp_path / "blobs").iterdir()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 63 + "/"])
def test_nothing_but_a_hash_is_ever_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        BlobStore(tmp_path / "blobs").path(name)
