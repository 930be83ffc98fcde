"""A page without the rail and without Gradio -> markup. It needs no script."""

from __future__ import annotations

from html import escape

from kb.web.page.words.nothing_here import NothingHereWords


def plain_page(title: str, body: str, language: str) -> str:
    """Returns a whole document with ``title`` above ``body``, which is markup."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)} · Footnote</title>'
        '<script src="/ui/static/early.js"></script><link rel="icon" href="/ui/static/mark.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/ui/static/page.css"><link rel="stylesheet" href="/ui/static/account.css">'
        f'</head><body><main class="account"><img src="/ui/static/mark.svg" alt="" width="36" height="36">'
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def nothing_here(kind: str, words: NothingHereWords) -> str:
    """Returns the page of an address where nothing is; ``kind`` is ``document``, ``conversation`` or ``address``."""
    ways = (("/", words.to_questions), ("/library", words.to_library))
    links = " · ".join(f'<a href="{address}">{escape(said)}</a>' for address, said in ways)
    return plain_page(words.title, f"<p>{escape(words.why(kind))}</p><p>{links}</p>", words.language)
