"""A Weaviate server: the indexes that it keeps, and the rows of one of them.

A Weaviate collection for each index (library, model, width, build), whose description says what it is built for; in it
a tenant for each collection of documents, which is what Weaviate keeps apart without a filter. A row is an object
whose id is computed from the chunk's, with a vector of our own under a name of its own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any

import grpc
import httpx
import weaviate
from weaviate.classes.config import Configure, DataType, Property, VectorDistances
from weaviate.classes.init import AdditionalConfig, Auth, Timeout
from weaviate.connect.base import ConnectionParams
from weaviate.exceptions import UnexpectedStatusCodeError, WeaviateBaseError, WeaviateConnectionError

from kb.errors import Damaged, Misconfigured
from kb.index.vector.server import (
    QUESTION_SECONDS,
    ServedIndex,
    SharedConnection,
    VectorServer,
    is_for_a_person,
    refused_key,
)
from kb.index.vector.weaviate_rows import CHUNK, COLLECTION, VECTOR, WeaviateStore
from kb.system.addresses import split_url
from kb.system.network_environment import require_usable_network

logging.getLogger("weaviate-client").setLevel(logging.CRITICAL)  # it logs whole rows that a server refused

OLDEST = (1, 27)
"""The first version with all that is used here: named vectors with tenants, searched over gRPC."""
_SECONDS = Timeout(init=2, query=30, insert=90)


class WeaviateServer:
    """The indexes on one Weaviate server; ``kb.index.remote_index.IndexServer``."""

    def __init__(self, server: VectorServer, built_for: ServedIndex, *, grpc_port: int) -> None:
        self.server = server
        self._built_for = built_for
        self._grpc_port = grpc_port
        self.connection = SharedConnection(self._connect, lambda client: client.close())

    @property
    def address(self) -> str:
        return self.server.url

    def places(self) -> list[str]:
        """Returns the names of all indexes of this library, whatever they are built for."""
        with self.faults(), self.connection.borrowed() as client:
            found = [_said(each.description) for each in client.collections.list_all(simple=True).values()]
        return [said["index"] for said in found if said.get("library") == self._built_for.library]

    def create(self, place: str) -> None:
        """Makes an empty index of that name."""
        built_for = self._built_for
        said = {
            "index": place,
            "library": built_for.library,
            "fingerprint": built_for.fingerprint,
            "model": built_for.model,
            "width": built_for.width,
        }
        with self.faults(), self.connection.borrowed() as client:
            client.collections.create(
                class_of(place),
                description=json.dumps(said),
                multi_tenancy_config=Configure.multi_tenancy(enabled=True),
                properties=[
                    Property(name=CHUNK, data_type=DataType.INT, index_filterable=False),
                    Property(
                        name=COLLECTION,
                        data_type=DataType.TEXT,
                        index_filterable=False,
                        index_searchable=False,
                    ),
                ],
                vector_config=Configure.Vectors.self_provided(
                    name=VECTOR,
                    vector_index_config=Configure.VectorIndex.hnsw(
                        distance_metric=VectorDistances.COSINE,
                        ef_construction=128,
                        ef=256,
                        max_connections=32,
                    ),
                ),
            )

    def open(self, place: str) -> WeaviateStore:
        """Raises Damaged where the server lost rows of it, or where it is another library's."""
        with self.faults():
            client = self.connection.acquire()
        try:
            if not self.is_there(place):
                raise Damaged(f"{self.server.who} has no index {place} of this library.")
            return WeaviateStore(
                client.collections.use(class_of(place)),
                self.server,
                faults=self.faults,
                release=self.connection.release,
                width=self._built_for.width,
            )
        except BaseException:
            self.connection.release()
            raise

    def is_there(self, place: str) -> bool:
        with self.faults(), self.connection.borrowed() as client:
            try:
                config = client.collections.use(class_of(place)).config.get(simple=True)
            except UnexpectedStatusCodeError as error:
                if error.status_code != HTTPStatus.NOT_FOUND:
                    raise
                return False
        said = _said(config.description)
        mine = self._built_for
        return bool(said.get("library") == mine.library and said.get("fingerprint") == mine.fingerprint)

    def drop(self, place: str) -> None:
        """Removes an index of this library."""
        if place in self.places():
            with self.faults(), self.connection.borrowed() as client:
                client.collections.delete(class_of(place))

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Translates what Weaviate's client raises.

        Raises:
            BackendDown: the server does not answer, or with an error.
            Misconfigured: it refuses the key.
            Damaged: it no longer has what was open.
        """
        self.server.require_rested()
        try:
            yield
        except UnexpectedStatusCodeError as error:
            if error.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise refused_key(self.server) from error
            raise self.server.refused(error.message) from error
        except (WeaviateConnectionError, httpx.HTTPError) as error:
            raise self.server.silent() from error
        except WeaviateBaseError as error:
            words = str(error.message)
            if "could not find class" in words or "tenant not found" in words:
                raise Damaged(
                    f"{self.server.who} no longer has the index of vectors that was built there."
                ) from error
            raise self.server.refused(words) from error
        except (KeyError, ValueError) as error:  # what its client reads and this server does not say
            raise self.server.unlike(f"it says what Weaviate does not say ({error!r})") from error

    def _connect(self) -> Any:
        if not self.server.is_here:
            require_usable_network()
        client = weaviate.WeaviateClient(
            connection_params=self._addresses(),
            auth_client_secret=Auth.api_key(self.server.key) if self.server.key else None,
            additional_config=AdditionalConfig(timeout=_SECONDS, trust_env=not self.server.is_here),
            skip_init_checks=True,  # they ask a package index for the newest version of the client
        )
        try:
            client.connect()
            self._require_version(client)
        except weaviate.exceptions.WeaviateStartUpError as error:
            client.close()
            raise self.server.silent() from error
        except BaseException:
            client.close()
            raise
        return client

    def _require_version(self, client: Any) -> None:
        version = str(client.get_meta().get("version", ""))
        numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
        if numbers < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            raise Misconfigured(
                f"{self.server.who} is version {version or 'unknown'}; Footnote needs Weaviate {oldest} or newer."
            )

    def _addresses(self) -> ConnectionParams:
        parts = split_url(self.server.url)
        if parts is None or parts.path:
            raise Misconfigured(
                "The setting 'storage.vectors_url' must be an address without a path for Weaviate, as in "
                "http://127.0.0.1:8080."
            )
        is_secure = parts.scheme == "https"
        addresses = _Addresses.from_params(
            http_host=str(parts.hostname),
            http_port=parts.port or (443 if is_secure else 80),
            http_secure=is_secure,
            grpc_host=str(parts.hostname),
            grpc_port=self._grpc_port,
            grpc_secure=is_secure,
        )
        addresses._server = self.server  # type: ignore[attr-defined]  # declared to return its parent
        return addresses


class _Addresses(ConnectionParams):
    """Weaviate's addresses, with a gRPC channel that asks this machine through no proxy and says at once when the
    server is away: the client would try again for a minute, while somebody waits for an answer.
    """

    _server: VectorServer

    def _grpc_channel(
        self,
        proxies: dict[str, str],
        grpc_msg_size: int | None,  # noqa: ARG002 - what is sent is small, and what comes may be large
        is_async: bool,  # noqa: ARG002 - it is not
    ) -> Any:
        options: list[tuple[str, Any]] = [
            ("grpc.max_send_message_length", -1),
            ("grpc.max_receive_message_length", -1),
        ]
        if self._server.is_here:
            options.append(("grpc.enable_http_proxy", 0))
        elif "grpc" in proxies:
            options.append(("grpc.http_proxy", proxies["grpc"]))
        if self.grpc.secure:
            channel = grpc.secure_channel(self._grpc_target, grpc.ssl_channel_credentials(), options=options)
        else:
            channel = grpc.insecure_channel(self._grpc_target, options=options)
        return grpc.intercept_channel(channel, _SaysItIsAway(self._server))


class _SaysItIsAway(grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc]  # gRPC brings no types
    """Raises BackendDown from calls that the server does not answer in time."""

    def __init__(self, server: VectorServer) -> None:
        self._server = server

    def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], details: Any, request: Any
    ) -> Any:
        if is_for_a_person():
            details = details._replace(timeout=QUESTION_SECONDS)
        call = continuation(details, request)
        if call.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
            is_hung = call.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            raise self._server.silent(is_hung=is_hung) from call.exception()
        if call.code() == grpc.StatusCode.UNAUTHENTICATED:
            raise refused_key(self._server) from call.exception()
        return call


def class_of(place: str) -> str:
    """Returns the name of Weaviate's collection for an index: a capital first, and no hyphens."""
    return place.replace("-", "_").capitalize()


def _said(description: str | None) -> dict[str, str]:
    """Returns what the description of a collection says, where it is one of ours."""
    with suppress(ValueError, TypeError):
        said = json.loads(description or "")
        if isinstance(said, dict) and "index" in said:
            return said
    return {}
