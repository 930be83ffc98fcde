"""GGUF files: what is read from them, what is said of those that cannot be run, and the process behind."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from kb.config import AnsweringSettings, Settings
from kb.errors import BackendDown, Misconfigured, NotFound
from kb.models.chat.gguf import GgufModel
from kb.models.gguf_files import describe, gguf_files, read_header
from kb.system.request_recording import Behalf, on_behalf_of
from kb.types import Caller, ChatOptions, Message, TextDelta
from kb.web.sentences.catalogue import said_in
from tests.models import smollm2_gguf
from tests.waiting import until

QUESTION = [Message("user", "Write a long story about a lighthouse.")]


def header(architecture: str, **keys: int) -> bytes:
    """A GGUF file of nothing but metadata."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    written = text("general.architecture") + struct.pack("<I", 8) + text(architecture)
    for key, value in keys.items():
        written += text(f"{architecture}.{key}") + struct.pack("<II", 4, value)
    return b"GGUF" + struct.pack("<IQQ", 3, 0, 1 + len(keys)) + written


def nested(depth: int) -> bytes:
    """A GGUF file with arrays in arrays."""
    key = struct.pack("<Q", 1) + b"a" + struct.pack("<I", 9)
    return b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + key + struct.pack("<IQ", 9, 1) * depth


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "kb.models.gguf_server" in child.cmdline()]


def test_reads_what_a_real_file_says() -> None:
    found = read_header(smollm2_gguf())
    assert (found.architecture, found.size_label, found.context_tokens, found.chats) == (
        "llama",
        "135M",
        8192,
        True,
    )
    assert describe(smollm2_gguf()) == "135M, 0.1 GB"


