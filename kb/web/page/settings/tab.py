"""The settings: a place that the page's script fills, and keeps as they are in force."""

from __future__ import annotations

from kb.web.page.languages import words_of
from kb.web.page.settings import render as render_settings
from kb.web.page.toolkit import gr
from kb.web.page.words.settings import EN, ZH


def settings_tab(page: gr.Blocks) -> None:
    """Draws the tab; everything on it goes over our own routes, see ``static/settings.js``."""
    frame = gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id="settings-frame")

    def draw(request: gr.Request) -> str:
        return render_settings.frame(words_of(request.headers, EN, ZH))

    page.load(draw, outputs=frame, show_progress="hidden", api_visibility="private")
