"""Each of the kernel's layers on its own: one has to hold where a system lacks the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("these layers are Linux's", allow_module_level=True)

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
    done = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
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
