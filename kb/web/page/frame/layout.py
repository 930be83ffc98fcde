"""The page as a whole: its tabs, mounted at the root of the application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from kb.web.page.activity.tab import activity_tab
from kb.web.page.ask.tab import ask_tab
from kb.web.page.document.tab import document_tab
from kb.web.page.evaluation.tab import evaluation_tab
from kb.web.page.frame.known_events import KnownEvents
from kb.web.page.frame.nothing_here import NothingHere
from kb.web.page.frame.served_page import ServedPage
from kb.web.page.frame.theme import theme
from kb.web.page.languages import translations
from kb.web.page.library.tab import library_tab
from kb.web.page.screens import SCREENS
from kb.web.page.search.tab import search_tab
from kb.web.page.settings.tab import settings_tab
from kb.web.page.toolkit import gr, without_applications

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_STYLES = (
    *("page", "rail", "library", "document", "answer", "reader", "pane", "composer", "evaluation"),
    *("settings", "activity", "search", "welcome", "models", "questions", "people"),
)
_SCRIPTS = (
    *("pressed", "router", "rail", "pulse", "library", "conversations", "earlier", "asking", "questions"),
    *(
        "composer",
        "pane",
        "evaluation",
        "vectors",
        "embedder",
        "chunker",
        "settings",
        "activity",
        "answer_actions",
    ),
    *("document", "search", "welcome", "sharing", "people"),
)
_HEAD = "".join(
    [
        '<script src="/ui/static/early.js"></script>',
        '<link rel="icon" href="/ui/static/mark.svg" type="image/svg+xml">',
        '<link rel="manifest" href="/ui/static/footnote.webmanifest">',
        *(f'<link rel="stylesheet" href="/ui/static/{name}.css">' for name in _STYLES),
        *(f'<script type="module" src="/ui/static/{name}.js"></script>' for name in _SCRIPTS),
    ]
)
_UNUSED_UPLOADS_S = (600, 600)
"""Gradio's own upload folder, which the page does not use, is emptied this often."""


def build_page(kb: KnowledgeBase, *, evaluates: bool) -> tuple[gr.Blocks, gr.I18n]:
    """Returns the page and the words of its labels; with a tab for evaluations where ``evaluates``."""
    words = gr.I18n(**translations())
    with (
        without_applications(),
        gr.Blocks(
            title="Footnote", analytics_enabled=False, fill_width=True, delete_cache=_UNUSED_UPLOADS_S
        ) as page,
        gr.Tabs(elem_id="tabs"),
    ):
        with gr.Tab(words("ask_tab"), id="ask", elem_id="tab-ask"):
            ask_tab(kb, page, words)
        with gr.Tab(words("library_tab"), id="library", elem_id="tab-library", render_children=True):
            library_tab(kb, page)
        with gr.Tab(words("document_tab"), id="document", elem_id="tab-document", render_children=True):
            document_tab(page)
        with gr.Tab(words("search_tab"), id="search", elem_id="tab-search", render_children=True):
            search_tab(kb, page)
        if evaluates:
            with gr.Tab(
                words("evaluation_tab"), id="evaluation", elem_id="tab-evaluation", render_children=True
            ):
                evaluation_tab(page)
        with gr.Tab(words("activity_tab"), id="activity", elem_id="tab-activity", render_children=True):
            activity_tab(page)
        with gr.Tab(words("settings_tab"), id="settings", elem_id="tab-settings", render_children=True):
            settings_tab(page)
    page.queue(default_concurrency_limit=None, api_open=False)
    return page, words


def mount_page(app: FastAPI, kb: KnowledgeBase, *, port: int, evaluates: bool = False) -> None:
    """Puts the page at ``/`` of ``app``, behind the routes that ``app`` already has."""
    page, words = build_page(kb, evaluates=evaluates)
    screens = [screen for screen in SCREENS if evaluates or screen.id != "evaluation"]
    app.add_middleware(ServedPage, head=_HEAD, screens=screens)
    app.add_middleware(KnownEvents, page=page)
    app.add_middleware(NothingHere, kb=kb)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        server_name="127.0.0.1",
        server_port=port,
        theme=theme(),
        i18n=words,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        allowed_paths=[],
        blocked_paths=[str(kb.settings.home), str(Path.home())],
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
