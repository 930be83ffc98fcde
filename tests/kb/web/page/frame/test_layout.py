"""How the page is put together."""

from __future__ import annotations

from typing import Any

import pytest

from kb.knowledge_base import KnowledgeBase
from kb.web.page.frame.mount import page
from kb.web.page.toolkit import App
from kb.web.server import build_app
from tests.kb.web.conftest import PORT


async def test_gradio_builds_no_application_that_it_throws_away(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[App] = []
    create_app = App.create_app

    def counted(*arguments: Any, **options: Any) -> App:
        built.append(create_app(*arguments, **options))
        return built[-1]

    monkeypatch.setattr(App, "create_app", counted)
    build_app(kb, port=PORT, mount=page(kb, port=PORT))
    assert App.create_app is counted
    assert len(built) == 2, "the one that its queue works with, and the one that is served"
