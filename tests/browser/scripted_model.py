"""A double of a chat model behind a real HTTP server that speaks the OpenAI protocol, and a listener.

The answers come from a script, in pieces as small as tokens get, so that every half of every
payload is on the page for a moment.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "scripted-double"
Script = Callable[[str], Iterable[str]]
"""The last message of the prompt -> the pieces of the answer."""


@contextmanager
def scripted_model(script: Script) -> Iterator[str]:
    """Serves the script; yields the base URL, up to and with ``/v1``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send_json(
                {"object": "list", "data": [{"id": NAME, "object": "model", "max_model_len": 8192}]}
            )

        def do_POST(self) -> None:
            if not self.path.endswith("/chat/completions"):  # it counts no tokens
                self.send_error(404)
                return
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            pieces = script(asked["messages"][-1]["content"])
            if not asked.get("stream"):
                message = {"role": "assistant", "content": "".join(pieces)}
                self._send_json({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
                return
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            for piece in pieces:
                self._send_event({"delta": {"content": piece}, "index": 0, "finish_reason": None})
            self._send_event({"delta": {}, "index": 0, "finish_reason": "stop"})
            self.wfile.write(b"data: [DONE]\n\n")

        def _send_event(self, choice: dict[str, object]) -> None:
            self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
            self.wfile.flush()

        def _send_json(self, data: object) -> None:
            body = json.dumps(data).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    with _serving(Handler) as address:
        yield f"{address}/v1"


@contextmanager
def other_origin() -> Iterator[tuple[str, list[str]]]:
    """A server that nobody should call: its address, and the list of requests that came all the same."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_OPTIONS = do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    with _serving(Handler) as address:
        yield address, came


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
