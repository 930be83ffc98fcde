"""Downloads from an address: a real HTTP server on loopback whose replies are written here, faults included."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.errors import BackendDown, BadInput, Cancelled, FootnoteError, Misconfigured
from kb.models.catalogue.downloading import Wanted, download_model, require_followable
from tests.doubles.scripted_http import Reply, Request, scripted_http
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import tiny_qwen3


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("gguf")
    return tiny_gguf(tiny_qwen3(folder / "tiny"), folder / "tiny.gguf").read_bytes()


class FileServer:
    """Serves one file as a plain web server does: sizes, tags, ranges."""

    def __init__(
        self, content: bytes, *, breaks_at: int | None = None, heads: bool = True, tag: str = '"1"'
    ) -> None:
        self.content = content
        self.breaks_at = breaks_at
        self.heads = heads
        self.tag = tag
        self.sent = 0

    def __call__(self, request: Request) -> Reply:
        if request.method == "HEAD":
            return Reply(
                [], 200 if self.heads else 405, {"Content-Length": str(len(self.content)), "ETag": self.tag}
            )
        start, status = 0, 200
        headers = {"ETag": self.tag}
        wanted = request.headers.get("Range", "")
        if wanted and request.headers.get("If-Range", self.tag) == self.tag:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), int(last) + 1 if last else len(self.content)
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(self.content)}"
            status = 206
            if last:
                return Reply([self.content[start:end]], status, headers)
        piece = self.content[start : self.breaks_at]
        self.sent += len(piece)
        return Reply([piece], status, headers, cut=self.breaks_at is not None)


def download(url: str, home: Path, *, yes: bool = True, **wanted: str) -> tuple[Path, list[str]]:
    said: list[str] = []

    def confirm(offer: str) -> bool:
        said.append(offer)
        return yes

    path = download_model(Wanted(url, **wanted), home / "models", confirm=confirm, announce=said.append)
    return path, said


@pytest.mark.parametrize("heads", [True, False])
def test_the_size_is_said_first_and_the_file_is_whole(heads: bool, content: bytes, tmp_path: Path) -> None:
    with scripted_http(FileServer(content, heads=heads)) as server:
        url = f"{server.url}/models/tiny.gguf?download=true"
        with pytest.raises(Cancelled):
            download(url, tmp_path, yes=False)
        assert not list((tmp_path / "models").glob("*.gguf")) if (tmp_path / "models").exists() else True
        path, said = download(url, tmp_path, sha256=hashlib.sha256(content).hexdigest())
    assert said[0].startswith(f"tiny.gguf: {len(content) / 1e6:,.1f} MB from 127.0.0.1")
    assert path.read_bytes() == content


def test_what_broke_off_goes_on_where_it_was(content: bytes, tmp_path: Path) -> None:
    half = len(content) // 2
    serving = FileServer(content, breaks_at=half)
    with scripted_http(serving) as server:
        url = f"{server.url}/tiny.gguf"
        with pytest.raises(BackendDown, match=r"broke off"):
            download(url, tmp_path)
        assert not list((tmp_path / "models").glob("*.gguf"))
        serving.breaks_at, serving.sent = None, 0
        path, said = download(url, tmp_path)
    assert path.read_bytes() == content
    assert serving.sent == len(content) - half
    assert any("Going on" in line for line in said)
    assert not list((tmp_path / "models" / ".arriving").iterdir())


def test_another_state_of_the_file_begins_anew(content: bytes, tmp_path: Path) -> None:
    serving = FileServer(b"x" * len(content), breaks_at=1000)
    with scripted_http(serving) as server:
        with pytest.raises(BackendDown):
            download(f"{server.url}/tiny.gguf", tmp_path)
        serving.content, serving.breaks_at, serving.tag = content, None, '"2"'
        path, _ = download(f"{server.url}/tiny.gguf", tmp_path)
    assert path.read_bytes() == content


def more_than_offered(content: bytes) -> Callable[[Request], Reply]:
    def respond(request: Request) -> Reply:
        if request.method == "HEAD":
            return Reply([], 200, {"Content-Length": str(len(content) - 100)})
        return Reply([content])

    return respond


def test_a_server_that_sends_more_than_it_offered_is_cut_short(content: bytes, tmp_path: Path) -> None:
    with (
        scripted_http(more_than_offered(content)) as server,
        pytest.raises(BackendDown, match="offered"),
    ):
        download(f"{server.url}/tiny.gguf", tmp_path)
    assert not list((tmp_path / "models").glob("*.gguf"))


def test_what_is_no_model_or_another_one_is_removed(content: bytes, tmp_path: Path) -> None:
    with (
        scripted_http(FileServer(b"<html>log in</html>")) as server,
        pytest.raises(Misconfigured, match="GGUF"),
    ):
        download(f"{server.url}/tiny.gguf", tmp_path)
    with scripted_http(FileServer(content)) as server:
        with pytest.raises(Misconfigured, match="SHA-256"):
            download(f"{server.url}/tiny.gguf", tmp_path, sha256="0" * 64)
        for url in (f"{server.url}/model.bin", "http://169.254.169.254/tiny.gguf", "http:///tiny.gguf"):
            with pytest.raises((BadInput, Misconfigured)):
                download(url, tmp_path)
    assert not list((tmp_path / "models").rglob("tiny.gguf*"))


def test_a_redirect_within_the_server_is_followed_and_one_to_this_machine_is_not(
    content: bytes, tmp_path: Path
) -> None:
    serving = FileServer(content)

    def respond(request: Request) -> Reply:
        if request.path == "/moved/tiny.gguf":
            return Reply([], 302, {"Location": "/tiny.gguf"})
        if request.path.startswith("/round"):
            return Reply([], 302, {"Location": request.path + "x"})
        return serving(request)

    with scripted_http(respond) as server:
        path, _ = download(f"{server.url}/moved/tiny.gguf", tmp_path)
        assert path.read_bytes() == content
        with pytest.raises(FootnoteError, match="leads from one address to the next"):
            download(f"{server.url}/round/other.gguf", tmp_path, name="other.gguf")
        with (
            scripted_http(lambda _: Reply([], 302, {"Location": f"{server.url}/tiny.gguf"})) as other,
            pytest.raises(Misconfigured, match="this machine"),
        ):
            download(f"{other.url}/another.gguf", tmp_path)


def test_where_a_redirect_may_lead() -> None:
    def public(_: str) -> list[str]:
        return ["93.184.216.34"]

    origin = "https://models.example.org/a.gguf"
    elsewhere = "https://cdn.example.net/a.gguf"
    assert require_followable(origin, elsewhere, resolve=public) == elsewhere
    for target, resolve in (
        ("http://cdn.example.net/a.gguf", public),  # from https to http
        ("https://cdn.example.net/a.gguf", lambda _: ["93.184.216.34", "10.0.0.3"]),
        ("https://cdn.example.net/a.gguf", lambda _: ["::1"]),
        ("https://127.0.0.1/a.gguf", None),
        ("https://[::ffff:127.0.0.1]/a.gguf", None),
        ("file:///etc/passwd", public),
        ("https://169.254.169.254/a.gguf", public),
    ):
        with pytest.raises(Misconfigured):
            require_followable(origin, target, resolve=resolve)
