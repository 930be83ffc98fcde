"""The page that adds a text from another page -> markup. What came along is shown as text, and as no link."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from kb.config import DEFAULT_COLLECTION
from kb.text.document_names import shown_name
from kb.web.page.render_plain import plain_page
from kb.web.page.words.adding import AddingWords

_LONGEST_ADDRESS = 900_000
"""Characters of an address that every browser opens."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What somebody wants to add, as it came."""

    title: str = ""
    address: str = ""
    text: str = ""
    collection: str = ""


def adding(
    shared: Shared, collections: Sequence[str], words: AddingWords, *, server: str, said: str = ""
) -> str:
    """Returns the page; ``said`` is why it cannot be added as it is, ``server`` where the bookmark leads to."""
    problem = f'<p class="problem" role="alert">{escape(said)}</p>' if said else ""
    form = (
        f'<form method="post" action="/add" enctype="multipart/form-data">'
        f"{_field(words.name, 'title', shared.title)}{_field(words.address, 'url', shared.address)}"
        f'<label>{escape(words.text)}<textarea name="text" rows="12" dir="auto">\n{escape(shared.text)}</textarea>'
        "</label>"
        f"{_collection(shared.collection, collections, words)}"
        f'<button type="submit">{escape(words.add)}</button></form>'
        f'<p><a href="/library">{escape(words.cancel)}</a></p>'
    )
    how = (
        f"<section><h2>{escape(words.how_title)}</h2><p>{escape(words.how)}</p>"
        f'<p><a href="{escape(_bookmark(server, words))}">{escape(words.bookmark)}</a></p></section>'
    )
    script = '<script type="module" src="/ui/static/add.js"></script>'
    return plain_page(words.title, f"{problem}{form}{how}{script}", words.language)


def _collection(chosen: str, collections: Sequence[str], words: AddingWords) -> str:
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == chosen else ""}>'
        f"{escape(words.general if name == DEFAULT_COLLECTION else shown_name(name))}</option>"
        for name in collections
    )
    return f'<label>{escape(words.collection)}<select name="collection">{options}</select></label>'


def _field(label: str, name: str, value: str) -> str:
    return f'<label>{escape(label)}<input name="{name}" value="{escape(value)}" dir="auto" autocomplete="off"></label>'


def _bookmark(server: str, words: AddingWords) -> str:
    """Returns the address of the bookmark. What it takes along stands behind ``#``, which goes to no server."""
    script = (
        "(()=>{const s=String(getSelection())||document.body.innerText,"
        f"a={json.dumps(f'{server}/add#')}+new URLSearchParams({{url:location.href,title:document.title,text:s}});"
        f"if(a.length>{_LONGEST_ADDRESS})alert({json.dumps(words.bookmark_too_long, ensure_ascii=False)});"
        "else open(a,'_blank')})()"
    )
    return f"javascript:{quote(script, safe='')}"
