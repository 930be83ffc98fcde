"""The shapes that the texts of model servers come in, checked: what is wrong with them is the server's fault.

Text is a string, or a list of parts (https://platform.openai.com/docs/api-reference/chat, and Mistral's models that
think, which put ``thinking`` parts beside ``text`` parts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kb.types import TextDelta, ThinkingDelta

_THOUGHTS = frozenset({"thinking", "reasoning", "thought", "reasoning_text", "summary_text"})
"""Types of parts that hold what a model says to itself."""
_LEAST_CONTEXT = 256
"""No model that answers has less: whoever says so means something else."""
_MOST_NESTED = 4
"""A thinking part holds a list of text parts; nothing that is meant is deeper than that."""


class Malformed(ValueError):
    """A value of another type than the protocol has; the message goes on after the name of the server."""


def mapping(value: Any, name: str) -> Mapping[str, Any]:
    """Returns ``value``, an object; empty for null."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Malformed(_wrong(name, "an object", value))
    return value


def items(value: Any, name: str) -> Sequence[Any]:
    """Returns ``value``, a list; empty for null."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Malformed(_wrong(name, "a list", value))
    return value


def word(value: Any, name: str) -> str | None:
    """Returns ``value``, a string or null."""
    if value is not None and not isinstance(value, str):
        raise Malformed(_wrong(name, "a string", value))
    return value


def count(value: Any) -> int | None:
    """Returns ``value`` where it can be a number of tokens; None for all else, which only costs an estimate."""
    return value if type(value) is int and 0 <= value < 1 << 31 else None


def context_size(value: Any) -> int | None:
    """Returns ``value`` where it can be the context of a model, in tokens; None for all else."""
    found = count(value)
    return found if found is not None and found >= _LEAST_CONTEXT else None


def texts(value: Any, name: str, *, thought: bool = False, depth: int = 0) -> list[TextDelta | ThinkingDelta]:
    """Returns the texts and thoughts in ``value``, in order; parts of other kinds, such as pictures, are passed over.

    Raises:
        Malformed: it is neither text nor parts.
    """
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [ThinkingDelta(value) if thought else TextDelta(value)]
    if depth > _MOST_NESTED:
        raise Malformed(_wrong(name, "text", value))
    if isinstance(value, list):
        return [each for part in value for each in texts(part, name, thought=thought, depth=depth + 1)]
    if not isinstance(value, Mapping):
        raise Malformed(_wrong(name, "text", value))
    kind = word(value.get("type"), f"{name}.type") or ""
    thought = thought or kind in _THOUGHTS
    held = next(
        (value[key] for key in ("text", "thinking", "reasoning", "content", "summary") if key in value), None
    )
    return texts(held, name, thought=thought, depth=depth + 1)


def _wrong(name: str, wanted: str, value: Any) -> str:
    return f"sent something that is not a chat completion: {name} is not {wanted} but {value!r:.100}"
