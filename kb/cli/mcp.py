"""``mcp``: the library as tools for a program that starts this one, such as an editor, and speaks over its pipes."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from kb.cli.common import Commands, Wiring, opened, served
from kb.types import OWNER, Caller

if TYPE_CHECKING:
    from kb.cli.query_engine import LocalQueryEngine, WireQueryEngine


def register(commands: Commands) -> None:
    commands.add("mcp", _mcp, "speak the Model Context Protocol over standard input and output")


def _mcp(options: argparse.Namespace, wiring: Wiring) -> int:
    from kb.cli.query_engine import LocalQueryEngine, RemoteQueryEngine
    from kb.web.mcp.server import build_server

    with opened(options, wiring) as kb:

        @cache
        def beside() -> LocalQueryEngine:
            """What answers while no app runs. It holds nothing, so that the app can be started at any time."""
            return LocalQueryEngine(kb.query_engine_beside_holder())

        def answering() -> WireQueryEngine:
            app = served(kb)
            return RemoteQueryEngine(app) if app else beside()

        def owner(_context: object) -> Caller:
            return replace(OWNER, origin="mcp")

        asyncio.run(build_server(kb, answering, owner).run_stdio_async())
    return 0
