"""The hash of the code that decides what a file becomes."""

from __future__ import annotations

import re

from ingest.code_version import code_version


def test_every_place_that_decides_is_there() -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", code_version())
