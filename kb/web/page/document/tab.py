"""A document to read, and what is known of it; the page's script fills both with the document of the address."""

from __future__ import annotations

from kb.web.page.document import render as render_document
from kb.web.page.document.fragments import document_words
from kb.web.page.languages import words_of
from kb.web.page.library.fragments import say_of
from kb.web.page.toolkit import gr
from kb.web.page.words.reader import EN as READER_EN
from kb.web.page.words.reader import ZH as READER_ZH


def document_tab(page: gr.Blocks) -> None:
    """Draws the tab; everything on it goes over our own routes, see ``static/document.js``."""
    frame = gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id="document-frame")

    def draw(request: gr.Request) -> str:
        headers = request.headers
        return render_document.frame(
            document_words(headers), words_of(headers, READER_EN, READER_ZH), say_of(headers)
        )

    page.load(draw, outputs=frame, show_progress="hidden", api_visibility="private")
