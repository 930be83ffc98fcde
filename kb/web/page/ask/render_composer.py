"""The controls of the box for questions -> markup; its script fills them with what can be chosen."""

from __future__ import annotations

import json
from dataclasses import asdict
from html import escape

from kb.web.page.words.composer import ComposerWords

_DOWN = '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m5 12 5-5 5 5"/></svg>'


def composer(words: ComposerWords) -> str:
    """Returns the chips, the two buttons, and the panel that opens above them."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    return (
        f'<div><footnote-composer data-words="{said}"><div class="chips" hidden></div>'
        f"{_opener('scope', words.everything)}{_opener('model', words.best)}"
        f"{_scope(words)}</footnote-composer></div>"
    )


def _opener(panel: str, shown: str) -> str:
    return (
        f'<button type="button" class="opens {panel}" aria-haspopup="dialog" aria-expanded="false" '
        f'data-panel="{panel}"><span>{escape(shown)}</span>{_DOWN}</button>'
    )


def _scope(words: ComposerWords) -> str:
    groups = "".join(
        f'<fieldset data-of="{name}" hidden><legend>{escape(label)}</legend>'
        f'<div class="picks{" names" if name == "folders" else ""}"></div></fieldset>'
        for name, label in (
            ("folders", words.folders),
            ("types", words.types),
            ("languages", words.languages),
            ("tags", words.tags),
        )
    )
    return (
        f'<div class="panel" data-of="scope" role="dialog" tabindex="-1" aria-label="{escape(words.scope)}" hidden>'
        f'<label>{escape(words.collection)}<select name="collection"></select></label>'
        f'<fieldset data-of="documents" hidden><legend>{escape(words.documents)}</legend>'
        f'<input type="search" name="find" placeholder="{escape(words.find_documents)}" '
        f'aria-label="{escape(words.find_documents)}" autocomplete="off"><div class="picks names"></div></fieldset>'
        f'{groups}<div class="dates">'
        f'<label>{escape(words.added_from)}<input type="date" name="since"></label>'
        f'<label>{escape(words.added_until)}<input type="date" name="until"></label></div>'
        f'<div class="ends"><button type="button" data-act="clear">{escape(words.clear)}</button>'
        f'<button type="button" data-act="done">{escape(words.done)}</button></div></div>'
    )
