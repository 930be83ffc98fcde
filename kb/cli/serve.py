"""``serve``: the page."""

from __future__ import annotations

import argparse
import logging
import threading

from kb.cli.arguments import number
from kb.cli.common import Commands, Wiring, opened
from kb.cli.output import say
from kb.system.malloc import share_arenas
from kb.types import OWNER

RESTART = 75
"""The exit code of a process that is to be started once more as it was: ``EX_TEMPFAIL`` of ``sysexits.h``."""

log = logging.getLogger(__name__)


def register(commands: Commands) -> None:
    serve = commands.add("serve", run, "start the page (what app.py does without a command)")
    serve.add_argument(
        "--host", default=argparse.SUPPRESS, help="the address to listen on; off loopback everybody signs in"
    )
    serve.add_argument(
        "--port", type=number(1, 65535), default=argparse.SUPPRESS, help="the port to listen on (7860)"
    )


def run(options: argparse.Namespace, wiring: Wiring) -> int:
    """Serves the page until it is interrupted; returns ``RESTART`` where somebody asked for that."""
    share_arenas()
    with opened(options, wiring, **{"server.host": options.host, "server.port": options.port}) as kb:
        for note in kb.settings.notes:
            log.warning("a setting should be given otherwise", extra={"note": note})
        kb.maintenance.lock()  # before anything slow is imported: a second one is to say at once that it is the second
        from kb.evaluate.background import BackgroundEvaluation
        from kb.web.page.frame.mount import page
        from kb.web.server import serve

        worker = wiring.worker(kb)
        evaluating = BackgroundEvaluation(wiring.experiments(kb))

        def ready(address: str) -> None:
            kb.maintenance.announce(address)
            if kb.settings.server.asks_to_sign_in and not kb.accounts.has_owner(caller=OWNER):
                code = kb.accounts.new_first_code(caller=OWNER)
                say(f"Nobody has an account yet. The first visit makes the owner's, with the code {code}")
            say(f"Footnote is ready at {address}  (Ctrl+C ends it)", flush=True)
            worker.start()
            kb.maintenance.start_periodic_tasks()
            threading.Thread(target=kb.warm_up, name="warm-up", daemon=True).start()

        try:
            port = kb.settings.server.port
            serve(
                kb,
                kb.settings.server.host,
                port,
                ready,
                mount=page(kb, port=port, evaluating=evaluating),
                evaluating=evaluating,
            )
        finally:
            evaluating.close()
            worker.stop(timeout=5)
        return RESTART if kb.maintenance.is_restarting else 0
