"""The real knowledge base behind the application, reached without a network. No model is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from kb.config import ParsingSettings, Settings
from kb.errors import NotFound
from kb.knowledge_base import KnowledgeBase, open_knowledge_base
from kb.types import Rect
from kb.web.door.request_guard import RequestGuard
from kb.web.page.frame.mount import fragments, page
from kb.web.server import build_api, build_app
from tests.kb.web.standin import PNG

PORT = 7860
ADDRESS = f"http://127.0.0.1:{PORT}"


class OnePagePictures:
    """A renderer for which every document has one page."""

    def __init__(self) -> None:
        self.drawn: list[tuple[Rect, ...]] = []

    def render(self, path: Path, page: int, *, rects: Iterable[Rect] = (), width: int = 900) -> bytes:
        if page != 1:
            raise NotFound(f"There is no page {page}.")
        self.drawn.append(tuple(rects))
        return PNG


@pytest.fixture
def pictures() -> OnePagePictures:
    return OnePagePictures()


@pytest.fixture
def kb(tmp_path: Path, pictures: OnePagePictures) -> Iterator[KnowledgeBase]:
    opened = open_knowledge_base(
        Settings(home=tmp_path / "home", parsing=ParsingSettings(max_file_megabytes=1)),
        renderer=pictures,
        suffixes=frozenset({".txt"}),
    )
    yield opened
    opened.close()


@pytest.fixture
async def app(kb: KnowledgeBase) -> ASGIApp:
    """With Gradio's page. Async, because Gradio makes an event loop of its own where none runs."""
    return build_app(kb, port=PORT, mount=page(kb, port=PORT))


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A program on this machine: no browser, so no ``Origin`` and no ``Sec-Fetch-*``."""
    async with http_client(app) as client:
        yield client


@pytest.fixture
async def api(kb: KnowledgeBase) -> AsyncIterator[httpx.AsyncClient]:
    """Our own routes alone."""
    async with http_client(RequestGuard(build_api(kb, mount=fragments(kb)), port=PORT)) as client:
        yield client


def http_client(app: ASGIApp) -> httpx.AsyncClient:
    """A client that speaks to ``app`` directly."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ADDRESS)
