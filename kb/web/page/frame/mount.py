"""The page as something that a server mounts. Imports no Gradio before it is mounted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.web.page.account.pages import account_router
from kb.web.page.activity.fragments import activity_fragments
from kb.web.page.adding.pages import adding_router
from kb.web.page.ask.fragments import composer_router
from kb.web.page.document.fragments import live_document_router
from kb.web.page.document.reader_fragments import reader_router
from kb.web.page.evaluation.fragments import live_evaluation_router
from kb.web.page.frame.fragments import live_router
from kb.web.page.library.fragments import live_library_router
from kb.web.page.search.fragments import search_router
from kb.web.page.settings.fragments import settings_fragments
from kb.web.page.settings.models_fragments import models_router

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from kb.evaluate.background import BackgroundEvaluation
    from kb.knowledge_base import KnowledgeBase
    from kb.web.api.changes import ChangeFeed


def fragments(
    kb: KnowledgeBase, *, evaluating: BackgroundEvaluation | None = None
) -> Callable[[FastAPI, ChangeFeed], None]:
    """Returns the function that mounts the page's files and fragments; of evaluations where they can be run."""

    def mount(app: FastAPI, changes: ChangeFeed) -> None:
        if kb.settings.server.asks_to_sign_in:
            app.include_router(account_router(kb))
        app.include_router(adding_router(kb))
        app.include_router(composer_router(kb))
        app.include_router(models_router(kb))
        app.include_router(live_router(kb))
        app.include_router(live_library_router(kb, changes))
        app.include_router(live_document_router(kb, changes))
        app.include_router(reader_router(kb))
        app.include_router(search_router(kb))
        app.include_router(settings_fragments(kb))
        app.include_router(activity_fragments(kb))
        if evaluating is not None:
            app.include_router(live_evaluation_router(kb, evaluating))

    return mount


def page(
    kb: KnowledgeBase, *, port: int, evaluating: BackgroundEvaluation | None = None
) -> Callable[[FastAPI, ChangeFeed], None]:
    """Returns the function that mounts the whole page at ``/`` of ``port``; it imports Gradio, which takes seconds."""

    def mount(app: FastAPI, changes: ChangeFeed) -> None:
        from kb.web.page.frame.layout import mount_page

        fragments(kb, evaluating=evaluating)(app, changes)
        mount_page(app, kb, port=port, evaluates=evaluating is not None)

    return mount
