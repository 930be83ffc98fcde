"""Who sends a request: made here, once, for every route and for the page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from kb.types import OWNER, Caller


async def caller_of() -> Caller:
    """Returns the owner of the machine: the server listens on loopback, and there are no accounts."""
    return OWNER


By = Annotated[Caller, Depends(caller_of)]
"""A parameter of a route: who sends the request."""
