"""The pages on which people sign in and look after their account -> markup. They work without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from kb.knowledge_base.storage_limit import StorageUse, megabytes
from kb.text.document_names import shown_name
from kb.types import Person, Role, Share
from kb.web.door.page_addresses import PROVIDER, SIGN_IN
from kb.web.page.render_plain import plain_page
from kb.web.page.words.account import AccountWords

_NAME = 'autocomplete="username" autocapitalize="none" required'
_FOCUS = " autofocus"


@dataclass(frozen=True, slots=True)
class AccountView:
    """What the page of an account shows."""

    person: Person
    collections: Sequence[str]
    """Those that can be shared."""
    shares: Sequence[Share]
    has_password: bool = True
    provider: str = ""
    """The provider of identities by its name; empty where there is none."""
    is_connected: bool = False
    """Whether they can sign in by it."""
    is_proven: bool = False
    """Whether they proved just now who they are."""
    connect: str = ""
    """What the link has to hold that connects the account with the provider."""
    storage: StorageUse | None = None


def sign_in(
    words: AccountWords,
    *,
    after: str,
    is_first: bool,
    provider: str = "",
    said: str = "",
    name: str = "",
    code: str = "",
) -> str:
    """Returns the page for signing in, or for making the owner's account where ``is_first``.

    ``said`` is why it did not work the last time; ``after`` is the address to go on to; ``provider`` is the name of a
    provider of identities by which people sign in, too.
    """
    title = words.first_title if is_first else words.sign_in
    hint = f"<p>{escape(words.first_hint)}</p>" if is_first else ""
    secret = _field(words.code, "code", code, extra=f"required{_FOCUS}") if is_first else ""
    in_name, in_password = ("", "") if is_first else ("", _FOCUS) if name else (_FOCUS, "")
    form = (
        f'{_provided(provider, after, words)}<form method="post" action="/sign-in">{hint}{secret}'
        f"{_field(words.name, 'name', name, extra=_NAME + in_name)}"
        f"{_field(words.password, 'password', kind='password', extra=_password(is_new=is_first) + in_password)}"
        f'<input type="hidden" name="next" value="{escape(after)}">'
        f"{_button(words.make_owner if is_first else words.sign_in)}</form>"
    )
    script = '<script type="module" src="/ui/static/sign_in.js"></script>'
    return plain_page(title, _said(said, is_problem=True) + form + script, words.language)


def _provided(provider: str, after: str, words: AccountWords) -> str:
    """Returns the way to a provider: a link, since a form may lead to no other site."""
    if not provider:
        return ""
    href = escape(f"{PROVIDER}?{urlencode({'next': after})}")
    label = escape(words.sign_in_with.format(name=provider))
    return f'<p><a class="button" href="{href}">{label}</a></p><p class="or">{escape(words.or_password)}</p>'


def account(view: AccountView, words: AccountWords, *, said: str = "", is_problem: bool = False) -> str:
    """Returns the page of an account; ``said`` is what came of what was last done."""
    person = view.person
    role = escape(getattr(words, f"role_{person.role}"))
    head = (
        f'<p class="who"><strong>{escape(person.name)}</strong><br>{role}</p>{_said(said, is_problem=is_problem)}'
        f'<p><a href="/">{escape(words.back)}</a></p>'
    )
    password = (
        f"{_field(words.old_password, 'old', kind='password', extra=_password(is_new=False))}"
        f"{_field(words.new_password, 'new', kind='password', extra=_password(is_new=True))}{_button(words.change)}"
    )
    ends = _form("/sign-out", _button(words.sign_out)) + _form(
        "/account/sessions", _button(words.sign_out_everywhere)
    )
    proof = (
        _field(words.password, "password", kind="password", extra=_password(is_new=False))
        if view.has_password
        else _field(words.confirm_name, "password", extra='autocomplete="off" required')
    )
    delete = f"<p>{escape(words.delete_hint)}</p>{proof}{_button(words.delete_account, kind='bad')}"
    parts = [
        head,
        _part(words.sessions, ends),
        _connection(view, words),
        _storage(view, words),
        _part(words.change_password, _form("/account/password", password)) if view.has_password else "",
        "" if person.role is Role.READER else _part(words.shared, _sharing(view, words)),
        _part(words.delete_account, _form("/account/delete", delete)),
    ]
    return plain_page(words.account, "".join(parts), words.language)


def _storage(view: AccountView, words: AccountWords) -> str:
    """Returns how much they keep, where that has a limit."""
    if view.storage is None or view.storage.limit_bytes is None:
        return ""
    used, most = megabytes(view.storage.stored_bytes), megabytes(view.storage.limit_bytes)
    return _part(words.storage, f"<p>{escape(words.storage_used.format(used=used, most=most))}</p>")


def _connection(view: AccountView, words: AccountWords) -> str:
    """Returns whether the account can be entered by the provider, and how it comes to be so, or no more."""
    if not view.provider:
        return ""
    said = f"<p>{escape(words.connected.format(name=view.provider))}</p>" if view.is_connected else ""
    return _part(words.sign_in_with.format(name=view.provider), f"{said}{_way(view, words)}")


def _way(view: AccountView, words: AccountWords) -> str:
    """Returns what connects, or ends that: with the password, unless they proved just now who they are."""
    if view.is_connected and not view.has_password:
        return f"<p>{escape(words.only_way)}</p>"
    if not (view.is_proven or view.has_password):
        return f"<p>{escape(words.prove_again)}</p>"
    name = view.provider
    if view.is_proven and not view.is_connected:
        label = escape(words.connect.format(name=name))
        return f'<p><a class="button plain" href="{PROVIDER}?connect={view.connect}">{label}</a></p>'
    proof = (
        ""
        if view.is_proven
        else _field(words.password, "password", kind="password", extra=_password(is_new=False))
    )
    if view.is_connected:
        return _form("/account/disconnect", f"{proof}{_button(words.disconnect.format(name=name))}")
    return _form("/account/connect", f"{proof}{_button(words.connect.format(name=name))}")


def signing_out_there(address: str, provider: str, words: AccountWords) -> str:
    """Returns the page that leads whoever has signed out on to the provider, to sign out there, too."""
    label = escape(words.sign_out_there.format(name=provider))
    body = (
        f'<meta http-equiv="refresh" content="0;url={escape(address)}"><p>{escape(words.signed_out)}</p>'
        f'<p><a class="button" href="{escape(address)}">{label}</a></p>'
        f'<p><a href="{SIGN_IN}">{escape(words.sign_in)}</a></p>'
    )
    return plain_page(words.sign_out, body, words.language)


def _sharing(view: AccountView, words: AccountWords) -> str:
    rows = "".join(
        f'<li><span dir="auto">{escape(shown_name(share.collection))}</span> · '
        f'<span dir="auto">{escape(share.name)}</span> · {escape(_role(share.role, words))}'
        + _form(
            "/account/unshare",
            f'<input type="hidden" name="collection" value="{escape(share.collection)}">'
            f'<input type="hidden" name="with" value="{escape(share.name)}">{_button(words.unshare)}',
        )
        + "</li>"
        for share in view.shares
    )
    listed = f"<ul>{rows}</ul>" if rows else f"<p>{escape(words.nothing_shared)}</p>"
    if not view.collections:
        return f"<p>{escape(words.shared_hint)}</p>{listed}"
    options = "".join(
        f'<option value="{escape(name)}">{escape(shown_name(name))}</option>' for name in view.collections
    )
    roles = "".join(
        f'<option value="{role}">{escape(_role(role, words))}</option>' for role in (Role.READER, Role.EDITOR)
    )
    form = (
        f'<label>{escape(words.collection)}<select name="collection">{options}</select></label>'
        f"{_field(words.with_whom, 'with', extra='required')}"
        f'<label>{escape(words.as_what)}<select name="role">{roles}</select></label>{_button(words.share)}'
    )
    return f"<p>{escape(words.shared_hint)}</p>{listed}{_form('/account/shares', form)}"


def _role(role: Role, words: AccountWords) -> str:
    return words.as_editor if role is Role.EDITOR else words.as_reader


def _part(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _form(action: str, body: str) -> str:
    return f'<form method="post" action="{action}">{body}</form>'


def _field(label: str, name: str, value: str = "", *, kind: str = "text", extra: str = "") -> str:
    return (
        f'<label>{escape(label)}<input type="{kind}" name="{name}" value="{escape(value)}" maxlength="256" {extra}>'
        "</label>"
    )


def _password(*, is_new: bool) -> str:
    return f'autocomplete="{"new-password" if is_new else "current-password"}" required'


def _button(label: str, *, kind: str = "") -> str:
    return f'<button type="submit" class="{kind}">{escape(label)}</button>'


def _said(text: str, *, is_problem: bool) -> str:
    if not text:
        return ""
    kind, role = ("problem", "alert") if is_problem else ("done", "status")
    return f'<p class="{kind}" role="{role}">{escape(text)}</p>'
