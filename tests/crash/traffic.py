"""People at work: several threads that add, replace, repeat and remove papers until the app is gone."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence

import httpx

from tests.crash.ledger import Entry, Ledger, Slot
from tests.harness.papers import SUFFIXES, Paper, make_broken, make_paper

PEOPLE = 2
COLLECTIONS = ("letters", "minutes")
_NAMES = 14
"""Names that one person uses: few enough for many replacements."""
_LONGEST_PAUSE = 0.1
"""Seconds in which a person does nothing."""
_LONG = 150
"""Paragraphs of a long paper: more than fit into what is embedded between two commits."""


class Person:
    """Works on names of its own, one thing after the other, so that their order is known."""

    def __init__(self, number: int, rng: random.Random, ledger: Ledger) -> None:
        self._rng = rng
        self._ledger = ledger
        self._slots = [
            Slot(rng.choice(COLLECTIONS), f"person{number} paper{name}{SUFFIXES[name % len(SUFFIXES)]}")
            for name in range(_NAMES)
        ]

    def work(self, client: httpx.Client, stopped: Callable[[], bool]) -> None:
        """One thing after the other until ``stopped``, or until the app is gone."""
        choices = (self._add, self._add, self._add, self._repeat, self._share, self._remove, self._remove)
        while not stopped():
            try:
                self._rng.choice(choices)(client)
            except httpx.TransportError:
                return
            time.sleep(self._rng.uniform(0, _LONGEST_PAUSE))

    def _add(self, client: httpx.Client) -> None:
        """A new paper, or another version under a name that is taken."""
        slot = self._rng.choice(self._slots)
        self._send(client, slot, self._write(slot))

    def _repeat(self, client: httpx.Client) -> None:
        """The same bytes under the same name: the same document, or a new one after its removal."""
        slot = self._rng.choice(self._slots)
        known = [*self._ledger.standing(slot), *(e for e in self._ledger.gone() if e.slot == slot)]
        if known:
            self._send(client, slot, self._rng.choice(known[-2:]).paper)

    def _share(self, client: httpx.Client) -> None:
        """The bytes of one name under another of their kind, in the other collection: two documents on one blob."""
        source, target = self._rng.sample(self._slots, 2)
        known = self._ledger.standing(source)
        if known and source.collection != target.collection and source.suffix == target.suffix:
            self._send(client, target, known[-1].paper)

    def _remove(self, client: httpx.Client) -> None:
        """Everything that stands under a name, newest first."""
        slot = self._rng.choice(self._slots)
        for entry in reversed(self._ledger.standing(slot)):
            self._take_away(client, entry)

    def _write(self, slot: Slot) -> Paper:
        chance = self._rng.random()
        if chance < 0.04:
            return make_broken(self._rng)
        return make_paper(
            self._rng, slot.suffix, paragraphs=_LONG if chance > 0.96 else self._rng.randint(1, 12)
        )

    def _send(self, client: httpx.Client, slot: Slot, paper: Paper) -> None:
        attempt = self._ledger.sending(slot, paper)
        answer = client.post(
            "/api/documents",
            files={"file": (slot.name, paper.content)},
            data={"name": slot.name, "collection": slot.collection, "same_name": "version"},
        )
        if answer.is_success:
            self._ledger.added(attempt, answer.json()["document"]["id"])
        else:
            self._ledger.refused(attempt)
            raise AssertionError(f"an addition was refused: {answer.status_code} {answer.text}")

    def _take_away(self, client: httpx.Client, entry: Entry) -> None:
        self._ledger.removing(entry.document_id)
        answer = client.delete(f"/api/documents/{entry.document_id}")
        if answer.status_code in (
            httpx.codes.NO_CONTENT,
            httpx.codes.OK,
            httpx.codes.ACCEPTED,
            httpx.codes.NOT_FOUND,
        ):
            self._ledger.removed(entry.document_id)
        else:
            raise AssertionError(f"a removal was refused: {answer.status_code} {answer.text}")


class Archivist(Person):
    """Brings a whole library: one small text after the other, each under a name of its own."""

    def __init__(self, number: int, rng: random.Random, ledger: Ledger, *, documents: int) -> None:
        super().__init__(number, rng, ledger)
        self._left = [
            Slot(rng.choice(COLLECTIONS), f"archive {number} {name}.txt") for name in range(documents)
        ]

    def work(self, client: httpx.Client, stopped: Callable[[], bool]) -> None:
        """All of it, without a pause."""
        for slot in self._left:
            self._send(client, slot, make_paper(self._rng, slot.suffix, paragraphs=self._rng.randint(1, 3)))


class Traffic:
    """All people, at work on one life of the app."""

    def __init__(self, people: Sequence[Person], new_client: Callable[[], httpx.Client]) -> None:
        self._stopped = threading.Event()
        self._new_client = new_client
        self._faults: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._work, args=(person,), daemon=True) for person in people
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Waits until everybody has noticed that the app is gone, or is done; raises what went wrong with them."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        if self._faults:
            raise self._faults[0]

    def _work(self, person: Person) -> None:
        try:
            with self._new_client() as client:
                person.work(client, self._stopped.is_set)
        except BaseException as fault:  # noqa: BLE001 -- it is raised where the thread is joined
            self._faults.append(fault)
