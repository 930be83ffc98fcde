"""The page before the first question -> markup: how to begin, or what could be asked."""

from __future__ import annotations

import json
from dataclasses import asdict
from html import escape

from kb.web.page.ask.welcome import Welcome
from kb.web.page.words.welcome import WelcomeWords


def welcome(found: Welcome, words: WelcomeWords) -> str:
    """Returns the card for an empty library, else the title with questions from the documents' own headings."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    begins = not found.ready
    title, hint = (words.first_title, words.first_hint) if begins else (words.title, words.hint)
    inside = _first_steps(found, words) if begins else _starters(found, words)
    importing = (
        f'<p class="being-read" role="status">{escape(words.importing.format(count=found.imports))}</p>'
        if found.imports
        else ""
    )
    return (
        f'<div class="welcome"><footnote-welcome data-words="{said}" data-ready="{found.ready}" '
        f'data-imports="{found.imports}" data-documents="{found.documents}">'
        f"<h2>{escape(title)}</h2><p>{escape(hint)}</p>{importing}{inside}</footnote-welcome></div>"
    )


def _first_steps(found: Welcome, words: WelcomeWords) -> str:
    ready = words.documents_ready.format(count=found.ready) if found.documents else ""
    return (
        '<div class="starts">'
        f'<button type="button" class="primary" data-add="files">{escape(words.choose_files)}</button>'
        f'<button type="button" data-add="folder">{escape(words.choose_folder)}</button></div>'
        f'<ol class="steps" aria-label="{escape(words.steps)}">'
        f"<li><span>{escape(words.documents)}</span><span>{escape(ready)}</span></li>"
        f'<li data-of="model"><span>{escape(words.model)}</span><span class="state"></span>'
        f'<button type="button" data-choose>{escape(words.choose_model)}</button></li>'
        f"<li><span>{escape(words.question)}</span></li></ol>"
    )


def _starters(found: Welcome, words: WelcomeWords) -> str:
    if not found.headings:
        return ""
    questions = (escape(words.starter.format(heading=heading)) for heading in found.headings)
    buttons = "".join(
        f'<li><button type="button" data-ask dir="auto">{question}</button></li>' for question in questions
    )
    return f'<p class="of-starters">{escape(words.starters)}</p><ul class="starters">{buttons}</ul>'
