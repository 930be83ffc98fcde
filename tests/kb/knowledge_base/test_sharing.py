"""People who share a library: each finds what is theirs or shared with them, and nothing says what else there is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from kb.errors import BadInput, Conflict, Denied, NotFound, RateLimited
from kb.knowledge_base import KnowledgeBase
from kb.knowledge_base.listing import Selection
from kb.state.db import Database
from kb.system.home_layout import DATABASE
from kb.system.sign_in_tries import MOST_OF_ONE, WINDOW_S, SignInTries
from kb.types import OWNER, AccessScope, Caller, ListFilter, Question, Role, SameName
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb, sentence

PASSWORD = "correct horse"


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    library = Library(tmp_path)
    library.add("shared.txt", [sentence(1)], collection="reports")
    library.add("canary.txt", [sentence(2)], collection="secret")
    library.add("anna.txt", [sentence(3)], collection="anna/notes")
    library.close()
    with closing(open_kb(tmp_path, embedder=HashEmbedder(), **{"answering.model": "extractive"})) as opened:
        yield opened


def signed_in(kb: KnowledgeBase, name: str, role: Role = Role.EDITOR) -> Caller:
    kb.accounts.add(name, PASSWORD, role, caller=OWNER)
    return now(kb, name)


def now(kb: KnowledgeBase, name: str) -> Caller:
    caller = kb.accounts.caller_with(kb.accounts.sign_in(name, PASSWORD, address="10.0.0.1"))
    assert caller is not None
    return caller


def names(kb: KnowledgeBase, caller: Caller) -> set[str]:
    return {document.name for document in kb.library.documents(caller=caller)}


def found(kb: KnowledgeBase, caller: Caller, text: str) -> set[str]:
    hits = asyncio.run(kb.query_engine.search(Question(text, caller=caller), k=10)).hits
    return {hit.document.name for hit in hits}


def add(kb: KnowledgeBase, folder: Path, name: str, collection: str, caller: Caller) -> str:
    file = folder / name
    file.write_text(f"words of {name}")
    return kb.library.add(file, name, collection, caller=caller).document.collection


def test_a_person_sees_what_is_shared_and_what_is_theirs(kb: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="begin with"):  # what a former account of that name left is not theirs
        signed_in(kb, "Anna")
    bert, cleo = signed_in(kb, "bert"), signed_in(kb, "cleo", Role.READER)
    assert names(kb, bert) == names(kb, cleo) == set()
    kb.sharing.share("reports", "BERT", Role.READER, caller=OWNER)
    kb.sharing.add_to_group("lab", ["cleo"], caller=OWNER)
    kb.sharing.share("reports", "lab", Role.EDITOR, caller=OWNER)
    bert, cleo = kb.accounts.refreshed(caller=bert), kb.accounts.refreshed(caller=cleo)
    assert names(kb, bert) == names(kb, cleo) == {"shared.txt"}
    for caller in (bert, cleo):
        assert found(kb, caller, sentence(2)) <= {"shared.txt"}
        assert kb.library.collections(caller=caller) == ["reports"]
        assert kb.library.facets(caller=caller).documents == ("shared.txt",)
        assert kb.listing.options(caller=caller).collections == {"reports": 1}
        assert kb.library.count(caller=caller, collection="secret") == 0
        with pytest.raises(Denied):
            kb.requests.page(ListFilter(), caller=caller)  # type: ignore[arg-type]
    (shared,) = kb.library.documents(caller=bert)
    with pytest.raises(Denied, match="not change it"):
        kb.library.tag([shared.id], add=["x"], caller=bert)
    with pytest.raises(Denied, match="not change it"):
        kb.listing.remove(Selection(ids=(shared.id,)), caller=bert)
    assert kb.listing.remove(Selection(matching=ListFilter()), caller=bert).changed == 0
    with pytest.raises(Denied, match="account is for read"):
        kb.library.tag([shared.id], add=["x"], caller=cleo)
    with pytest.raises(Denied, match="may read the collection"):
        add(kb, tmp_path, "b.txt", "reports", bert)
    kb.sharing.share("reports", "bert", Role.EDITOR, caller=OWNER)
    bert = kb.accounts.refreshed(caller=bert)
    kb.library.tag([shared.id], add=["x"], caller=bert)
    assert add(kb, tmp_path, "b.txt", "reports", bert) == "reports"
    kb.sharing.unshare("reports", "bert", caller=OWNER)
    assert names(kb, kb.accounts.refreshed(caller=bert)) == set()


def test_a_new_collection_is_its_makers_under_whatever_name(kb: KnowledgeBase, tmp_path: Path) -> None:
    bert, cleo = signed_in(kb, "bert"), signed_in(kb, "cleo")
    assert add(kb, tmp_path, "b.txt", "secret", bert) == "bert/secret"  # as for a name that nobody has
    assert add(kb, tmp_path, "c.txt", "nothing", bert) == "bert/nothing"
    bert = kb.accounts.refreshed(caller=bert)
    assert [each.name for each in kb.library.documents(caller=bert, collection="secret")] == ["b.txt"]
    assert kb.listing.count(ListFilter(collection="secret"), caller=bert) == 1
    assert names(kb, cleo) == set()
    with pytest.raises(NotFound, match="of your own"):
        kb.sharing.share("bert/secret", "cleo", Role.READER, caller=replace_home(cleo))
    kb.sharing.share("secret", "cleo", Role.READER, caller=bert)
    cleo = kb.accounts.refreshed(caller=cleo)
    assert names(kb, cleo) == {"b.txt"}
    assert [share.collection for share in kb.sharing.all(caller=bert)] == ["bert/secret"]
    assert kb.sharing.all(caller=cleo) == []
    assert names(kb, OWNER) >= {"b.txt", "canary.txt"}
    with pytest.raises(Denied):
        kb.library.add_file(
            tmp_path / "b.txt", "bert/x", caller=replace_home(cleo), same_name=SameName.SECOND
        )


def test_who_edits_a_shared_collection_takes_nothing_out_of_it(kb: KnowledgeBase, tmp_path: Path) -> None:
    bert = signed_in(kb, "bert")
    for collection in ("reports", "secret"):
        kb.sharing.share(collection, "bert", Role.EDITOR, caller=OWNER)
    add(kb, tmp_path, "b.txt", "notes", bert)
    bert = kb.accounts.refreshed(caller=bert)
    (shared,), (own,) = (kb.library.documents(caller=bert, collection=name) for name in ("reports", "notes"))
    keyed = [
        kb.keys.caller_with(kb.keys.add(name, scope=AccessScope.WRITE, collections=where, caller=bert))
        for name, where in {"all": None, "some": ["reports", "secret", "notes"]}.items()
    ]
    for caller in [bert, *keyed]:
        assert caller is not None
        for chosen in (Selection(ids=(own.id, shared.id)), Selection(matching=ListFilter())):
            for target in ("notes", "secret", "new"):
                with pytest.raises(Denied):
                    kb.listing.move(chosen, target, caller=caller)
        assert kb.listing.move(Selection(ids=(shared.id,)), "reports", caller=caller).changed == 0
        moved = kb.listing.move(Selection(ids=(own.id,)), "secret", caller=caller)
        assert (moved.changed, kb.listing.undo(moved.undo or "", caller=caller).changed) == (1, 1)
    olga = signed_in(kb, "olga", Role.OWNER)
    key = kb.keys.add("o", scope=AccessScope.WRITE, collections=["reports", "secret"], caller=olga)
    for caller in (kb.keys.caller_with(key), olga):
        assert caller is not None
        moved = kb.listing.move(Selection(ids=(shared.id,)), "secret", caller=caller)
        assert (moved.changed, kb.listing.undo(moved.undo or "", caller=caller).changed) == (1, 1)


def test_what_names_no_collection_goes_to_the_persons_own(kb: KnowledgeBase, tmp_path: Path) -> None:
    bert = signed_in(kb, "bert")
    kb.sharing.share("reports", "bert", Role.EDITOR, caller=OWNER)
    bert = kb.accounts.refreshed(caller=bert)
    made = {"all": None, "one": ["reports"], "two": ["reports", "bert/x"]}
    keys = {
        name: kb.keys.add(name, scope=AccessScope.WRITE, collections=where, caller=bert)
        for name, where in made.items()
    }

    def goes_to(name: str, collection: str = " ") -> str:
        caller = kb.keys.caller_with(keys[name]) if name in keys else kb.accounts.refreshed(caller=bert)
        assert caller is not None
        return add(kb, tmp_path, f"{name}.txt", collection, caller)

    assert {name: goes_to(name) for name in ("bert", "all", "one")} == {
        "bert": "bert/default",
        "all": "bert/default",
        "one": "reports",
    }
    with pytest.raises(Denied):  # for two, and for none of them more than for the other
        goes_to("two")
    kb.sharing.share("default", "bert", Role.EDITOR, caller=OWNER)
    assert (goes_to("bert"), goes_to("bert", "default")) == ("bert/default", "bert/default")
    kb.sharing.unshare("reports", "bert", caller=OWNER)
    for name in ("one", "two"):
        with pytest.raises(Denied):
            goes_to(name)
    cleo = signed_in(kb, "cleo")
    kb.sharing.share("default", "cleo", Role.EDITOR, caller=OWNER)
    assert add(kb, tmp_path, "c.txt", "", kb.accounts.refreshed(caller=cleo)) == "cleo/default"


def replace_home(caller: Caller) -> Caller:
    """Somebody who sees only what is shared, and has no collections of their own."""
    return Caller(
        caller.id,
        scope=caller.scope,
        collections=frozenset({"reports"}),
        person="x",
        person_id=caller.person_id,
    )


def test_a_key_never_reaches_further_than_its_person(kb: KnowledgeBase) -> None:
    kb.sharing.add_to_group("lab", [], caller=OWNER)
    bert = signed_in(kb, "bert")
    kb.sharing.share("reports", "bert", Role.READER, caller=OWNER)
    bert = kb.accounts.refreshed(caller=bert)
    with pytest.raises(Denied):
        kb.keys.add("too much", scope=AccessScope.ADMIN, caller=bert)
    kb.keys.add("unknown", collections=["secret"], caller=bert)  # a collection of their own, to be
    key = kb.keys.add("all", scope=AccessScope.WRITE, caller=bert)
    keyed = kb.keys.caller_with(key)
    assert keyed is not None
    assert names(kb, keyed) == {"shared.txt"}
    assert (keyed.scope, keyed.conversations_id) == (AccessScope.WRITE, bert.conversations_id)
    with pytest.raises(Denied):
        kb.keys.all(caller=keyed)
    (shared,) = kb.library.documents(caller=keyed)
    with pytest.raises(Denied, match="key 'all' may read"):
        kb.library.set_searchable([shared.id], searchable=False, caller=keyed)
    kb.sharing.unshare("reports", "bert", caller=OWNER)
    keyed = kb.keys.caller_with(key)
    assert keyed is not None
    assert names(kb, keyed) == set()
    assert [each.name for each in kb.keys.all(caller=bert)] == ["all", "unknown"]
    assert kb.keys.all(caller=OWNER) == []
    kb.accounts.remove("bert", caller=OWNER)
    assert kb.keys.caller_with(key) is None
    with pytest.raises(Denied, match="signed in"):
        kb.accounts.refreshed(caller=bert)


def test_passwords_end_sessions_and_tell_no_names(kb: KnowledgeBase) -> None:
    signed_in(kb, "bert")
    token = kb.accounts.sign_in("Bert", PASSWORD, address="a")
    caller = kb.accounts.caller_with(token)
    assert caller is not None
    assert kb.accounts.caller_with(token + "x") is None
    said = set()
    for name, password in (("bert", "wrong horse"), ("nobody", PASSWORD), ("", ""), ("bert", "x" * 10_000)):
        with pytest.raises(Denied) as refused:
            kb.accounts.sign_in(name, password, address="b")
        said.add(str(refused.value))
    assert len(said) == 1
    with pytest.raises(Denied):
        kb.accounts.change_password("wrong horse", "battery staple", caller=caller, address="a")
    fresh = kb.accounts.change_password(PASSWORD, "battery staple", caller=caller, address="a")
    assert kb.accounts.caller_with(token) is None
    assert kb.accounts.caller_with(fresh) is not None
    kb.accounts.sign_out_everywhere(caller=caller)
    assert kb.accounts.caller_with(fresh) is None
    for wrong in ("short", "a" * 20, "x" * 300):
        with pytest.raises(BadInput):
            kb.accounts.set_password("bert", wrong, caller=OWNER)
    for name in ("", "a/b", "a b", "-a", "1", "x" * 65, "a\n"):
        with pytest.raises(BadInput):
            kb.accounts.add(name, PASSWORD, Role.READER, caller=OWNER)


def test_what_was_asked_before_stays_the_first_owners(kb: KnowledgeBase) -> None:
    first, second = signed_in(kb, "olga", Role.OWNER), signed_in(kb, "otto", Role.OWNER)
    assert (first.conversations_id, second.collections) == (OWNER.id, None)
    assert second.conversations_id != OWNER.id
    assert names(kb, second) == names(kb, OWNER)
    kb.accounts.remove("olga", caller=second)
    signed_in(kb, "bert")
    with pytest.raises(Conflict, match="last owner"):
        kb.accounts.remove("otto", caller=OWNER)
    with pytest.raises(Denied):
        kb.accounts.remove("otto", caller=now(kb, "bert"))
    kb.accounts.remove("bert", caller=now(kb, "bert"))
    assert [person.name for person in kb.accounts.all(caller=OWNER)] == ["otto"]


def test_the_first_visit_makes_the_owner_once(kb: KnowledgeBase) -> None:
    code = kb.accounts.new_first_code(caller=OWNER)
    with pytest.raises(Denied, match="code is wrong"):
        kb.accounts.make_first_owner("no", "olga", PASSWORD, address="a")
    with pytest.raises(BadInput):
        kb.accounts.make_first_owner(code, "olga", "short", address="a")
    token = kb.accounts.make_first_owner(code, "olga", PASSWORD, address="a")
    caller = kb.accounts.caller_with(token)
    assert caller is not None
    assert caller.scope is AccessScope.ADMIN
    with pytest.raises(Denied):
        kb.accounts.make_first_owner(code, "eve", PASSWORD, address="a")


def test_a_thousand_guesses_are_ten_at_most() -> None:
    clock = [0.0]
    tries = SignInTries(clock=lambda: clock[0])

    def evaluated(pairs: list[tuple[str, str]]) -> int:
        count = 0
        for name, address in pairs:
            with suppress(RateLimited):
                tries.begin(name, address)
                count += 1
        return count

    assert evaluated([("bert", "a")] * 1000) == 5
    assert evaluated([("bert", f"{n}") for n in range(1000)]) == MOST_OF_ONE - 5
    assert evaluated([(f"name {n}", "z") for n in range(1000)]) == MOST_OF_ONE
    clock[0] = WINDOW_S
    for name in (f"name {n}" for n in range(20)):  # who got in from an address before is no exception
        tries.begin(name, "home")
        tries.succeeded(name, "home")
    assert evaluated([(f"name {n}", "home") for n in range(20)] * 5) == MOST_OF_ONE
    assert evaluated([("bert", f"2001:db8::{n:x}") for n in range(1000)]) == 5  # one network
    clock[0] = 2 * WINDOW_S - 1
    assert evaluated([("bert", "2001:db8::ffff")] * 5) == 0
    clock[0] = 2 * WINDOW_S + 1
    assert evaluated([("bert", "2001:db8::ffff")] * 5) == 0  # the refused ones count
    assert evaluated([("bert", "elsewhere")] * 5) == 5  # for the address, not for the name


def test_guesses_tell_nothing_of_a_name(kb: KnowledgeBase) -> None:
    for name in ("bert", "cleo"):
        signed_in(kb, name)  # from 10.0.0.1
    said: dict[str, list[str]] = {}
    for address in ("10.0.0.1", "10.0.0.2"):
        for _ in range(8):
            for name in ("bert", "nobody"):
                with pytest.raises((Denied, RateLimited)) as refused:
                    kb.accounts.sign_in(name, "wrong horse", address=address)
                said.setdefault(name, []).append(str(refused.value))
    assert said["bert"] == said["nobody"]
    assert kb.accounts.sign_in("cleo", PASSWORD, address="10.0.0.3")


def test_a_name_is_not_found_out_by_sharing(kb: KnowledgeBase) -> None:
    bert = signed_in(kb, "bert")
    for name in ("cleo", "dora"):
        signed_in(kb, name)
    said = set()
    for name in ("cleo", "nobody"):
        with pytest.raises(NotFound) as unknown:
            kb.sharing.unshare("notes", name, caller=bert)
        said.add(str(unknown.value).replace(name, ""))
    assert len(said) == 1
    for _ in range(10):  # what works is no guess
        kb.sharing.share("notes", "cleo", Role.READER, caller=bert)
    for n in range(5):
        with pytest.raises(NotFound):
            kb.sharing.share("notes", f"name{n}", Role.READER, caller=bert)
    for name in ("dora", "nobody"):
        with pytest.raises(RateLimited):
            kb.sharing.share("notes", name, Role.READER, caller=bert)
    kb.sharing.share("reports", "dora", Role.READER, caller=OWNER)


def test_a_person_has_so_many_keys_at_most(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.knowledge_base.keys.MOST_KEYS", 2)
    bert = signed_in(kb, "bert")
    for name in ("one", "two"):
        kb.keys.add(name, caller=bert)
        kb.keys.add(name, caller=OWNER)
    with pytest.raises(Conflict, match="2 keys already"):
        kb.keys.add("three", caller=bert)
    kb.keys.revoke("one", caller=bert)
    assert kb.keys.add("three", caller=bert)
    assert kb.keys.add("three", caller=OWNER)


def test_an_editor_does_not_share_without_end(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.knowledge_base.sharing.MOST_SHARED", 3)
    bert = signed_in(kb, "bert")
    signed_in(kb, "cleo")
    for number in range(3):
        kb.sharing.share(f"notes{number}", "cleo", Role.READER, caller=bert)
    kb.sharing.share("notes1", "cleo", Role.EDITOR, caller=bert)
    with pytest.raises(Conflict, match="3 times already"):
        kb.sharing.share("notes3", "cleo", Role.READER, caller=bert)
    kb.sharing.unshare("notes1", "cleo", caller=bert)
    assert kb.sharing.share("notes3", "cleo", Role.READER, caller=bert).collection == "bert/notes3"
    for number in range(5):
        kb.sharing.share(f"reports{number}", "cleo", Role.READER, caller=OWNER)


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "lab ", "l\u200bab", "lab\u00a0b", "e\u0301cole", "a\nb", "x" * 65]
)
def test_a_group_is_called_by_what_is_seen_and_can_be_said_in_an_address(
    kb: KnowledgeBase, name: str
) -> None:
    with pytest.raises(BadInput, match="a name of at most 64"):
        kb.sharing.add_to_group(name, [], caller=OWNER)
    for good in ("R&D (Köln)", "研发/1", "\u00e9cole"):
        kb.sharing.add_to_group(good, [], caller=OWNER)


def test_no_new_name_looks_like_one_that_there_is(kb: KnowledgeBase) -> None:
    signed_in(kb, "admin")
    kb.sharing.add_to_group("lab", ["admin"], caller=OWNER)
    for name in ("\u0430dmin", "Admin", "\uff41\uff44\uff4d\uff49\uff4e", "adm\u0131n", "l\u0430b"):
        with pytest.raises(Conflict, match=r"looks like|already"):
            signed_in(kb, name)
        if name.casefold() not in ("admin", "lab"):
            with pytest.raises(Conflict, match="looks like"):
                kb.sharing.add_to_group(name, [], caller=OWNER)
    with pytest.raises(Conflict, match="begin with"):
        signed_in(kb, "\u0430nna")  # whose collections would look like those that a former anna left
    for name in ("admin ", "ad\u200bmin", "admin\u3164", "ad\u034fmin", "admin\ufe0f"):
        with pytest.raises(BadInput):
            signed_in(kb, name)
        with pytest.raises(BadInput):
            kb.sharing.add_to_group(name, [], caller=OWNER)
    kb.sharing.add_to_group("LAB", ["admin"], caller=OWNER)  # is that group
    assert [group.name for group in kb.sharing.groups(caller=OWNER)] == ["lab"]
    admin = now(kb, "ADMIN")
    kb.keys.add("backup", caller=admin)
    for name in ("b\u0430ckup", "Backup", "backup\u3164"):
        with pytest.raises((Conflict, BadInput)):
            kb.keys.add(name, caller=admin)
    kb.keys.add("Backup", caller=OWNER)  # another person's


def test_names_that_looked_alike_before_go_on_signing_in(kb: KnowledgeBase) -> None:
    signed_in(kb, "admin")
    signed_in(kb, "bert")
    with closing(Database(kb.settings.home / DATABASE)) as database, database.write() as connection:
        before = "\u0430dmin"  # as a version before took it
        connection.execute("UPDATE people SET name = ?, name_key = ? WHERE name = 'bert'", (before, before))
    assert (now(kb, "admin").person, now(kb, before).person) == ("admin", before)
    kb.accounts.change(before, role=Role.READER, password="another horse", caller=OWNER)
    kb.accounts.remove(before, caller=OWNER)
    assert [person.name for person in kb.accounts.all(caller=OWNER)] == ["admin"]


def test_a_place_in_the_queue_does_not_count_the_imports_of_others(kb: KnowledgeBase, tmp_path: Path) -> None:
    bert = signed_in(kb, "bert")
    (tmp_path / "files").mkdir()
    add(kb, tmp_path / "files", "theirs.txt", "secret", OWNER)
    add(kb, tmp_path / "files", "own.txt", "notes", bert)
    bert = kb.accounts.refreshed(caller=bert)
    (own,) = kb.library.documents(caller=bert)
    queued = {job.document_id: job.position for job in kb.jobs.all(caller=OWNER)}
    assert (queued[own.id], sorted(str(place) for place in queued.values())) == (1, ["1", "2"]), (
        "the owner had a turn before"
    )
    assert kb.jobs.of([own.id], caller=bert)[own.id].position is None
    assert [job.position for job in kb.jobs.all(caller=bert)] == [None]
