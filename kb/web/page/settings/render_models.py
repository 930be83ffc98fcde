"""The sheet of models that can answer -> markup: a group for each place where models are, with what to do for more."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from kb.types import EXTRACTIVE, ModelOffer, ModelOffers, OfferedModel
from kb.web.page.format import size
from kb.web.page.words.models import ModelsWords

Say = Callable[[str], str]
_ADD_FILE = "python app.py model add model.gguf"


def model_sheet(found: ModelOffers, chosen: str | None, words: ModelsWords, say: Say) -> str:
    """Returns the groups; ``chosen`` is the model that is asked now, empty for the best available, None for none.

    ``say`` says a sentence of the program in the language of ``words``.
    """
    by_kind: dict[str, list[ModelOffer]] = {}
    for offer in found.offers:
        by_kind.setdefault(offer.kind, []).append(offer)
    groups = [
        _group(words.automatic, _choice("", words.best, words.best_hint, chosen)),
        *(_ollama(offer, found, chosen, words) for offer in by_kind.get("ollama", [])),
        *(_server(offer, chosen, words, say) for offer in by_kind.get("endpoint", [])),
        _connections(by_kind.get("connection", []), chosen, words, say),
        *(_files(offer, chosen, words) for offer in by_kind.get("files", [])),
        _group(words.without, _choice(EXTRACTIVE, words.quotes, words.quotes_hint, chosen)),
    ]
    return f'{"".join(groups)}<p class="fine room">{escape(_room(found, words))}</p>'


def _room(found: ModelOffers, words: ModelsWords) -> str:
    said = words.memory if found.gpu is None else words.memory_gpu
    has = said.format(memory=size(found.memory), gpu=found.gpu)
    return f"{has} {words.suggested.format(name=found.suggested)}"


def _ollama(offer: ModelOffer, found: ModelOffers, chosen: str | None, words: ModelsWords) -> str:
    pull = f"ollama pull {found.suggested}"
    if offer.failed is not None:
        away = _said(words.ollama_away.format(place=offer.place)) + _said(words.ollama_get)
        return _group(words.ollama, away + _command("ollama serve", words) + _command(pull, words))
    models = _models(offer, chosen, words)
    if not models:
        return _group(words.ollama, _said(words.ollama_none) + _command(pull, words))
    if any(model.name == f"ollama/{found.suggested}" for model in offer.models):
        return _group(words.ollama, models)
    return _group(words.ollama, models + _said(words.ollama_more) + _command(pull, words))


def _server(offer: ModelOffer, chosen: str | None, words: ModelsWords, say: Say) -> str:
    return _group(
        words.endpoint.format(place=offer.place), _models(offer, chosen, words) + _failed(offer, say)
    )


def _connections(offers: list[ModelOffer], chosen: str | None, words: ModelsWords, say: Say) -> str:
    """Returns each connection with its models, and the way to one more."""
    inside = "".join(
        f"<h4><bdi>{escape(offer.place)}</bdi></h4>{_models(offer, chosen, words)}{_failed(offer, say)}"
        for offer in offers
    )
    hint = "" if offers else _said(words.connections_hint)
    add = f'<a class="button" href="/settings" data-go>{escape(words.connections_add)}</a>'
    return _group(words.connections, f"{inside}{hint}<p>{add}</p>")


def _files(offer: ModelOffer, chosen: str | None, words: ModelsWords) -> str:
    models = _models(offer, chosen, words)
    more = words.files_add if models else words.files_none
    folder = f'<p class="fine"><code>{escape(offer.place)}</code></p>'
    return _group(words.files, models + _said(more) + folder + _command(_ADD_FILE, words))


def _group(title: str, inside: str) -> str:
    return f"<section><h3>{escape(title)}</h3>{inside}</section>"


def _said(text: str) -> str:
    return f'<p class="fine">{escape(text)}</p>'


def _failed(offer: ModelOffer, say: Say) -> str:
    return _said(say(offer.failed)) if offer.failed else ""


def _models(offer: ModelOffer, chosen: str | None, words: ModelsWords) -> str:
    return "".join(_model(model, chosen, words) for model in offer.models)


def _model(model: OfferedModel, chosen: str | None, words: ModelsWords) -> str:
    shown = model.name.partition("/")[2] or model.name
    fits = {True: words.fits, False: words.too_large, None: ""}[model.fits]
    return _choice(model.name, shown, " · ".join(filter(None, (model.about, fits))), chosen)


def _choice(name: str, shown: str, about: str, chosen: str | None) -> str:
    said = f"<small>{escape(about)}</small>" if about else ""
    pressed = "true" if name == chosen else "false"
    return (
        f'<button type="button" class="model" data-model="{escape(name)}" aria-pressed="{pressed}">'
        f"<bdi>{escape(shown)}</bdi>{said}</button>"
    )


def _command(text: str, words: ModelsWords) -> str:
    return (
        f'<p class="command"><code tabindex="0">{escape(text)}</code>'
        f'<button type="button" data-command="{escape(text)}">'
        f"{escape(words.copy)}</button></p>"
    )
