"""The package ``openvino``, as everything here imports it."""

from __future__ import annotations

import sys
import threading
from importlib.util import find_spec
from typing import Any

_TELEMETRY = "openvino_telemetry"
_first_look = threading.Lock()


def is_installed() -> bool:
    return find_spec("openvino") is not None


def openvino() -> Any:
    """Returns the package ``openvino``, imported so that it reports to nobody.

    As installed it tells its maker of each import and conversion, unless its package for that cannot be imported;
    then it goes by a stub of its own (``openvino/tools/ovc/telemetry_utils.py``).

    Raises:
        ImportError: it is not installed, or does not fit this system.
    """
    sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # how Python marks a module as not importable
    import openvino

    with _first_look:
        # the first look at a tensor's values prepares numpy for it, which two threads at once never come out of:
        # one holds the interpreter's lock and waits for the preparation, which waits for that lock
        _ = openvino.Tensor(openvino.Type.i64, openvino.Shape([1])).data
    return openvino


def precisions() -> list[str]:
    """Returns what this processor computes in, the quickest first: bfloat16 only where it has instructions for it."""
    able = openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return ["bf16", "f32"] if "BF16" in able else ["f32"]
