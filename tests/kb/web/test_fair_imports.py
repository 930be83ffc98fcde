"""Two people in the running app: who brings one file does not wait for all that another one brought before."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx

from kb.types import OWNER, Role
from tests.harness.app_process import AppOptions, AppProcess
from tests.kb.library import open_kb
from tests.waiting import wait_until

PASSWORD = "correct horse"
MANY = 40
BEFORE = 6
"""Files that are in already: the first ones wait for their parsers to start, for longer than all others take."""


def test_one_file_of_the_second_person_passes_forty_of_the_first(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    kb = open_kb(home)
    for name, role in (("olga", Role.OWNER), ("anna", Role.EDITOR), ("bert", Role.EDITOR)):
        kb.accounts.add(name, PASSWORD, role, caller=OWNER)
    kb.close()
    app = AppProcess(AppOptions(home, seconds_a_text=0.1, settings={"server.accounts": "true"}))
    app.start()
    try:
        with ExitStack() as clients:
            olga, anna, bert = (
                clients.enter_context(closing(signed_in(app.address, name)))
                for name in ("olga", "anna", "bert")
            )
            warm = [add(olga, MANY + 1 + number) for number in range(BEFORE)]
            wait_until(lambda: {document(olga, each)["state"] for each in warm} == {"ready"}, seconds=120)
            olga.post("/api/queue/pause").raise_for_status()
            theirs = [add(anna, number) for number in range(MANY)]
            own = add(bert, MANY)
            places = [job(olga, each)["position"] for each in (theirs[0], own, theirs[1], theirs[-1])]
            assert places == [1, 2, 3, MANY + 1]
            assert job(bert, own)["position"] is None, "it would tell how many others wait"
            olga.post("/api/queue/resume").raise_for_status()
            wait_until(lambda: document(bert, own)["state"] == "ready", seconds=120)
    finally:
        app.stop()
    kb = open_kb(home)
    ended = [end.document_id for end in kb.jobs.ends(0, caller=OWNER, limit=BEFORE + MANY + 1)[0]]
    kb.close()
    assert ended.index(own) - BEFORE < MANY / 2, "what is read and embedded together may be found before"


def signed_in(address: str, name: str) -> httpx.Client:
    client = httpx.Client(base_url=address, timeout=90, trust_env=False)
    assert client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
    return client


def add(client: httpx.Client, number: int) -> str:
    text = f"Record {number} says that the bridge is {number} metres long."
    answer = client.post("/api/documents", files={"file": (f"{number}.txt", text.encode())})
    answer.raise_for_status()
    return str(answer.json()["document"]["id"])


def document(client: httpx.Client, document_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/documents/{document_id}").json()
    return found


def job(client: httpx.Client, document_id: str) -> dict[str, Any]:
    found: dict[str, Any] = document(client, document_id)["job"]
    return found
