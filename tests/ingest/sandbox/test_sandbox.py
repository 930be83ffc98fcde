"""The sandbox with real processes: whatever a parser does, the caller gets an answer or a sentence."""

from __future__ import annotations

import logging
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from ingest.sandbox.protocol import MOST_BLOCKS
from ingest.sandbox.sandbox import MOST_ASIDE, ParserCrashed, Sandbox, workers_for
from kb.errors import BadInput, Cancelled, Misconfigured, NotFound
from kb.ports import PageRenderer
from kb.types import Rect
from tests.ingest.big_zip import write_big_docx
from tests.ingest.sandbox.sandbox_functions import PNG, everything

FUNCTIONS = "tests.ingest.sandbox.sandbox_functions"
LINUX = sys.platform == "linux"
SECONDS, MEGABYTES, OUTPUT_MEGABYTES = 2, 256, 4
on_linux = pytest.mark.skipif(not LINUX, reason="the kernel's layers are Linux's")

Ask = Callable[[str], str]


def open_sandbox(
    *, confined: bool, workers: int = 1, parser: str = "behave", seconds: int = SECONDS
) -> Sandbox:
    return Sandbox(
        workers=workers,
        seconds=seconds,
        megabytes=MEGABYTES,
        output_megabytes=OUTPUT_MEGABYTES,
        parser=f"{FUNCTIONS}:{parser}",
        renderer=f"{FUNCTIONS}:Renderer",
        confined=confined,
    )


@pytest.fixture(
    scope="module",
    params=[pytest.param(True, id="linux", marks=on_linux), pytest.param(False, id="portable")],
)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with open_sandbox(confined=request.param) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def confined() -> Iterator[Sandbox]:
    with open_sandbox(confined=True) as sandbox:
        yield sandbox


def ask(sandbox: Sandbox, folder: Path, what: str) -> str:
    """The text that the parser makes of a file that says ``what`` to do."""
    file = folder / "file"
    file.write_text(what, encoding="utf-8")
    return sandbox.parse(file, "letter.pdf").text


def test_a_document_arrives_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("Grüße, 世界 🙂", encoding="utf-8")
    with open_sandbox(confined=LINUX, parser="everything") as sandbox:
        assert sandbox.parse(file, "letter.pdf") == everything(file, "letter.pdf")


