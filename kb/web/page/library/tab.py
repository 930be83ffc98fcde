"""The library: a place to drop files, and the table that follows them. The page's script fills both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.web.page.ask.asker import asker
from kb.web.page.languages import words_of
from kb.web.page.library import render as render_library
from kb.web.page.library.fragments import say_of
from kb.web.page.settings import render_people
from kb.web.page.toolkit import gr
from kb.web.page.words.people import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def library_tab(kb: KnowledgeBase, page: gr.Blocks) -> None:
    """Draws the tab. Uploads and the table go over our own routes, see ``static/library.js`` and ``static/uploads.js``:

    Gradio's upload would keep a second copy of every file, change its name, and take a thousand
    files as one request that succeeds or fails as a whole.
    """
    frame = gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id="library-frame")

    def draw(request: gr.Request) -> str:
        return render_library.frame(
            say_of(request.headers),
            max_megabytes=kb.settings.parsing.max_file_megabytes,
            sharing=render_people.share(asker(kb, request), words_of(request.headers, EN, ZH)),
        )

    page.load(draw, outputs=frame, show_progress="hidden", api_visibility="private")
