"""Who may connect to a real server on a real port, how many at once, and how long they may be silent."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import httpx
import pytest

from kb.system.access_token import TOKEN_HEADER, read_token
from kb.system.private import make_private
from kb.types import OWNER
from kb.web.door.local_accounts import Holder, Tables, can_tell, holder_of
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import open_kb
from tests.kb.web.test_server import running

ROUTES = (
    ("GET", "/"), ("GET", "/api/documents"), ("GET", "/api/status"), ("POST", "/api/ask"), ("POST", "/api/documents"),
    ("DELETE", "/api/documents/d1"), ("GET", "/documents/d1/original"), ("GET", "/ui/library"),
    ("POST", "/api/backups"),
    ("POST", "/gradio_api/queue/join"), ("GET", "/config"), ("GET", "/gradio_api/heartbeat/a"), ("GET", "/api/nothing"),
)  # fmt: skip
ASK = """
import http.client, json, sys
host, port = sys.argv[1].removeprefix("http://").split(":")
said = []
for method, path in json.loads(sys.argv[2]):
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request(method, path, body="{}" if method == "POST" else None, headers=json.loads(sys.argv[3]))
    answer = connection.getresponse()
    said.append([answer.status, answer.read(300).decode()])
    connection.close()
print(json.dumps(said))
"""
SEND_AND_RESET = """
import socket, sys
host, port = sys.argv[1].removeprefix("http://").split(":")
for number in range(20):
    said = b"Evil %d." % number
    described = b'Content-Disposition: form-data; name="file"; filename="e.txt"'
    body = b"--x\\r\\n" + described + b"\\r\\n\\r\\n" + said + b"\\r\\n--x--\\r\\n"
    head = (
        f"POST /api/documents HTTP/1.1\\r\\nHost: {host}:{port}\\r\\nContent-Length: {len(body)}\\r\\n"
        "Content-Type: multipart/form-data; boundary=x\\r\\n\\r\\n"
    )
    client = socket.create_connection((host, int(port)))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
    client.sendall(head.encode() + body)
    client.close()
"""
READ = """
import os, sys
for folder, folders, files in os.walk(sys.argv[1]):
    for name in folders + files:
        print("seen", folder, name)
for name in sys.argv[2:]:
    try:
        print("read", name, open(name, "rb").read(1))
    except OSError:
        pass
"""
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not Path("/usr/bin/python3").exists(),
    reason="only root can become another account",
)
needs_table = pytest.mark.skipif(not can_tell(), reason="this system does not say whose a connection is")


def as_nobody(script: str, *arguments: str) -> str:
    """What a script prints that another account runs."""
    ended = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", script, *arguments],
        user="nobody", group="nogroup", extra_groups=[], cwd="/", capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@needs_root
@needs_table
def test_another_account_gets_nothing_and_the_owner_types_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as (_, address):
        for answer in json.loads(as_nobody(ASK, address, json.dumps(ROUTES), "{}")):
            assert answer[0] == 403
            assert "another account" in answer[1]
        assert httpx.get(f"{address}/api/documents", trust_env=False, timeout=60).status_code == 200
        token = read_token(tmp_path)
        assert token
        shown = json.dumps({TOKEN_HEADER: token})
        assert (
            json.loads(as_nobody(ASK, address, json.dumps([["GET", "/api/documents"]]), shown))[0][0] == 200
        )
        wrong = json.dumps({TOKEN_HEADER: token[:-1]})
        assert (
            json.loads(as_nobody(ASK, address, json.dumps([["GET", "/api/documents"]]), wrong))[0][0] == 403
        )


@needs_root
@needs_table
def test_another_account_that_has_left_gets_nothing_done(tmp_path: Path) -> None:
    """A connection that was reset has no client's end any more, and what it sent can still be read."""
    with running(tmp_path) as (_, address):
        as_nobody(SEND_AND_RESET, address)
        time.sleep(0.5)  # what was sent is read after the client left
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as owner:
            assert owner.get("/api/documents").json()["total"] == 0
            sent = owner.post("/api/documents", files={"file": ("mine.txt", b"Mine.")})
            assert sent.is_success, sent.text


@needs_root
def test_no_other_account_reads_a_folder_that_was_open(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o755)
    kb = open_kb(home, embedder=HashEmbedder())
    source = open_folder / "secret.txt"
    source.write_text("A secret.")
    kb.library.add(source, "secret.txt", caller=OWNER)
    kb.maintenance.back_up(caller=OWNER)
    kb.close()
    files = [path for path in home.rglob("*") if path.is_file()]
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert str(home / "footnote.db") in as_nobody(READ, str(home), *map(str, files))
    kb = open_kb(home, embedder=HashEmbedder())
    assert [notice.text for notice in kb.maintenance.notices(caller=OWNER) if "Other accounts" in notice.text]
    kb.close()
    assert as_nobody(READ, str(home), *map(str, files)) == ""
    for path in (home, *home.rglob("*")):
        assert not path.stat().st_mode & 0o077, path
    open_kb(home, embedder=HashEmbedder()).close()


