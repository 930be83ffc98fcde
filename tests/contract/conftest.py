"""The servers that the contract suites of stores run against, one of each for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.weaviate_server import WeaviateDouble
from tests.harness.chroma_server import ChromaServerProcess


@pytest.fixture(scope="session")
def chroma_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServerProcess]:
    """A real Chroma server; whoever kills it starts it again."""
    process = ChromaServerProcess(tmp_path_factory.mktemp("chroma-server"))
    process.start()
    yield process
    process.kill()


@pytest.fixture
def weaviate_double() -> Iterator[WeaviateDouble]:
    double = WeaviateDouble()
    double.start()
    yield double
    double.stop()
