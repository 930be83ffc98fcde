"""A Chroma server (``chroma run``): the indexes that it keeps, and the rows of one of them.

An index is named on the server by what it is built for (library, model, width, build). A Chroma collection of that
name says that it exists; one more, its name and a hash, holds the rows of each collection of documents. Both carry the
id of the library in their metadata, so that libraries which share a server never touch each other's.
"""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx
from chromadb.api.fastapi import FastAPI
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings as ChromaSettings
from chromadb.config import System
from chromadb.errors import ChromaError, NotFoundError, error_types

from kb.errors import Damaged, Misconfigured
from kb.index.vector.chroma_rows import INDEX, ChromaRows, nearest
from kb.index.vector.server import (
    QUESTION_SECONDS,
    ServedIndex,
    SharedConnection,
    VectorServer,
    VerifiedAfterAbsence,
    is_for_a_person,
    refused_key,
)
from kb.system.network_environment import require_usable_network

if TYPE_CHECKING:
    from kb.types import Vector

_MOST_BYTES = 8 << 20
"""Of one request: a server takes 40 MB as it comes, a reverse proxy before it often less."""
_BYTES_A_NUMBER = 6
"""Of a vector on the wire, in base64 and with what stands around it."""
_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 60.0
"""The longest silence: a batch of rows is added to the graph within it."""
_PAGE = 500
"""Collections in one listing."""
_OLDEST = 1
"""The major version from which the protocol is what the client here speaks."""
_SAME = 1e-3
"""What is lacking to a cosine of 1 in single precision, at most."""

_LIBRARY, _INDEX, _COLLECTION = "library", "index", "collection"


class ChromaServer:
    """The indexes on one Chroma server; ``kb.index.remote_index.IndexServer``."""

    def __init__(self, server: VectorServer, built_for: ServedIndex) -> None:
        self.server = server
        self._built_for = built_for
        self.connection = SharedConnection(self._connect, lambda api: api._session.close())

    @property
    def address(self) -> str:
        return self.server.url

    def places(self) -> list[str]:
        """Returns the names of all indexes of this library, whatever they are built for."""
        with self.faults(), self.connection.borrowed() as api:
            return [
                found.name
                for found in listed(api)
                if (found.metadata or {}).get(_LIBRARY) == self._built_for.library
                and found.metadata.get(_INDEX) == found.name
            ]

    def create(self, place: str) -> None:
        """Makes an empty index of that name."""
        with self.faults(), self.connection.borrowed() as api:
            api.create_collection(place, metadata=self._metadata(place))

    def open(self, place: str) -> ChromaServerStore:
        """Raises Damaged where the server lost rows of it, or where it is another library's."""
        return ChromaServerStore(self, place, width=self._built_for.width)

    def is_there(self, place: str) -> bool:
        with self.faults(), self.connection.borrowed() as api:
            try:
                found = api.get_collection(place)
            except NotFoundError:
                return False
        metadata = found.metadata or {}
        return bool(
            metadata.get(_LIBRARY) == self._built_for.library
            and metadata.get("fingerprint") == self._built_for.fingerprint
        )

    def drop(self, place: str) -> None:
        """Removes an index of this library; the collection that says it exists goes first."""
        with self.faults(), self.connection.borrowed() as api:
            of_it = [found.name for found in listed(api) if self._belongs(found.metadata, place)]
            for name in sorted(of_it, key=lambda name: name != place):
                try:
                    api.delete_collection(name)
                except NotFoundError:  # another process was quicker
                    continue

    def collections(self, api: Any, place: str) -> dict[str, Any]:
        """Returns the Chroma collection of each collection of ours in an index."""
        return {
            str(found.metadata[_COLLECTION]): _collection(api, found)
            for found in listed(api)
            if self._belongs(found.metadata, place) and _COLLECTION in found.metadata
        }

    def collection(self, api: Any, place: str, collection: str) -> Any:
        """Returns the Chroma collection for one of ours, made where there is none."""
        digest = hashlib.sha256(collection.encode()).hexdigest()[:24]
        made = api.create_collection(
            f"{place}-{digest}",
            configuration=INDEX,
            metadata={**self._metadata(place), _COLLECTION: collection},
            get_or_create=True,
        )
        return _collection(api, made)

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Translates what Chroma's client raises.

        Raises:
            BackendDown: the server does not answer, or with an error.
            Damaged: it no longer has what was open.
        """
        self.server.require_rested()
        try:
            yield
        except NotFoundError as error:
            raise Damaged(
                f"{self.server.who} no longer has the index of vectors that was built there."
            ) from error
        except httpx.HTTPError as error:
            raise self.server.silent(is_hung=isinstance(error, httpx.ReadTimeout)) from error
        except ChromaError as error:
            raise self.server.refused(error) from error
        except ValueError as error:  # something that is not JSON, or not what Chroma says
            raise self.server.unlike(f"it says what Chroma does not say ({error})") from error

    def _belongs(self, metadata: Any, place: str) -> bool:
        said = metadata or {}
        return bool(said.get(_LIBRARY) == self._built_for.library and said.get(_INDEX) == place)

    def _metadata(self, place: str) -> dict[str, Any]:
        built_for = self._built_for
        return {
            _LIBRARY: built_for.library,
            _INDEX: place,
            "fingerprint": built_for.fingerprint,
            "model": built_for.model,
            "width": built_for.width,
        }

    def _connect(self) -> Any:
        """Returns Chroma's client for the server, with a session of ours: ``chromadb.HttpClient`` asks this machine
        through the proxies of the environment, waits for ever, and asks for a login before either can be set.
        """
        if not self.server.is_here:
            require_usable_network()
        settings = ChromaSettings(
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=self.server.url,
            chroma_server_http_port=0,  # the address has it
            anonymized_telemetry=False,
        )
        api: Any = System(settings).instance(FastAPI)
        headers = dict(api._session.headers)
        api._session.close()
        api._session = self._session(headers)
        try:
            version = str(api.get_version())
        except BaseException:
            api._session.close()
            raise
        if not version.partition(".")[0].isdigit() or int(version.partition(".")[0]) < _OLDEST:
            api._session.close()
            raise Misconfigured(
                f"{self.server.who} is version {version}; Footnote needs Chroma {_OLDEST}.0 or newer."
            )
        return api

    def _session(self, headers: dict[str, str]) -> httpx.Client:
        if self.server.key:
            headers["Authorization"] = f"Bearer {self.server.key}"
        is_plain = self.server.url.startswith("http://")
        return httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS),
            trust_env=not self.server.is_here,
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else httpx.create_ssl_context(),
            event_hooks={"request": [_hurry], "response": [self._look_at]},
        )

    def _look_at(self, response: httpx.Response) -> None:
        """Raises for what is no answer of Chroma's: its client has no error of its own for that."""
        if response.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise refused_key(self.server)
        if response.is_redirect:
            raise Misconfigured(
                f"{self.server.who} redirects, and redirects are not followed. Set the address that answers."
            )
        if response.is_error and not _is_chromas(response.read()):
            if response.status_code == HTTPStatus.NOT_FOUND:
                raise self.server.unlike(f"there is nothing under {response.url.path} (404)")
            raise self.server.refused(f"{response.status_code} {response.text}".strip())


