"""A short share of ``python -m tests.full_disk``, and the reserve by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import DiskFull
from kb.models.embed import bundled
from kb.system.reserve import Reserve
from tests.full_disk.run import reason_to_skip, run, small_disk


def test_nothing_is_lost_on_a_full_disk_and_removing_still_works() -> None:
    if reason := reason_to_skip():
        pytest.skip(reason)
    ledger = run(points=3, seed=5)
    assert not any(ledger.bad().values()), ledger.bad()
    assert ledger.acknowledged
    assert ledger.refused + len(ledger.removed) > 2


def test_a_model_that_has_no_room_ends_in_a_sentence() -> None:
    if reason := reason_to_skip():
        pytest.skip(reason)
    with small_disk(8) as disk:
        with pytest.raises(
            DiskFull, match=r"bundled model cannot be unpacked .* needs 480 MB .* 8 MB are free"
        ):
            bundled.unpack(disk / "models")
        assert list(disk.iterdir()) == []
        with pytest.raises(OSError, match="No space left"):  # and not BufferError: the room goes meanwhile
            bundled.write_model(bundled.packed_file(), disk)


def test_the_reserve_takes_real_room_and_gives_it_back(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, megabytes=2)
    assert not reserve.release()
    reserve.keep()
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_size == 2 << 20
    assert kept.stat().st_blocks * 512 >= 2 << 20
    assert reserve.release()
    assert list(tmp_path.iterdir()) == []


def test_a_reserve_of_another_size_is_made_anew(tmp_path: Path) -> None:
    Reserve(tmp_path, megabytes=2).keep()
    Reserve(tmp_path, megabytes=1).keep()
    assert (tmp_path / "reserve").stat().st_size == 1 << 20
    Reserve(tmp_path, megabytes=0).keep()
    assert list(tmp_path.iterdir()) == []
