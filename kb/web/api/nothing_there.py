"""What answers below our addresses where no route takes the request: the page's framework would in its own way."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from kb.web.api.errors import said

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_RESTS = ("/api/{rest:path}", "/v1", "/v1/{rest:path}", "/documents/{rest:path}")


def rest_routes(routes: Iterable[BaseRoute]) -> list[Route]:
    """Returns the routes that take what none of ``routes`` takes, to be put behind them, whatever the method."""
    nothing = _NothingThere(list(routes))
    return [Route(rest, nothing) for rest in _RESTS]


class _NothingThere:
    """An ASGI application that answers 404, or 405 where an address takes another method."""

    def __init__(self, routes: list[BaseRoute]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed = [method for method in _METHODS if self._takes({**scope, "method": method})]
        request = Request(scope)
        if allowed:
            taken = ", ".join(allowed)
            sentence = f"This address takes {taken}, and not {scope['method']}."
            answer = said(request, sentence, 405, {"Allow": taken}, no_such_address=True)
        else:
            answer = said(request, "There is nothing at this address.", 404, no_such_address=True)
        await answer(scope, receive, send)

    def _takes(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self._routes)
