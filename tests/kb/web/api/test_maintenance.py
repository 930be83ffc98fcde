"""Backups and notices over the API."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import httpx

from kb.knowledge_base import KnowledgeBase
from kb.maintenance.manifest import verify
from kb.maintenance.restore import finish_restore
from kb.state.db import Database
from kb.state.notices import Notices
from kb.state.sql import scalar
from kb.types import OWNER


async def test_a_backup_is_made_and_listed(api: httpx.AsyncClient, kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("text", encoding="utf-8")
    kb.library.add(tmp_path / "x.txt", "x.txt", caller=OWNER)
    made = (await api.post("/api/backups", json={})).json()
    assert verify(Path(made["path"])).documents == 1
    elsewhere = await api.post("/api/backups", json={"to": str(tmp_path / "b.zip")})
    assert elsewhere.status_code == 201
    assert [backup["path"] for backup in (await api.get("/api/backups")).json()] == [made["path"]]


async def test_a_backup_that_is_listed_is_laid_out_and_put_in_place_by_the_next_start(
    api: httpx.AsyncClient, kb: KnowledgeBase, tmp_path: Path
) -> None:
    ended: list[bool] = []
    made = (await api.post("/api/backups", json={})).json()
    elsewhere = (await api.post("/api/backups", json={"to": str(tmp_path / "b")})).json()
    assert (await api.post("/api/backups/restore", json={"path": elsewhere["path"]})).status_code == 404
    assert (await api.post("/api/restart")).status_code == 409, "nothing serves here"
    kb.maintenance.serves(lambda: ended.append(True))
    (tmp_path / "x.txt").write_text("text", encoding="utf-8")
    kb.library.add(tmp_path / "x.txt", "x.txt", caller=OWNER)
    assert (await api.post("/api/backups/restore", json={"path": made["path"]})).status_code == 202
    assert (ended, kb.maintenance.is_restarting) == ([True], True)
    assert kb.library.count(caller=OWNER) == 1, "until it starts again"
    assert finish_restore(kb.settings.home) is not None
    with closing(Database(kb.settings.home / "footnote.db")) as restored:
        assert scalar(restored.read(), "SELECT count(*) FROM documents") == 0


async def test_a_place_that_cannot_be_meant_is_refused(api: httpx.AsyncClient, tmp_path: Path) -> None:
    assert (await api.post("/api/backups", json={"to": "relative"})).status_code == 400
    (tmp_path / "file").write_text("x", encoding="utf-8")
    refused = await api.post("/api/backups", json={"to": str(tmp_path / "file" / "folder")})
    assert refused.status_code == 400
    assert "cannot be written" in refused.json()["error"]


async def test_a_notice_stays_until_it_is_put_away(api: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    with closing(Database(kb.settings.home / "footnote.db")) as database:
        Notices(database).add("Something was lost.")
        Notices(database).add("Something was lost.")
    (notice,) = (await api.get("/api/notices")).json()
    assert notice["text"] == "Something was lost."
    assert (await api.delete(f"/api/notices/{notice['id']}")).status_code == 204
    assert (await api.get("/api/notices")).json() == []
    assert (await api.delete(f"/api/notices/{notice['id']}")).status_code == 404
