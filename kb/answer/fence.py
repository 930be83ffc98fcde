"""What keeps foreign text in a prompt from being taken for the prompt: fences, and marks of chat templates disarmed.

Foreign is whatever a document, its name, an earlier turn or another model's notes bring along. A model told them
from its instructions by nothing but their place; a passage could forge the head of another, the question, or
the very tokens with which a server tells the system's words from the reader's.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from kb.text.visible import visible_line

DrawMark = Callable[[], str]
"""Draws the mark of one prompt's fences."""

_LETTERS = "bcdfghjklmnpqrstvwxz"
_MARK_LETTERS = 6
"""Some five tokens. A mark that a document guesses is broken within it, so few letters do."""
_NAME_CHARACTERS = 120
"""Of a name or heading: file systems allow 255 bytes, and a heading may be a whole paragraph."""

_TEMPLATE_TOKEN = re.compile(
    r"<(?="
    r"[|｜][^\s<>|｜]{1,64}[|｜]?>"  # ChatML, Llama 3 and 4, Phi, GLM, Cohere, gpt-oss, DeepSeek, Granite, Gemma 4
    r"|/?[\w▁:]{1,64}[|｜]>"
    r"|/?(?:s|bos|eos|pad|unk|sop|eop|start_of_turn|end_of_turn|think|tool_call|tool_calls|tool_response|tools"
    r"|[a-z]{3}_token|(?:unused|reserved_|special_|extra_id_)\d{1,4}|\w{1,20}_of_(?:turn|sentence|image|text))>"
    r"|</?SYS>>|\[\w{1,20}▁of▁sentence\]>)"  # Llama 2; Seed
    r"|\[(?="
    r"/?(?:INST|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|SYSTEM_PROMPT|MODEL_SETTINGS|THINK|ARGS|CALL_ID"
    r"|IMG|gMASK|sMASK|MASK|UNUSED_TOKEN_\d{1,4}|CONTROL_\d{1,4})\]"  # Mistral, GLM, InternLM
    r"|\|/?\w{1,32}\|\])",  # EXAONE
    re.IGNORECASE,
)
"""The first character of a token that some family's template gives a meaning; a server finds it wherever it stands."""
_LINE_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\U000e0000-\U000e007f]")
"""Controls, and the tag characters with which a text can hold words that nobody sees."""
_FORGED = re.compile(
    r"^(?=[ \t#>*_]{0,8}(?:"
    r"[\[［【]\d{1,3}[\]］】]"
    r"|(?:question|passages?|sentence|last question|rewritten question|notes on [^\n:]{0,200}"
    r"|the question to be answered later|system|user|human|assistant|instructions?|response|input)[ \t*_]{0,4}[:：]"
    r"))",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that begins like one of a prompt's own, or like a turn in templates that are plain text (Vicuna, Alpaca)."""


def new_mark() -> str:
    """Returns a mark that no document can know: letters that spell no word."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_MARK_LETTERS))


@dataclass(frozen=True, slots=True)
class Fence:
    """The fences of one prompt: ``#mark`` opens every piece of foreign text, and ``#mark end`` closes the last."""

    mark: str

    def piece(self, head: str, text: str = "") -> str:
        """Returns foreign ``text`` under ``head``, which is ours and one line, as one piece behind a fence."""
        opened = f"#{self.mark} {head}"
        return f"{opened}\n{self.disarmed(text)}" if text else opened

    @property
    def end(self) -> str:
        """The line behind the last piece."""
        return f"#{self.mark} end"

    def disarmed(self, text: str) -> str:
        """Returns ``text`` with whatever could pass for the prompt's own lines quoted; a quoted line is only a
        quotation.
        """
        return _FORGED.sub("> ", self._unmarked(without_template_tokens(text)))

    def label(self, name: str) -> str:
        """Returns a name or heading as ``name_on_one_line`` does, which cannot close the fence."""
        return self._unmarked(name_on_one_line(name))

    def line(self, text: str, most: int) -> str:
        """Returns the first ``most`` characters of ``text`` on one line, which cannot close the fence."""
        return self._unmarked(on_one_line(text, most))

    def _unmarked(self, text: str) -> str:
        return text.replace(self.mark, f"{self.mark[:1]}-{self.mark[1:]}")


def without_template_tokens(text: str) -> str:
    """Returns ``text`` without tokens of chat templates: a space separates the first character from the rest.

    Line breaks become plain ones and what is not seen goes, before anything is looked for.
    """
    plain = _UNSEEN.sub("", _LINE_BREAK.sub("\n", text))
    return _TEMPLATE_TOKEN.sub(lambda match: f"{match.group()} ", plain)


def on_one_line(text: str, most: int) -> str:
    """Returns the first ``most`` characters of ``text`` without line breaks, nor tokens of chat templates."""
    return without_template_tokens(" ".join(text[: 4 * most].split())[:most])


def name_on_one_line(name: str) -> str:
    """Returns a name or heading without tokens of chat templates: the unseen visible, a long one without its middle."""
    name = visible_line(name if len(name) <= _NAME_CHARACTERS else f"{name[:80]}…{name[-39:]}")
    return without_template_tokens(name)
