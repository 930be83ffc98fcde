"""Who loses an account leaves nothing behind by which they, or whoever comes after them, get at what was theirs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from kb.errors import Conflict, Denied
from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.signing_in import SigningIn
from kb.state.conversations import AnswerRuns
from kb.state.identities import Identity
from kb.state.migrations import MIGRATIONS
from kb.state.sql import Connection
from kb.types import OWNER, AccessScope, Caller, Question, Role
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import open_kb

PASSWORD = "correct horse"


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with closing(open_kb(tmp_path, embedder=HashEmbedder())) as opened:
        yield opened


def added(kb: KnowledgeBase, name: str, role: Role = Role.EDITOR) -> Caller:
    return kb.accounts.caller_for(kb.accounts.add(name, PASSWORD, role, caller=OWNER))


def asked(kb: KnowledgeBase, caller: Caller) -> None:
    AnswerRuns(kb._parts.database).begin(Question("What?", caller=caller), conversation_id=None)


def titles(kb: KnowledgeBase, caller: Caller) -> list[str]:
    return [each.title for each in kb.conversations.all(caller=caller)]


def test_what_there_was_before_accounts_goes_to_one_owner_and_ends_with_them(kb: KnowledgeBase) -> None:
    machines = kb.keys.add("of the machine", caller=OWNER)
    with kb._parts.database.write() as connection:
        connection.execute("UPDATE api_keys SET added = '2026-01-01T00:00:00+00:00'")
    asked(kb, OWNER)
    olga, otto = added(kb, "olga", Role.OWNER), added(kb, "otto", Role.OWNER)
    assert (titles(kb, olga), titles(kb, otto)) == (["What?"], [])
    theirs = kb.keys.add("of olga", scope=AccessScope.ADMIN, caller=olga)
    kb.accounts.remove("olga", caller=otto)
    assert kb.keys.caller_with(theirs) is None
    assert kb.keys.caller_with(machines) is not None  # older than the account, and seen where it was made
    assert [key.name for key in kb.keys.all(caller=OWNER)] == ["of the machine"]
    assert titles(kb, OWNER) == []
    asked(kb, OWNER)
    for name in ("olga", "oskar"):
        later = added(kb, name, Role.OWNER)
        assert (titles(kb, later), kb.keys.all(caller=later)) == ([], [])


def test_what_somebody_shared_ends_with_their_account(kb: KnowledgeBase, tmp_path: Path) -> None:
    anna, eve = added(kb, "anna"), added(kb, "eve")
    (tmp_path / "a.txt").write_text("words of anna")
    kb.sharing.share("notes", "eve", Role.EDITOR, caller=anna)
    kb.sharing.share("anna-and-more", "eve", Role.READER, caller=OWNER)
    kb.accounts.remove("anna", caller=OWNER)
    assert [share.collection for share in kb.sharing.all(caller=OWNER)] == ["anna-and-more"]
    with kb._parts.database.write() as connection:  # as versions before left it
        connection.execute("INSERT INTO shares (collection, person_id, role) VALUES ('anna/notes', ?, 'editor')",
                           (eve.person_id,))  # fmt: skip
    again = added(kb, "Anna")
    kb.library.add(tmp_path / "a.txt", "a.txt", "notes", caller=again)
    assert kb.library.documents(caller=kb.accounts.refreshed(caller=eve)) == []


@pytest.mark.parametrize("name", ["anna", "Älva", "ОЛЬГА", "straße"])
def test_whoever_is_called_like_somebody_removed_does_not_get_what_they_left(
    kb: KnowledgeBase, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a.txt").write_text("words of the first")
    kb.library.add(tmp_path / "a.txt", "a.txt", "notes", caller=added(kb, name))
    kb.accounts.remove(name, caller=OWNER)
    for again in (name, name.casefold(), name.upper()):
        with pytest.raises(Conflict, match="would be theirs"):
            added(kb, again)
    with pytest.raises(Conflict):
        kb.accounts._people.add_provided(name, Role.EDITOR, Identity("https://example.org", "1"))


def test_a_role_that_is_changed_twice_at_once_keeps_the_conversations(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(kb, "olga", Role.OWNER), added(kb, "otto", Role.OWNER)
    asked(kb, OWNER)
    meanwhile(kb, monkeypatch, lambda: kb.accounts.change("olga", role=Role.EDITOR, caller=OWNER))
    olga = kb.accounts.caller_for(kb.accounts.change("olga", role=Role.EDITOR, caller=OWNER))
    assert titles(kb, olga) == ["What?"]


def test_who_became_the_last_owner_a_moment_ago_is_not_removed(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(kb, "olga", Role.OWNER), added(kb, "edda")

    def hand_over() -> None:
        kb.accounts.change("edda", role=Role.OWNER, caller=OWNER)
        kb.accounts.change("olga", role=Role.EDITOR, caller=OWNER)

    meanwhile(kb, monkeypatch, hand_over)
    with pytest.raises(Conflict, match="last owner"):
        kb.accounts.remove("edda", caller=OWNER)


def meanwhile(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Has ``act`` be done by somebody else right before the next thing is written."""
    database, waiting = kb._parts.database, [act]
    write = database.write

    def late() -> AbstractContextManager[Connection]:
        if waiting:
            waiting.pop()()
        return write()

    monkeypatch.setattr(database, "write", late)


@pytest.mark.parametrize(
    ("role", "is_removed", "handed_over"),
    [(None, False, False), ("reader", False, False), ("owner", False, True), ("owner", True, True)],
)
def test_a_folder_of_the_version_before_knows_whether_there_was_an_owner(
    role: str | None, is_removed: bool, handed_over: bool
) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        for script in MIGRATIONS[:28]:
            database.executescript(script)
        if role is not None:
            database.execute(
                "INSERT INTO people (identity, name, name_key, password, added, role) "
                "VALUES ('x', 'a', 'a', '', '', ?)",
                (role,),
            )
        if is_removed:
            database.execute("DELETE FROM people")
        database.executescript(MIGRATIONS[28])
        found = database.execute("SELECT identity FROM handed_over").fetchall()
    assert bool(found) is handed_over


def test_no_session_begins_with_a_password_that_was_changed_while_it_was_checked(kb: KnowledgeBase) -> None:
    added(kb, "anna")
    signing_in = SigningIn(kb._parts)
    checked = signing_in.verified("anna", PASSWORD, "a")
    kb.accounts.set_password("anna", "battery staple", caller=OWNER)
    with pytest.raises(Denied):
        signing_in.begin(*checked)
    assert kb.accounts.sign_in("anna", "battery staple", address="a")
