"""Gradio, imported once, quickly and quietly. Every other file of the page takes it from here as ``gr``."""

from __future__ import annotations

import gc
import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Read while Gradio is imported: it reports each start and looks for newer versions otherwise.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_RUN_HISTORY"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


@contextmanager
def _quickly() -> Iterator[None]:
    """Spares the import of Gradio what costs time and brings nothing.

    Its metaclass parses the source of every component and renders a ``.pyi`` file beside it, on
    every start: 2.6 s of the 5.4 s that the import takes (two cores, idle), and a write into
    site-packages. It passes over classes whose file cannot be found, so none is found. And the
    collector of garbage, which finds none among new modules, takes another 0.3 s.
    """
    getfile = inspect.getfile

    def without_gradio(thing: Any) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError
        return getfile(thing)

    vars(inspect)["getfile"] = without_gradio
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        vars(inspect)["getfile"] = getfile


with _quickly():
    import gradio as gr
    from gradio.routes import App


@contextmanager
def without_applications() -> Iterator[None]:
    """Spares the making of a page the applications that Gradio builds with it and throws away.

    ``gr.Blocks`` builds one, with all its routes, when it is begun and another when it is closed; the one that its
    queue then works with comes with ``queue``, and what is served with ``mount_gradio_app``. Without the two, making
    the whole application takes 0.39 s of a processor instead of 0.62 (AMD EPYC).
    """
    create_app = App.create_app
    application: Any = App
    application.create_app = staticmethod(lambda *_args, **_options: None)
    try:
        yield
    finally:
        application.create_app = staticmethod(create_app)


__all__ = ["App", "gr", "without_applications"]
