"""Evaluations: a form to start one, and a place that the page's script fills with what runs and what was measured."""

from __future__ import annotations

from kb.web.page.evaluation import render_start as render_evaluation_start
from kb.web.page.languages import strings_of, words_of
from kb.web.page.toolkit import gr
from kb.web.page.words.evaluation import EN, ZH


def evaluation_tab(page: gr.Blocks) -> None:
    """Draws the tab; everything on it goes over our own routes, see ``static/evaluation.js``."""
    frame = gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id="evaluation-frame")

    def draw(request: gr.Request) -> str:
        return render_evaluation_start.frame(words_of(request.headers, EN, ZH), strings_of(request.headers))

    page.load(draw, outputs=frame, show_progress="hidden", api_visibility="private")
