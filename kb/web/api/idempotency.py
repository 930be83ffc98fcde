"""Uploads that may be sent twice: a client whose connection broke cannot know whether its file arrived."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header, Response

from kb.types import Caller
from kb.web.api.threads import UPLOADS
from kb.web.api.uploads import Upload

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A name for this upload. Sent once more with it, the file is not added again, for a day: the first "
        "reply is given, with the header `Idempotency-Replayed`.",
    ),
]
"""A parameter of a route that adds something."""
_PIECE = 1 << 20


async def added_once(
    kb: KnowledgeBase,
    upload: Upload,
    key: str | None,
    add: Callable[[], tuple[int, dict[str, Any]]],
    *,
    caller: Caller,
    route: str,
) -> Response:
    """Returns the reply of ``add``, status and body, or the one that ``route`` gave to the same upload before.

    Raises:
        Conflict: ``key`` was another upload's, or the same upload is under way.
    """

    def reply() -> tuple[int, str]:
        status, body = add()
        return status, json.dumps(body, ensure_ascii=False)

    if key is None:
        status, body = await UPLOADS.run(reply)
        return Response(body, status, media_type="application/json")
    kept, again = await UPLOADS.run(
        lambda: kb.replies.once(key, _hash_of(upload, route), reply, caller=caller)
    )
    headers = {"Idempotency-Replayed": "true"} if again else {}
    return Response(kept.body, kept.status, headers, media_type="application/json")


def _hash_of(upload: Upload, route: str) -> str:
    """Returns the SHA-256 of a file with its name, the other fields of its form, and where it was sent."""
    found = hashlib.sha256(json.dumps([route, upload.name, sorted(upload.fields.items())]).encode())
    with upload.path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()