@pytest.mark.parametrize(
    ("content", "why", "chinese"),
    [
        (b"", "it is empty", "文件是空的"),
        (b"PK\x03\x04 a zip", "it does not begin like one", "开头不符合 GGUF 格式"),
        (b"GGUF", "it breaks off in its header", "文件头不完整"),
        (
            b"GGUF\x09\0\0\0",
            "it is of version 9, and only versions 2 and 3 can be read",
            "版本为 9，只能读取版本 2 和 3",
        ),
        (header("llama")[:-3], "it breaks off in its header", "文件头不完整"),
        (
            b"GGUF" + b"\xff" * 99,
            "it is of version 4294967295, and only versions 2 and 3 can be read",
            "只能读取",
        ),
        (b"GGUF\3\0\0\0" + b"\xff" * 99, "its header is damaged", "文件头已损坏"),
        (
            b"GGUF\3\0\0\0" + struct.pack("<QQQ", 0, 1, 2) + b"\xff\xfe",
            "its header is damaged",
            "文件头已损坏",
        ),
        (nested(5000), "its header is damaged", "文件头已损坏"),
    ],
)
def test_what_is_no_gguf_file_is_said_so(tmp_path: Path, content: bytes, why: str, chinese: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(Misconfigured) as raised:
        read_header(path)
    assert f"model.gguf is not a GGUF model file ({why}). Download it again" in str(raised.value)
    assert chinese in said_in("zh", str(raised.value))


async def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    model = GgufModel(tmp_path / "gone.gguf")
    with pytest.raises(Misconfigured, match=r"gone\.gguf cannot be read: No such file"):
        await anext(model.stream(QUESTION, ChatOptions()))
    assert children() == []


def test_only_chat_models_are_described(tmp_path: Path) -> None:
    for name, content in {
        "bert": header("bert", pooling_type=1),
        "qwen": header("qwen3", pooling_type=3, context_length=32768),
        "clip": header("clip"),
    }.items():
        (tmp_path / name).write_bytes(content)
        assert describe(tmp_path / name) is None


def test_files_that_may_be_chosen(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for name in ("b.gguf", "a.gguf", "big-00001-of-00002.gguf", "big-00002-of-00002.gguf", "notes.txt"):
        (models / name).touch()
    settings = Settings(home=tmp_path, answering=AnsweringSettings(gguf=tmp_path / "mine.gguf"))
    assert list(gguf_files(settings)) == ["mine.gguf", "a.gguf", "b.gguf", "big-00001-of-00002.gguf"]


def test_a_person_at_the_page_cannot_name_any_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.gguf"
    secret.touch()
    with pytest.raises(NotFound, match="There is none there"):
        GgufModel.from_settings(Settings(home=tmp_path), str(secret))
    owner = Settings(home=tmp_path, answering=AnsweringSettings(model=f"gguf/{secret}"))
    assert GgufModel.from_settings(owner, str(secret)).name == "gguf/secret.gguf"


async def test_a_file_that_is_cut_short_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    with smollm2_gguf().open("rb") as whole:
        path.write_bytes(whole.read(30_000_000))
    model = GgufModel(path, context_tokens=512)
    with pytest.raises(Misconfigured, match="corrupted or incomplete"):
        await model.count_tokens("hello")
    await model.close()


async def test_a_file_that_makes_llama_cpp_abort_is_refused(tmp_path: Path) -> None:
    content = bytearray(smollm2_gguf().read_bytes())
    at = content.index(b"llama.block_count") + len(b"llama.block_count") + 4
    content[at : at + 4] = struct.pack("<I", 999_999)
    path = tmp_path / "hostile.gguf"
    path.write_bytes(content)
    model = GgufModel(path, context_tokens=512)
    with pytest.raises(Misconfigured, match=r"hostile\.gguf cannot be loaded"):
        await model.count_tokens("hello")
    await model.close()


async def test_the_page_lives_while_a_model_loads_and_memory_goes_with_it() -> None:
    model = GgufModel(smollm2_gguf(), context_tokens=512)
    loading = asyncio.ensure_future(model.count_tokens("hello world"))
    ticks = 0
    while not loading.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert await loading == 2
    assert ticks >= 5
    (child,) = children()
    await model.close()
    assert not child.is_running()


async def test_closing_while_it_loads_leaves_nothing_behind() -> None:
    model = GgufModel(smollm2_gguf(), context_tokens=512)
    loading = asyncio.ensure_future(model.count_tokens("hello"))
    await until(children)
    began = time.monotonic()
    await model.close()
    assert time.monotonic() - began < 1
    with pytest.raises(BackendDown, match="closed while it was loading"):
        await loading
    assert children() == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
async def test_a_killed_model_is_an_error_and_is_back_with_the_next_question() -> None:
    model = GgufModel(smollm2_gguf(), context_tokens=1024)
    stream = model.stream(QUESTION, ChatOptions(max_tokens=900))
    assert isinstance(await anext(stream), TextDelta)
    children()[0].send_signal(signal.SIGKILL)
    with pytest.raises(BackendDown, match=r"SmolLM2.*broke off"):
        async for _event in stream:
            pass
    assert await model.count_tokens("hello world") == 2
    await model.close()


async def test_a_prompt_beyond_the_context_is_refused_not_cut() -> None:
    model = GgufModel(smollm2_gguf(), context_tokens=512)
    with pytest.raises(BackendDown, match="exceeds the available context size"):
        await anext(model.stream([Message("user", "word " * 900)], ChatOptions()))
    await model.close()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_it_ends_with_a_parent_that_was_killed() -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from kb.models.chat.gguf import GgufModel\n"
        "model = GgufModel(Path(sys.argv[1]), context_tokens=512)\n"
        "asyncio.run(model.count_tokens('hello'))\n"
        "sys.stdout.write(f'{model._process._popen.pid}\\n'); sys.stdout.flush(); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(smollm2_gguf())]
    root = Path(__file__).parents[4]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, alive = psutil.wait_procs([child], timeout=5)
    assert (len(gone), alive) == (1, [])


async def test_the_answers_of_several_people_are_made_in_turn() -> None:
    model = GgufModel(smollm2_gguf(), context_tokens=512)
    order: list[int] = []

    async def ask(person: int) -> None:
        with on_behalf_of(Behalf(lambda _: None, Caller("owner", person_id=person))):
            async with aclosing(model.stream(QUESTION, ChatOptions(max_tokens=2))) as events:
                async for _event in events:
                    pass
            order.append(person)

    tasks = []
    for person in (1, 1, 1, 2):
        tasks.append(asyncio.create_task(ask(person)))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    await model.close()
    assert order == [1, 1, 2, 1]
