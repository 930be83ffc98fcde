"""Looking into searches: what is found, in which order and why, with one setting or two beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.web.page.languages import words_of
from kb.web.page.search import render as render_search
from kb.web.page.toolkit import gr
from kb.web.page.words.search import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def search_tab(kb: KnowledgeBase, page: gr.Blocks) -> None:
    """Draws the tab; everything on it goes over our own routes, see ``static/search.js``."""
    frame = gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id="search-frame")

    def draw(request: gr.Request) -> str:
        return render_search.frame(
            words_of(request.headers, EN, ZH), dense_weight=kb.settings.retrieval.dense_weight
        )

    page.load(draw, outputs=frame, show_progress="hidden", api_visibility="private")