class ChromaServerStore(ChromaRows):
    """The rows of one index on a Chroma server; ``close`` ends the connection, and the rows stay."""

    def __init__(self, served: ChromaServer, place: str, *, width: int) -> None:
        self._served = served
        self._place = place
        with served.faults():
            api = served.connection.acquire()
            try:
                if not served.is_there(place):
                    raise Damaged(f"{served.server.who} has no index {place} of this library.")
                super().__init__(
                    collections=served.collections(api, place),
                    create=lambda collection: served.collection(api, place, collection),
                    faults=VerifiedAfterAbsence(served.faults, self._verify),
                    batch=max(1, min(api.get_max_batch_size(), _MOST_BYTES // (width * _BYTES_A_NUMBER))),
                )
                self._verify()
            except BaseException:
                served.connection.release()
                raise

    def close(self) -> None:
        self._collections.clear()
        self._served.connection.release()

    def _verify(self) -> None:
        """Raises Damaged where rows that the server counts are not found: chroma #7090, after a restart."""
        for name, target in self._collections.items():
            if count := target.count():
                for place in sorted({0, count // 2, count - 1}):
                    self._verify_row(name, target, place)

    def _verify_row(self, name: str, target: Any, place: int) -> None:
        row = target.get(limit=1, offset=place, include=["embeddings"])
        if not row["ids"]:
            raise Damaged(f"{self._served.server.who} counts more rows of the collection {name} than it has.")
        found = nearest(target, row["embeddings"][0], 1)
        if not found or found[0][1] < 1 - _SAME:
            raise Damaged(
                f"{self._served.server.who} does not find rows of the collection {name} that it has."
            )

    def _nearest(self, target: Any, vector: Vector, k: int) -> list[tuple[int, float]]:
        hits = nearest(target, vector, k)
        if len(hits) < k and len(hits) < target.count():
            raise Damaged(
                f"{self._served.server.who} has rows that no question reaches: "
                f"it found {len(hits)} of {target.count()} when it was asked for {k}."
            )
        return hits


def _hurry(request: httpx.Request) -> None:
    if is_for_a_person():
        request.extensions["timeout"] = {**request.extensions["timeout"], "read": QUESTION_SECONDS}


def _is_chromas(body: bytes) -> bool:
    """Returns whether an error is one that Chroma's client knows."""
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("error") in error_types and "message" in said


def listed(api: Any) -> Iterator[Any]:
    """Yields all Chroma collections on the server."""
    offset = 0
    while found := api.list_collections(limit=_PAGE, offset=offset):
        yield from found
        offset += len(found)


def _collection(api: Any, model: Any) -> Any:
    return Collection(client=api, model=model, embedding_function=None, data_loader=None)
