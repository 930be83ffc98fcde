"""Decision models: they write nothing, and say which of several options holds of a text.

llama.cpp serves them at ``/v1/systemone``, as the documentation of ``xllamacpp`` has it ("Decision Models", with Laya
as its example): a ``state`` and questions of the type ``choice``, each with instructions and the options as the keys of
``criteria``; the answer to each has the likeliest option as its ``choice``. Other models are refused there with 501.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from kb.models.replies import Reply

PATH = "/systemone"
"""Below ``/v1``."""
_QUESTION = "verdict"
_NOT_SERVED = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)
"""What servers answer that know no such address, and llama.cpp with a model of another kind."""


@runtime_checkable
class Decides(Protocol):
    """A model that may be a decision model, which its server tells."""

    async def decide(self, state: str, instructions: str, options: Sequence[str]) -> str | None:
        """Returns which of ``options`` holds of ``state``; empty where it gives none; None: it is no decision model.

        Raises:
            BackendDown, Misconfigured: it cannot be asked.
        """
        ...


def request_of(state: str, instructions: str, options: Sequence[str]) -> dict[str, Any]:
    """Returns the body of a request that asks one question."""
    asked = {"type": "choice", "instructions": instructions, "criteria": dict.fromkeys(options)}
    return {"state": state, "questions": {_QUESTION: asked}}


def is_of_that_kind(reply: Reply) -> bool | None:
    """Returns whether a decision model replied; None where it cannot be told: what was sent was refused."""
    if reply.status in _NOT_SERVED:
        return False
    if not reply.is_success:
        return None
    said = reply.json_or_none()
    return isinstance(said, Mapping) and isinstance(said.get("answers"), Mapping)


def choice_in(reply: Any, options: Sequence[str]) -> str:
    """Returns the option that a ``reply`` names; empty where it names none of them."""
    answers = reply.get("answers") if isinstance(reply, Mapping) else None
    answer = answers.get(_QUESTION) if isinstance(answers, Mapping) else None
    choice = answer.get("choice") if isinstance(answer, Mapping) else None
    return choice if isinstance(choice, str) and choice in options else ""
