"""The activity: a place that the page's script fills, and keeps fresh while it is looked at."""

from __future__ import annotations

from kb.web.page.activity import render as render_activity
from kb.web.page.languages import words_of
from kb.web.page.toolkit import gr
from kb.web.page.words.activity import EN, ZH


def activity_tab(page: gr.Blocks) -> None:
    """Draws the tab; everything on it goes over our own routes, see ``static/activity.js``."""
    frame = gr.Markdown(sanitize_html=False, latex_delimiters=[], elem_id="activity-frame")

    def draw(request: gr.Request) -> str:
        return render_activity.frame(words_of(request.headers, EN, ZH))

    page.load(draw, outputs=frame, show_progress="hidden", api_visibility="private")
