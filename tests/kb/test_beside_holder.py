"""Searching and asking while another process, which does not serve, imports into the same library."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from kb.errors import Conflict
from kb.types import Question
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb

ASKED = Question("How long is the bridge of Halden?")
BRIDGE = "The bridge of Halden is 1149 metres long."


async def test_what_is_ready_is_found_while_another_holds_the_library(tmp_path: Path) -> None:
    with closing(Library(tmp_path)) as library:
        library.add("bridge.txt", [BRIDGE])
        library.add("dairy.txt", ["The dairy of Vang made forty tonnes of cheese."])
    with closing(open_kb(tmp_path, embedder=HashEmbedder())) as holder:
        holder.embedder()
        with closing(open_kb(tmp_path, embedder=HashEmbedder())) as beside:
            with pytest.raises(Conflict):
                beside.embedder()
            found = await beside.query_engine_beside_holder().search(ASKED, k=5)
            assert found.hits[0].chunk.text == BRIDGE
        assert holder.maintenance.is_locked_here
        again = await holder.query_engine.search(ASKED, k=5)
        assert again.hits[0].chunk.text == BRIDGE


async def test_before_anything_was_stored_it_says_so(tmp_path: Path) -> None:
    with closing(open_kb(tmp_path, embedder=HashEmbedder())) as holder:
        holder.maintenance.lock()
        with (
            closing(open_kb(tmp_path, embedder=HashEmbedder())) as beside,
            pytest.raises(Conflict, match="Try again"),
        ):
            beside.query_engine_beside_holder()
