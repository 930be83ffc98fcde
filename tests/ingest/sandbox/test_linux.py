"""Each of the kernel's layers on its own: one has to hold where a system lacks the other."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("these layers are Linux's", allow_module_level=True)

ROOT = Path(__file__).parents[3]
TRIES = """
import ctypes, os, sys
from pathlib import Path
from ingest.sandbox import linux
document, victim = Path(sys.argv[2]), sys.argv[3]
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
layers = {"landlock": lambda: linux.restrict_files(document, [sys.prefix]), "seccomp": linux.filter_calls}
assert layers[sys.argv[1]](), "this kernel does not have it"
address = (2).to_bytes(2, sys.byteorder) + (9).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
def connect():
    handle = libc.socket(2, 1, 0)
    return libc.connect(handle, address, 16) if handle >= 0 else -1
tries = {
    "document": lambda: libc.open(bytes(document), os.O_RDONLY),
    "other": lambda: libc.open(victim.encode(), os.O_RDONLY),
    "write": lambda: libc.open(victim.encode(), os.O_WRONLY),
    "create": lambda: libc.open((victim + "2").encode(), os.O_RDONLY | os.O_CREAT, 0o600),
    "truncate": lambda: libc.truncate(victim.encode(), 0),
    "unlink": lambda: libc.unlink(victim.encode()),
    "signal": lambda: libc.kill(os.getppid(), 0),
    "connect": connect,
}
for name, attempt in tries.items():
    refused = attempt() == -1 and ctypes.get_errno() in (1, 13)
    print(name, "refused" if refused else "allowed")
"""


def tries(layer: str, folder: Path) -> dict[str, str]:
    """What a process under ``layer`` alone may do: name of the attempt -> ``allowed`` or ``refused``."""
    for name in ("document", "victim"):
        (folder / name).write_text("precious", encoding="utf-8")
    command = [sys.executable, "-c", TRIES, layer, str(folder / "document"), str(folder / "victim")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "does not have it" in done.stderr:
        pytest.skip(f"this kernel has no {layer}")
    assert (folder / "victim").read_text(encoding="utf-8") == "precious"
    return dict(line.split() for line in done.stdout.splitlines())


@pytest.mark.parametrize("layer", ["landlock", "seccomp"])
def test_a_layer_alone_keeps_files_and_the_network_safe(layer: str, tmp_path: Path) -> None:
    expected = dict.fromkeys(("write", "create", "truncate", "unlink", "signal", "connect"), "refused")
    # seccomp sees numbers, not paths: reading what the person may read is for Landlock to refuse
    expected |= {"document": "allowed", "other": "refused" if layer == "landlock" else "allowed"}
    assert tries(layer, tmp_path) == expected


EVERY_CALL = """
import ctypes, errno
from ingest.sandbox import linux
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
assert linux.filter_calls(), "this kernel does not have it"
for number in sorted(set(range(600)) - linux.allowed_calls() - {335, 336}):  # uretprobe, uprobe: never filtered
    ctypes.set_errno(0)
    returned = libc.syscall(number, -1, -1, -1, -1, -1, -1)
    said = ctypes.get_errno()
    assert returned == -1 and said in (errno.EPERM, errno.ENOSYS), (number, returned, said)
print("refused")
"""


def test_every_call_of_the_kernel_that_is_not_on_the_list_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERY_CALL], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if "does not have it" in done.stderr:
        pytest.skip("this kernel has no seccomp")
    assert done.stdout == "refused\n", done.stderr


def test_what_concerns_the_whole_machine_is_not_on_the_list() -> None:
    from ingest.sandbox import linux  # it imports what other systems lack

    column = 0 if platform.machine() == "x86_64" else 1
    calls = {
        "sethostname": (170, 161),
        "acct": (163, 89),
        "settimeofday": (164, 170),
        "clock_settime": (227, 112),
        "setpriority": (141, 140),
        "setdomainname": (171, 162),
        "adjtimex": (159, 171),
        "syslog": (103, 116),
    }
    assert not [name for name, numbers in calls.items() if numbers[column] in linux.allowed_calls()]