def test_a_sentence_of_the_parser_passes_through(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^this letter is not to my taste\.$"):
        ask(sandbox, tmp_path, "refuse this letter")


@pytest.mark.parametrize(("what", "type_"), [("damage", "KeyError"), ("recurse", "RecursionError")])
def test_an_exception_is_reported_as_damage(
    sandbox: Sandbox, tmp_path: Path, what: str, type_: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(BadInput, match=rf"letter\.pdf seems to be damaged.*{type_}") as caught:
        ask(sandbox, tmp_path, what)
    assert not isinstance(caught.value, ParserCrashed)
    assert f"in {what}" in vars(caplog.records[-1])["reason"]


def test_a_parser_that_never_ends_is_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(BadInput, match="took longer than 2 s"):
        ask(sandbox, tmp_path, "loop")
    assert time.monotonic() - start < SECONDS + 1.5


@pytest.mark.parametrize("what", ["allocate", "allocate_in_c"])
def test_memory_is_limited(sandbox: Sandbox, tmp_path: Path, what: str) -> None:
    with pytest.raises(BadInput, match="needs more than 256 MB of memory"):
        ask(sandbox, tmp_path, what)


@pytest.mark.parametrize("what", ["segfault", "abort", "exit_at_once 3", "exit_at_once 0"])
def test_a_crash_is_a_sentence_and_the_next_file_is_read(sandbox: Sandbox, tmp_path: Path, what: str) -> None:
    with pytest.raises(ParserCrashed, match=r"The parser crashed on letter\.pdf"):
        ask(sandbox, tmp_path, what)
    assert ask(sandbox, tmp_path, "chatter") == "said"


def test_a_crash_is_tried_once_more(sandbox: Sandbox, tmp_path: Path) -> None:
    class Mend(logging.Handler):
        """Makes the file readable when the second try is announced."""

        def emit(self, record: logging.LogRecord) -> None:
            if "once more" in record.getMessage():
                (tmp_path / "file").write_text("chatter", encoding="utf-8")

    mend = Mend()
    logging.getLogger("ingest.sandbox.sandbox").addHandler(mend)
    try:
        assert ask(sandbox, tmp_path, "abort") == "said"
    finally:
        logging.getLogger("ingest.sandbox.sandbox").removeHandler(mend)


def test_printing_does_not_reach_the_protocol(sandbox: Sandbox, tmp_path: Path) -> None:
    assert ask(sandbox, tmp_path, "chatter") == "said"


def test_output_is_limited(sandbox: Sandbox, tmp_path: Path) -> None:
    assert len(ask(sandbox, tmp_path, "fill 3")) == 3 * 2**20
    with pytest.raises(BadInput, match="holds more than 4 MB of text"):
        ask(sandbox, tmp_path, "fill 5")


def test_half_a_surrogate_pair_is_replaced(sandbox: Sandbox, tmp_path: Path) -> None:
    assert ask(sandbox, tmp_path, "surrogate") == "half a pair: \ufffd."


def test_a_file_cannot_be_written(sandbox: Sandbox, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    for path in (victim, tmp_path / "new", Path("relative")):
        with pytest.raises(BadInput, match="PermissionError"):
            ask(sandbox, tmp_path, f"write {path}")
    assert victim.read_text(encoding="utf-8") == "precious"
    assert not (tmp_path / "new").exists()


def test_another_file_cannot_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("secret", encoding="utf-8")
    for path in (tmp_path / "other", "/etc/passwd"):
        with pytest.raises(BadInput, match="PermissionError"):
            ask(sandbox, tmp_path, f"read {path}")


def test_the_network_is_out_of_reach(sandbox: Sandbox, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        with pytest.raises(BadInput, match="PermissionError"):
            ask(sandbox, tmp_path, f"connect {server.getsockname()[1]}")
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_program_can_be_started(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="PermissionError"):
        ask(sandbox, tmp_path, "spawn")


def test_secrets_of_the_environment_stay_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_ENDPOINT_KEY", "sk-canary")
    with open_sandbox(confined=LINUX) as sandbox:
        seen = ask(sandbox, tmp_path, "environment")
    assert "FOOTNOTE" not in seen
    assert set(seen.split()) < {
        "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR",
        "PYTHONPATH", "PYTHONUTF8", "OMP_NUM_THREADS",
    }  # fmt: skip


@on_linux
def test_every_layer_is_in_force_here(confined: Sandbox) -> None:
    assert confined.layers == ("limits", "audit", "landlock", "seccomp")


@on_linux
@pytest.mark.parametrize(
    "call",
    [
        "socket",
        "fork",
        "exec",
        "system",
        "kill",
        "write",
        "truncate",
        "unlink",
        "read",
        "survive",
        "memfd",
        "ptrace",
    ],
)
def test_machine_code_is_refused_too(confined: Sandbox, tmp_path: Path, call: str) -> None:
    assert ask(confined, tmp_path, f"libc_call {call}") == "refused"


@on_linux
def test_a_document_leaves_no_trace_for_the_next(confined: Sandbox, tmp_path: Path) -> None:
    assert [ask(confined, tmp_path, "serve_count") for _ in range(3)] == ["1", "1", "1"]


@on_linux
def test_a_fork_that_hides_is_ended(tmp_path: Path) -> None:
    """Ended because it closed its pipe, long before its time is up, and reaped before the answer is given."""
    before = set(psutil.Process().children())
    with open_sandbox(confined=True, seconds=60) as sandbox:
        # a process that starts forks once by itself; when it has answered, that is over
        assert ask(sandbox, tmp_path, "chatter") == "said"
        (ours,) = set(psutil.Process().children()) - before
        start = time.monotonic()
        with pytest.raises(BadInput):
            ask(sandbox, tmp_path, "stop_clock")
        assert time.monotonic() - start < 30
        assert ours.children() == []


def test_what_every_fork_would_read_is_read_before_the_first() -> None:
    script = (
        "from ingest.sandbox.child import Options, _load\n"
        "from kb.text.word_lists import all_word_lists\n"
        "_load(Options('parse', 'ingest.formats:parse', True, 9, 512, 1 << 20))\n"
        "print(all_word_lists.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_open_files_are_limited(sandbox: Sandbox, tmp_path: Path) -> None:
    count, _, reason = ask(sandbox, tmp_path, f"open_many {tmp_path / 'file'}").partition(" ")
    assert reason == "Too many open files"
    assert 0 < int(count) < 64


@on_linux
def test_a_flood_past_the_protocol_is_cut_off(confined: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds more than 4 MB of text"):
        ask(confined, tmp_path, "flood")
    assert ask(confined, tmp_path, "chatter") == "said"


@pytest.mark.parametrize("declared", [None, 1000], ids=["honest", "lying"])
def test_an_entry_of_two_gigabytes_is_refused_at_once(tmp_path: Path, declared: int | None) -> None:
    file = write_big_docx(tmp_path / "file", gigabytes=2, declared=declared)
    with Sandbox(workers=1, seconds=30, megabytes=512) as sandbox:
        start = time.monotonic()
        with pytest.raises(BadInput, match=r"inflates to more than|cannot be unpacked|no text"):
            sandbox.parse(file, "thesis.docx")
        assert time.monotonic() - start < 20


def test_a_child_that_cannot_fork_is_replaced_in_time(tmp_path: Path) -> None:
    with open_sandbox(confined=False) as sandbox:
        counts = [int(ask(sandbox, tmp_path, "serve_count")) for _ in range(60)]
    assert counts[:50] == list(range(1, 51))
    assert counts[50:] == list(range(1, 11))


def test_many_callers_at_once_get_their_own_answers(tmp_path: Path) -> None:
    before = set(psutil.Process().children())

    def one(sandbox: Sandbox, number: int) -> str:
        file = tmp_path / str(number)
        file.write_text("segfault" if number % 7 == 0 else f"sleep 0.0{number}", encoding="utf-8")
        try:
            return sandbox.parse(file, f"{number}.txt").text
        except ParserCrashed as error:
            return str(error)

    with open_sandbox(confined=LINUX, workers=3) as sandbox, ThreadPoolExecutor(16) as pool:
        for number, answer in enumerate(pool.map(one, [sandbox] * 42, range(42))):
            assert answer.startswith(f"The parser crashed on {number}.txt" if number % 7 == 0 else "slept")
        assert len(set(psutil.Process().children()) - before) == 3


def test_files_that_take_long_let_others_pass_as_far_as_that_goes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("read me", encoding="utf-8")
    cancelled = threading.Event()

    begun: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read(name: str) -> str:
        return patient.parse(tmp_path / "file", name, cancelled=cancelled, begun=lambda: begun.put(name)).text

    with (
        Sandbox(
            workers=1,
            seconds=100,
            parser=f"{FUNCTIONS}:sleep_or_read",
            renderer=f"{FUNCTIONS}:Renderer",
            confined=LINUX,
            long_seconds=0.2,
        ) as patient,
        ThreadPoolExecutor(6) as threads,
    ):
        sleeping = [threads.submit(read, f"sleep {number}") for number in range(MOST_ASIDE)]
        assert threads.submit(read, "a.txt").result(30) == "read me"
        sleeping.append(threads.submit(read, "sleep more"))
        while begun.get(timeout=30) != "sleep more":
            pass
        waiting = threads.submit(read, "b.txt")
        with pytest.raises(TimeoutError):  # the one slot is taken, and no more may be set aside
            waiting.result(2)
        cancelled.set()
        for each in (*sleeping, waiting):
            with pytest.raises(Cancelled):
                each.result(30)
        cancelled.clear()
        assert threads.submit(read, "c.txt").result(30) == "read me"


@pytest.mark.parametrize(("cores", "workers"), [(None, 2), (1, 2), (2, 2), (4, 3), (64, 4)])
def test_two_files_at_least_are_read_at_once(cores: int | None, workers: int) -> None:
    assert workers_for(cores) == workers


def test_a_document_of_too_many_paragraphs_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "many.md"
    file.write_text("- a\n\n" * (MOST_BLOCKS + 10), encoding="utf-8")
    with Sandbox(workers=1) as sandbox, pytest.raises(BadInput, match=r"many\.md holds 200,0\d\d paragraphs"):
        sandbox.parse(file, "many.md")


def test_a_page_is_rendered_while_a_parser_is_busy(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "busy"
    file.write_text("loop", encoding="utf-8")
    sandbox.render(file, 1)
    with ThreadPoolExecutor(1) as pool:
        parsing = pool.submit(sandbox.parse, file, "busy.pdf")
        png = sandbox.render(file, 2, rects=[Rect(2, 0.5, 1, 2, 3)], width=300)
        assert not parsing.done()
        assert png == PNG + f"busy 2 300 {[Rect(2, 0.5, 1, 2, 3)]}".encode()
        with pytest.raises(BadInput):
            parsing.result()


def test_rendering_fails_in_words(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no page 404"):
        sandbox.render(tmp_path / "x", 404)
    with pytest.raises(ParserCrashed):  # what is no picture does not reach the page
        sandbox.render(tmp_path / "x", 500)


def test_cancelling_ends_the_parser_within_a_second(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("loop", encoding="utf-8")
    cancelled, begun = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(sandbox.parse, file, "a.pdf", cancelled=cancelled, begun=begun.set)
        assert begun.wait(20)
        waiting = pool.submit(sandbox.parse, file, "b.pdf", cancelled=cancelled)
        start = time.monotonic()
        cancelled.set()
        for parse in (running, waiting):
            with pytest.raises(Cancelled):
                parse.result(timeout=1)
        assert time.monotonic() - start < 1
    assert ask(sandbox, tmp_path, "chatter") == "said"


def children_since(before: set[psutil.Process], *, count: int) -> set[psutil.Process]:
    """The processes begun since ``before``, once there are ``count`` of them."""
    deadline = time.monotonic() + 10
    while True:
        ours = set(psutil.Process().children(recursive=True)) - before
        if len(ours) >= count or time.monotonic() > deadline:
            assert len(ours) == count
            return ours
        time.sleep(0.02)


def test_closing_ends_what_runs_and_leaves_no_process(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    file = tmp_path / "file"
    sandbox = open_sandbox(confined=LINUX)
    ask(sandbox, tmp_path, "chatter")
    file.write_text("loop", encoding="utf-8")
    with ThreadPoolExecutor(1) as pool:
        parsing = pool.submit(sandbox.parse, file, "a.pdf")
        ours = children_since(before, count=2 if LINUX else 1)
        sandbox.close()
        with pytest.raises(Cancelled, match="closing"):
            parsing.result(timeout=1)
    _, alive = psutil.wait_procs(ours, timeout=1)
    assert not alive
    sandbox.close()  # a second time does no harm
    with pytest.raises(Cancelled):
        sandbox.parse(file, "b.pdf")


def test_a_parser_that_cannot_be_loaded_is_the_owners_matter(tmp_path: Path) -> None:
    with (
        open_sandbox(confined=LINUX, parser="missing") as sandbox,
        pytest.raises(Misconfigured, match=r"does not start: AttributeError.*missing"),
    ):
        ask(sandbox, tmp_path, "chatter")


def test_a_file_that_is_gone_is_not_called_damaged(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"letter\.pdf is gone"):
        sandbox.parse(tmp_path / "missing", "letter.pdf")


def test_the_sandbox_draws_pages_as_the_port_wants_it(sandbox: Sandbox, tmp_path: Path) -> None:
    renderer: PageRenderer = sandbox
    assert renderer.render(tmp_path / "x", 1, width=10).startswith(PNG)


@on_linux
@pytest.mark.parametrize("confined", [True, False])
def test_children_die_with_the_app(tmp_path: Path, confined: bool) -> None:
    file = tmp_path / "file"
    file.write_text("sleep 60", encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from ingest.sandbox.sandbox import Sandbox\n"
        f"sandbox = Sandbox(workers=1, parser='{FUNCTIONS}:behave', confined={confined})\n"
        "sandbox.layers; print('ready', flush=True)\n"
        f"sandbox.parse(Path({str(file)!r}), 'a.pdf')"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=root) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == b"ready\n"
        wanted = 2 if confined else 1  # the process and its fork, once the parser runs
        family: list[psutil.Process] = []
        deadline = time.monotonic() + 30
        while len(family) < wanted and time.monotonic() < deadline:
            family = psutil.Process(app.pid).children(recursive=True)
        assert len(family) == wanted
        app.send_signal(signal.SIGKILL)
        _, alive = psutil.wait_procs(family, timeout=2)
    assert not alive


def test_the_log_does_not_grow_with_what_a_child_prints(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        ask(sandbox, tmp_path, "chatter")
    with pytest.raises(ParserCrashed):
        ask(sandbox, tmp_path, "abort")
    assert sum(len(str(vars(record))) for record in caplog.records) < 100_000