def test_only_what_is_ours_is_closed_and_programs_stay_programs(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "models").mkdir()
    program, others, linked = (
        tmp_path / "models" / "run",
        tmp_path / "notes.txt",
        tmp_path / "models" / "link",
    )
    for path in (program, others):
        path.write_text("x")
        path.chmod(0o755)
    linked.symlink_to(others)
    assert make_private(tmp_path)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, program, others)] == [
        0o700,
        0o700,
        0o755,
    ]
    assert not make_private(tmp_path), "there is nothing left to mend"


def test_settings_that_somebody_wrote_since_are_closed_at_the_next_start(tmp_path: Path) -> None:
    (home := tmp_path / "home").mkdir(mode=0o700)
    open_kb(home, embedder=HashEmbedder()).close()
    written = [
        home / name for name in ("footnote.toml", "footnote.toml.bak", "footnote.toml~", ".footnote.toml.swp")
    ]
    for path in written:
        path.write_text("[backup]\nkept = 3\n", encoding="utf-8")
        path.chmod(0o644)
    with closing(open_kb(home, embedder=HashEmbedder())) as kb:
        assert [stat.S_IMODE(path.stat().st_mode) for path in written] == [0o600] * 4
        assert kb.maintenance.notices(caller=OWNER) == [], "nobody could enter the folder"


@pytest.mark.skipif(sys.platform != "linux", reason="umask of a process, as the app sets it")
def test_what_the_app_writes_is_private_from_the_start(open_folder: Path) -> None:
    subprocess.run(
        [sys.executable, "app.py", "list", "--home", str(open_folder / "home")],
        cwd=Path(__file__).parents[3], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    made = [open_folder / "home", *(open_folder / "home").rglob("*")]
    assert len(made) > 2
    assert [path for path in made if path.stat().st_mode & 0o077] == []


@needs_table
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_the_holder_of_a_connection_is_found(host: str) -> None:
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    if family == socket.AF_INET6 and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    tables = Tables()
    bound = "127.0.0.1" if "ffff" in host else host
    with socket.create_server((bound, 0), family=family) as server:
        port = server.getsockname()[1]
        client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        client.connect((host, port))
        served, peer = server.accept()
        own = served.getsockname()
        assert await holder_of(peer[:2], own[:2], tables) is Holder.MINE
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()  # at once: what it sent can still be read, and nobody can be named for it
        assert await holder_of(peer[:2], own[:2], tables) is Holder.GONE
        served.close()
        other = socket.create_connection((bound, port))
        served, peer = server.accept()
        other.close()
        assert await holder_of(peer[:2], own[:2], tables) is Holder.GONE
        served.close()
    assert await holder_of(("192.0.2.1", 5), ("192.0.2.2", 7), tables) is Holder.UNKNOWN


HALF_OPEN = (
    b"",
    b"GET / HTTP/1.1\r\nHost: ",
    b"POST /api/ask HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
)


@pytest.mark.slow
@pytest.mark.parametrize("sent", HALF_OPEN, ids=["nothing", "half its headers", "half its body"])
def test_half_open_requests_refuse_nobody(tmp_path: Path, sent: bytes) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with running(tmp_path) as (process, address), ExitStack() as stack:
        subprocess.run(["prlimit", "--pid", str(process.pid), "--nofile=1024"], check=True)
        host, port = address.removeprefix("http://").split(":")
        for _ in range(1100):
            half = stack.enter_context(socket.create_connection((host, int(port)), timeout=10))
            half.sendall(sent.replace(b"%b", f"{host}:{port}".encode()))
        slowest = 0.0
        for _ in range(5):
            begun = time.monotonic()
            assert httpx.get(f"{address}/api/documents", trust_env=False, timeout=20).status_code == 200
            slowest = max(slowest, time.monotonic() - begun)
        assert slowest < 3, "some hundredths of a second on an idle machine"
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "Traceback" not in (tmp_path.parent / f"{tmp_path.name}.log").read_text(encoding="utf-8")


@pytest.mark.slow
def test_headers_have_ten_seconds_however_slowly_they_drip(tmp_path: Path) -> None:
    with running(tmp_path) as (_, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as drip:
            begun = time.monotonic()
            drip.sendall(b"GET / HTTP/1.1\r\nX: ")
            with suppress(OSError):  # a reset or a broken pipe, as the system likes
                while time.monotonic() - begun < 25:
                    drip.sendall(b"x")
                    time.sleep(0.5)
            assert time.monotonic() - begun < 20
