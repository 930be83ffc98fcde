"""Secrets in every form, wherever text is cut."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.system.redact import (
    RedactedStream,
    know_secret,
    names_secret,
    redacted,
    redacted_bytes,
    secrets_apart,
    without_our_keys,
)

SECRET = "c4n'ary/4711+k&y\\n"
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)
OURS = st.text("abcXYZ059_-fn", min_size=43, max_size=43).map("fn_{}".format)
FORMS: list[Callable[[str], str]] = [
    str,
    repr,
    lambda key: repr(key.encode()),
    json.dumps,
    html.escape,
    quote,
    lambda key: quote(key, safe=""),
    quote_plus,
    lambda key: key.encode().hex(),
    *(
        lambda key, before=before: base64.b64encode(f"{before}{key}".encode()).decode()
        for before in ("", ":", "me:")
    ),
    lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_masked(form: Callable[[str], str]) -> None:
    know_secret(SECRET)
    shown = form(SECRET)
    assert "***" in redacted(f"before {shown} after")
    assert len(redacted_bytes(shown.encode())) == len(shown.encode())


@given(OURS, st.data())
def test_what_has_the_shape_of_our_keys_is_masked_though_nobody_knows_it(
    key: str, data: st.DataObject
) -> None:
    text = f"f fn fn_ {key}. and{key} fn_{key[3:20]}"
    assert key not in redacted(text)
    assert key not in without_our_keys(text)
    assert key.encode() not in redacted_bytes(text.encode())
    assert len(redacted_bytes(text.encode())) == len(text.encode())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    stream = RedactedStream()
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert key not in "".join([*map(stream.push, pieces), stream.finish()])


@given(KEYS, st.data())
def test_no_cut_lets_a_key_through(key: str, data: st.DataObject) -> None:
    with secrets_apart():
        know_secret(key)
        text = f"a {key} b {key[:5]}"
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
        stream = RedactedStream()
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert key not in "".join([*map(stream.push, pieces), stream.finish()])


def test_a_short_key_is_a_word_and_a_placeholder_is_none() -> None:
    know_secret("hunter2")
    know_secret("ollama")
    assert redacted("hunter2, hunter22 and ollama") == "***, hunter22 and ollama"


def test_names_that_may_hold_a_key() -> None:
    assert all(map(names_secret, ("endpoint_keyy", "api-token", "ENDPOINT_KEY", "password")))
    assert not any(map(names_secret, ("answer_tokens", "context_tokens", "chunk_tokens", "model", "home")))
