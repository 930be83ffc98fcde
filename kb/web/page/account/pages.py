"""The pages on which people sign in, and look after their account. Only where everybody has to sign in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from kb.errors import FootnoteError
from kb.types import Role
from kb.web.api.caller import By
from kb.web.api.fields import Collection, Label
from kb.web.api.threads import PASSWORDS
from kb.web.page.account.answers import (
    account_answer,
    address,
    done,
    local,
    sentence,
    sign_in_answer,
    signed_in,
    signed_out,
    words,
)
from kb.web.page.account.provider import add_connecting, add_provider, add_signing_out

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_DONE = ("changed", "is_shared", "is_unshared", "disconnected")
_Word = Annotated[str, Form(max_length=1000)]


def account_router(kb: KnowledgeBase) -> APIRouter:
    """Returns ``/sign-in``, ``/sign-out`` and ``/account``; and the way by a provider of identities."""
    router = APIRouter(include_in_schema=False)
    _add_signing_in(router, kb)
    add_signing_out(router, kb)
    add_provider(router, kb)
    add_connecting(router, kb)
    _add_account(router, kb)
    _add_sharing(router, kb)
    return router


def _add_signing_in(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.get("/sign-in")
    def sign_in_page(request: Request, after: Annotated[str, Query(alias="next")] = "/") -> Response:
        return sign_in_answer(kb, request, after)

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        name: _Word = "",
        password: _Word = "",
        code: _Word = "",
        after: Annotated[str, Form(alias="next", max_length=1000)] = "/",
    ) -> Response:
        place, is_first = address(request), kb.accounts.is_without_owner()
        begin: Callable[[], str] = (
            partial(kb.accounts.make_first_owner, code.strip(), name.strip(), password, address=place)
            if is_first
            else partial(kb.accounts.sign_in, name, password, address=place)
        )
        try:
            token = await PASSWORDS.run(begin)
        except FootnoteError as error:
            said = words(request)
            why = sentence(error, request, said.wrong_code if is_first else said.wrong)
            return sign_in_answer(kb, request, after, said=why, error=error, name=name, code=code)
        return signed_in(kb, request, token, local(after))


def _add_account(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.get("/account")
    def account_page(
        request: Request, caller: By, what: Annotated[str, Query(alias="done")] = ""
    ) -> Response:
        said = getattr(words(request), what) if what in _DONE else ""
        return account_answer(kb, request, caller, said=said)

    @router.post("/account/password")
    async def change_password(request: Request, caller: By, old: _Word = "", new: _Word = "") -> Response:
        change = partial(kb.accounts.change_password, old, new, caller=caller, address=address(request))
        try:
            token = await PASSWORDS.run(change)
        except FootnoteError as error:
            said = sentence(error, request, words(request).wrong_old)
            return account_answer(kb, request, caller, said=said, error=error)
        return signed_in(kb, request, token, "/account?done=changed")

    @router.post("/account/delete")
    async def delete_account(request: Request, caller: By, password: _Word = "") -> Response:
        delete = partial(kb.accounts.delete_own, password, caller=caller, address=address(request))
        try:
            await PASSWORDS.run(delete)
        except FootnoteError as error:
            said = sentence(error, request, words(request).wrong)
            return account_answer(kb, request, caller, said=said, error=error)
        return signed_out(request)


def _add_sharing(router: APIRouter, kb: KnowledgeBase) -> None:
    @router.post("/account/shares")
    def share(
        request: Request,
        caller: By,
        collection: Annotated[Collection, Form()],
        name: Annotated[Label, Form(alias="with")],
        role: Annotated[Role, Form()] = Role.READER,
    ) -> Response:
        try:
            kb.sharing.share(collection, name.strip(), role, caller=caller)
        except FootnoteError as error:
            said = sentence(error, request, words(request).not_allowed)
            return account_answer(kb, request, caller, said=said, error=error)
        return done("is_shared")

    @router.post("/account/unshare")
    def unshare(
        request: Request,
        caller: By,
        collection: Annotated[Collection, Form()],
        name: Annotated[Label, Form(alias="with")],
    ) -> Response:
        try:
            kb.sharing.unshare(collection, name, caller=caller)
        except FootnoteError as error:
            said = sentence(error, request, words(request).not_allowed)
            return account_answer(kb, request, caller, said=said, error=error)
        return done("is_unshared")
