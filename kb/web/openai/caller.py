"""Who sends a request of OpenAI's protocol."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends

from kb.types import Caller
from kb.web.api.caller import By


async def _through_openai(caller: By) -> Caller:
    return replace(caller, origin="openai")


ByOpenai = Annotated[Caller, Depends(_through_openai)]
"""A parameter of a route: who sends the request."""
