"""A double of a Weaviate server, for none can be had here: REST and gRPC on loopback, as its documentation says.

The gRPC half is a real gRPC server on the servicer that the client's wheel carries, so messages are encoded, limited
and refused as there. Rows are kept in memory and compared one by one; what is not used by Footnote is not implemented.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import grpc
import numpy as np
from numpy.typing import NDArray
from weaviate.proto.v1 import (
    base_pb2,
    batch_delete_pb2,
    batch_pb2,
    properties_pb2,
    search_get_pb2,
    tenants_pb2,
)
from weaviate.proto.v1.weaviate_pb2_grpc import WeaviateServicer, add_WeaviateServicer_to_server

from tests.harness.ports import free_port

MOST_BYTES = 4 << 20
"""Of one message, as gRPC has it where nobody set anything else."""


_HNSW = {
    "skip": False,
    "cleanupIntervalSeconds": 300,
    "maxConnections": 32,
    "efConstruction": 128,
    "ef": -1,
    "dynamicEfMin": 100,
    "dynamicEfMax": 500,
    "dynamicEfFactor": 8,
    "vectorCacheMaxObjects": 1_000_000_000_000,
    "flatSearchCutoff": 40_000,
    "distance": "cosine",
    "filterStrategy": "sweeping",
    "pq": {"enabled": False},
    "bq": {"enabled": False},
    "sq": {"enabled": False},
}
"""What a server makes of a vector index of which only a part was said."""


@dataclass(slots=True)
class Row:
    chunk: int
    collection: str
    vector: NDArray[np.float32]


@dataclass(slots=True)
class Held:
    """One collection: its schema as it was sent, and the rows of each tenant by their ids."""

    schema: dict[str, Any]
    tenants: dict[str, dict[str, Row]] = field(default_factory=dict)


class WeaviateDouble:
    """Listens from ``start`` to ``stop``; what it holds stays in between."""

    def __init__(self, *, version: str = "1.32.1", key: str | None = None) -> None:
        self.version = version
        self.key = key
        self.held: dict[str, Held] = {}
        self.refused_rows: Callable[[int], bool] = lambda chunk: False  # noqa: ARG005
        """Which rows it does not store."""
        self.graph_is_loaded = True
        self.answers = threading.Event()
        """Cleared, it takes searches and answers none."""
        self.answers.set()
        """Whether a vector finds anything; rows are listed all the same."""
        self.asked: list[str] = []
        """Every request, REST and gRPC."""
        self._http_port, self.grpc_port = free_port(), free_port()
        self._rest: ThreadingHTTPServer | None = None
        self._grpc: grpc.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http_port}"

    def start(self) -> None:
        handler = type("Handler", (_Rest,), {"double": self})
        self._rest = ThreadingHTTPServer(("127.0.0.1", self._http_port), handler)
        threading.Thread(target=self._rest.serve_forever, args=(0.05,), daemon=True).start()
        self._grpc = grpc.server(
            ThreadPoolExecutor(4),
            options=[("grpc.max_receive_message_length", MOST_BYTES), ("grpc.so_reuseport", 0)],
        )
        add_WeaviateServicer_to_server(_Servicer(self), self._grpc)  # type: ignore[no-untyped-call]
        self._grpc.add_insecure_port(f"127.0.0.1:{self.grpc_port}")
        self._grpc.start()

    def stop(self) -> None:
        if self._rest is not None:
            self._rest.shutdown()
            self._rest.server_close()
            self._rest = None
        if self._grpc is not None:
            self._grpc.stop(0).wait()
            self._grpc = None


class _Rest(BaseHTTPRequestHandler):
    double: WeaviateDouble
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.double.asked.append(f"{method} {self.path}")
        if self.double.key and self.headers.get("authorization") != f"Bearer {self.double.key}":
            self._send(401, {"code": 401, "message": "anonymous access not enabled"})
            return
        self._send(*self._said(method, self.path.strip("/").split("/")[1:], body))

    def _said(self, method: str, path: list[str], body: bytes) -> tuple[int, Any]:
        held = self.double.held
        match method, path:
            case "GET", ["meta"]:
                return 200, {"hostname": "http://[::]:8080", "modules": {}, "version": self.double.version}
            case "GET", ["schema"]:
                return 200, {"classes": [each.schema for each in held.values()]}
            case "POST", ["schema"]:
                schema = _with_defaults(json.loads(body))
                if schema["class"] in held:
                    return 422, {"error": [{"message": f"class name {schema['class']} already exists"}]}
                held[schema["class"]] = Held(schema)
                return 200, schema
            case "GET", ["schema", name] if name in held:
                return 200, held[name].schema
            case "DELETE", ["schema", name]:
                held.pop(name, None)
                return 200, None
            case "POST", ["schema", name, "tenants"] if name in held:
                for tenant in json.loads(body):
                    held[name].tenants.setdefault(tenant["name"], {})
                return 200, json.loads(body)
        return 404, None  # openid-configuration too: nobody logs in here

    def _send(self, status: int, said: Any) -> None:
        body = b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Servicer(WeaviateServicer):
    def __init__(self, double: WeaviateDouble) -> None:
        self._double = double

    def BatchObjects(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        errors = []
        self._look_at("BatchObjects", context)
        for index, sent in enumerate(request.objects):
            rows = self._tenant(sent.collection, sent.tenant, context)
            properties = sent.properties.non_ref_properties
            row = Row(
                int(properties["chunk"]), str(properties["collection"]), _vector_of(sent.vectors, "own")
            )
            others = next(iter(rows.values()), row)
            if self._double.refused_rows(row.chunk):
                errors.append(
                    batch_pb2.BatchObjectsReply.BatchError(index=index, error="no space left on device")
                )
            elif len(others.vector) != len(row.vector):
                words = f"vector lengths don't match: {len(others.vector)} vs {len(row.vector)}"
                errors.append(batch_pb2.BatchObjectsReply.BatchError(index=index, error=words))
            else:
                rows[str(UUID(sent.uuid))] = row
        return batch_pb2.BatchObjectsReply(errors=errors)

    def BatchDelete(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self._look_at("BatchDelete", context)
        rows = self._tenant(request.collection, request.tenant, context)
        if (
            request.filters.operator != base_pb2.Filters.OPERATOR_CONTAINS_ANY
            or request.filters.target.property != "_id"
        ):
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "only ids are known here")
        gone = [rows.pop(each) for each in request.filters.value_text_array.values if each in rows]
        return batch_delete_pb2.BatchDeleteReply(matches=len(gone), successful=len(gone))

    def TenantsGet(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self._look_at("TenantsGet", context)
        if request.collection not in self._double.held:
            context.abort(grpc.StatusCode.UNKNOWN, f"could not find class {request.collection} in schema")
        hot = tenants_pb2.TENANT_ACTIVITY_STATUS_HOT
        names = self._double.held[request.collection].tenants
        return tenants_pb2.TenantsGetReply(
            tenants=[tenants_pb2.Tenant(name=name, activity_status=hot) for name in names]
        )

    def Search(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self._double.answers.wait()
        self._look_at("Search", context)
        rows = self._tenant(request.collection, request.tenant, context)
        if request.HasField("near_vector"):
            loaded = rows if self._double.graph_is_loaded else {}
            found = _nearest(loaded, request.near_vector, request.limit)
        else:
            after = request.after
            later = sorted(key for key in rows if not after or UUID(key) > UUID(after))
            found = [(key, rows[key], None) for key in later[: request.limit]]
        return search_get_pb2.SearchReply(results=[_result(request, *each) for each in found])

    def _look_at(self, method: str, context: grpc.ServicerContext) -> None:
        self._double.asked.append(method)
        sent = dict(context.invocation_metadata()).get("authorization")
        if self._double.key and sent != f"Bearer {self._double.key}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "anonymous access not enabled")

    def _tenant(self, collection: str, tenant: str, context: grpc.ServicerContext) -> dict[str, Row]:
        held = self._double.held.get(collection)
        if held is None:
            context.abort(grpc.StatusCode.UNKNOWN, f"could not find class {collection} in schema")
        elif tenant not in held.tenants:
            context.abort(grpc.StatusCode.UNKNOWN, f'tenant not found: "{tenant}"')
        else:
            return held.tenants[tenant]
        raise AssertionError("abort raises")


def _nearest(rows: dict[str, Row], near: Any, limit: int) -> list[tuple[str, Row, float | None]]:
    if not rows:
        return []
    question = _vector_of(near.vectors, "") if near.vectors else np.frombuffer(near.vector_bytes, np.float32)
    keys = list(rows)
    matrix = np.stack([rows[key].vector for key in keys])
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(question)
    distances = 1 - matrix @ question / lengths
    return [(keys[at], rows[keys[at]], float(distances[at])) for at in np.argsort(distances)[:limit]]


def _result(request: Any, key: str, row: Row, distance: float | None) -> Any:
    value = properties_pb2.Value
    known = {"chunk": value(int_value=row.chunk), "collection": value(text_value=row.collection)}
    wanted = request.properties.non_ref_properties or known
    fields = properties_pb2.Properties(fields={name: known[name] for name in wanted})
    metadata = search_get_pb2.MetadataResult(id=key, id_as_bytes=UUID(key).bytes)
    if request.metadata.distance and distance is not None:
        metadata.distance, metadata.distance_present = distance, True
    if request.metadata.vector or request.metadata.vectors:
        kind = base_pb2.Vectors.VECTOR_TYPE_SINGLE_FP32
        metadata.vectors.append(base_pb2.Vectors(name="own", vector_bytes=row.vector.tobytes(), type=kind))
    return search_get_pb2.SearchResult(
        properties=search_get_pb2.PropertiesResult(
            non_ref_props=fields, target_collection=request.collection
        ),
        metadata=metadata,
    )


def _vector_of(vectors: Iterable[Any], name: str) -> NDArray[np.float32]:
    (sent,) = [each for each in vectors if each.name == name]
    return np.frombuffer(sent.vector_bytes, np.float32)


def _with_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """What a server adds to a schema that it was sent, as far as the client reads it."""
    assert schema["multiTenancyConfig"]["enabled"], "rows are sent with tenants"
    properties = [
        {"indexFilterable": True, "indexSearchable": False, **each} for each in schema.get("properties", [])
    ]
    inverted = {
        "bm25": {"b": 0.75, "k1": 1.2},
        "cleanupIntervalSeconds": 60,
        "stopwords": {"preset": "en", "additions": None, "removals": None},
    }
    vectors = {
        name: {**config, "vectorIndexConfig": {**_HNSW, **config["vectorIndexConfig"]}}
        for name, config in schema["vectorConfig"].items()
    }
    return {
        **schema,
        "properties": properties,
        "vectorConfig": vectors,
        "invertedIndexConfig": inverted,
        "replicationConfig": {"factor": 1},
    }
