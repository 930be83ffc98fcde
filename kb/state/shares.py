"""Groups of people, and which collections are shared with whom."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kb.errors import Conflict, NotFound
from kb.state.named import require_no_look_alike
from kb.state.sql import Connection, Row, SqlDatabase, marks, scalar
from kb.types import Group, Role, Share

_NAMED = (
    "SELECT shares.collection AS collection, shares.role AS role, people.name AS person, "
    "person_groups.name AS group_name FROM shares LEFT JOIN people ON people.id = shares.person_id "
    "LEFT JOIN person_groups ON person_groups.id = shares.group_id"
)


class Shares:
    """The tables ``person_groups``, ``group_members`` and ``shares``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    # --- What is shared -----------------------------------------------------------------------

    def share(
        self, collection: str, name: str, role: Role, *, given_by: int | None = None, most: int | None = None
    ) -> None:
        """Shares a collection with the person, else the group, that is called ``name``.

        ``given_by`` is the number of the account with which it ends; None is a command of the machine. ``most`` is how
        often it may share at all; None for as often as it likes.

        Raises:
            NotFound: nobody is called so.
            Conflict: it would be one too many.
        """
        with self._database.write() as connection:
            named = _all_named(connection, name)
            if not named:
                raise NotFound(f"There is no account and no group {name!r}.")
            column, number = named[0]
            connection.execute(
                f"DELETE FROM shares WHERE collection = ? AND {column} = ?", (collection, number)
            )
            connection.execute(
                f"INSERT INTO shares (collection, {column}, role, given_by) VALUES (?, ?, ?, ?)",
                (collection, number, role, given_by),
            )
            shared = scalar(connection, "SELECT count(*) FROM shares WHERE given_by = ?", (given_by,))
            if most is not None and shared > most:
                raise Conflict(f"You share {most} times already. End one of them first.")

    def unshare(self, collection: str, name: str) -> None:
        """Ends that; raises NotFound where it was not shared so."""
        with self._database.write() as connection:
            for column, number in _all_named(connection, name):
                found = connection.execute(
                    f"DELETE FROM shares WHERE collection = ? AND {column} = ?", (collection, number)
                )
                if found.rowcount:
                    return
        raise NotFound(f"The collection {collection!r} is not shared with {name!r}.")  # whoever that is

    def of(self, collection: str) -> list[Share]:
        """Returns with whom a collection is shared."""
        return self._named("shares.collection = ?", (collection,))

    def all(self, *, home: str | None = None) -> list[Share]:
        """Returns what is shared; of ``home`` only collections whose names begin so."""
        if home is None:
            return self._named("1 = 1", ())
        return self._named("substr(shares.collection, 1, ?) = ?", (len(home), home))

    def _named(self, condition: str, values: Sequence[object]) -> list[Share]:
        rows = self._database.read().execute(
            f"{_NAMED} WHERE {condition} ORDER BY collection, person, group_name", values
        )
        return [_share(row) for row in rows]

    def reach(self, person_id: int, home: str) -> dict[str, Role]:
        """Returns collection -> how far somebody reaches in it: what is shared with them, and own ones that exist.

        ``home`` is what the names of own ones begin with.
        """
        own = self._database.read().execute(
            "SELECT DISTINCT collection FROM documents WHERE collection >= ? AND collection < ?",
            (
                home,
                home[:-1] + chr(ord(home[-1]) + 1),
            ),  # a range of the index, where LIKE would read every document
        )
        found = {row["collection"]: Role.EDITOR for row in own}
        rows = self._database.read().execute(
            "SELECT collection, role FROM shares WHERE person_id = ? OR group_id IN "
            "(SELECT group_id FROM group_members WHERE person_id = ?)",
            (person_id, person_id),
        )
        for row in rows:
            if found.get(row["collection"]) is not Role.EDITOR:
                found[row["collection"]] = Role(row["role"])
        return found

    # --- Groups -------------------------------------------------------------------------------

    def add_to_group(self, group: str, names: Sequence[str]) -> None:
        """Makes a group where there is none, and puts people into it.

        Raises:
            NotFound: one of them has no account, and then nothing is done.
            Conflict: a person is called like the group, or it is new and its name looks like one that there is.
        """
        with self._database.write() as connection:
            people = _ids(connection, names)
            number = scalar(
                connection, "SELECT id FROM person_groups WHERE name_key = ?", (group.casefold(),)
            )
            _put_in(connection, _new_group(connection, group) if number is None else int(number), people)

    def change_group(self, group: str, *, add: Sequence[str], remove: Sequence[str]) -> None:
        """Puts people into a group that there is, and takes others out of it.

        Raises:
            NotFound: there is no such group, or one of them has no account, and then nothing is done.
        """
        with self._database.write() as connection:
            number = _group_id(connection, group)
            coming, going = _ids(connection, add), _ids(connection, remove)
            _put_in(connection, number, coming)
            _take_out(connection, number, going)

    def keep_in_step(self, person_id: int, wanted: Collection[str], *, within: Collection[str]) -> set[str]:
        """Puts somebody into the groups ``wanted``, made where there are none, and takes them out of the rest of
        ``within``, all in one go. Returns the names of which no group can be made: others are called so, or nearly.
        """
        refused, keys = set(), {name.casefold() for name in wanted}
        with self._database.write() as connection:
            for name in sorted({name.casefold(): name for name in (*within, *wanted)}.values()):
                key = name.casefold()
                number = scalar(connection, "SELECT id FROM person_groups WHERE name_key = ?", (key,))
                if number is None and key in keys:
                    try:
                        number = _new_group(connection, name)
                    except Conflict:
                        refused.add(name)
                if number is not None:
                    (_put_in if key in keys else _take_out)(connection, int(number), [person_id])
        return refused

    def remove_from_group(self, group: str, names: Sequence[str]) -> None:
        """Takes people out of a group; without ``names`` it deletes the group. Raises NotFound."""
        with self._database.write() as connection:
            number = _group_id(connection, group)
            if not names:
                connection.execute("DELETE FROM person_groups WHERE id = ?", (number,))
                return
            _take_out(connection, number, _ids(connection, names))

    def group(self, name: str) -> Group:
        """Returns a group by its name; raises NotFound."""
        number = _group_id(self._database.read(), name)
        return next(group for group in self._groups("WHERE id = ?", (number,)))

    def groups(self) -> list[Group]:
        """Returns every group, in the order of their names."""
        return self._groups("", ())

    def _groups(self, condition: str, values: Sequence[object]) -> list[Group]:
        connection = self._database.read()
        members: dict[int, list[str]] = {}
        for row in connection.execute(
            "SELECT group_id, name FROM group_members JOIN people ON people.id = person_id ORDER BY name_key"
        ):
            members.setdefault(row["group_id"], []).append(row["name"])
        rows = connection.execute(f"SELECT id, name FROM person_groups {condition} ORDER BY name_key", values)
        return [Group(row["name"], tuple(members.get(row["id"], ()))) for row in rows]


def _all_named(connection: Connection, name: str) -> list[tuple[str, int]]:
    """Returns the columns that a share with ``name`` may stand in, and its value there: as a person, as a group."""
    tables = (("person_id", "people"), ("group_id", "person_groups"))
    found = (
        (column, scalar(connection, f"SELECT id FROM {table} WHERE name_key = ?", (name.casefold(),)))
        for column, table in tables
    )
    return [(column, int(number)) for column, number in found if number is not None]


def _new_group(connection: Connection, name: str) -> int:
    """Returns the number of a group that is made; raises Conflict where a name is taken, or looks as if."""
    if connection.execute("SELECT 1 FROM people WHERE name_key = ?", (name.casefold(),)).fetchone():
        raise Conflict(f"There is an account {name!r}: a group needs another name.")
    require_no_look_alike(connection, name)
    number = scalar(
        connection,
        "INSERT INTO person_groups (name, name_key) VALUES (?, ?) RETURNING id",
        (name, name.casefold()),
    )
    return int(number)


def _put_in(connection: Connection, group_id: int, people: Sequence[int]) -> None:
    for person_id in people:
        connection.execute(
            "INSERT INTO group_members (group_id, person_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (group_id, person_id),
        )


def _take_out(connection: Connection, group_id: int, people: Sequence[int]) -> None:
    connection.execute(
        f"DELETE FROM group_members WHERE group_id = ? AND person_id IN ({marks(people)})",
        (group_id, *people),
    )


def _group_id(connection: Connection, name: str) -> int:
    found = scalar(connection, "SELECT id FROM person_groups WHERE name_key = ?", (name.casefold(),))
    if found is None:
        raise NotFound(f"There is no group {name!r}. `app.py group list` shows them.")
    return int(found)


def _ids(connection: Connection, names: Sequence[str]) -> list[int]:
    found = [
        scalar(connection, "SELECT id FROM people WHERE name_key = ?", (name.casefold(),)) for name in names
    ]
    if None in found:
        raise NotFound(f"There is no account {names[found.index(None)]!r}. `app.py user list` shows them.")
    return [int(number) for number in found]


def _share(row: Row) -> Share:
    name, is_group = (row["person"], False) if row["person"] is not None else (row["group_name"], True)
    return Share(row["collection"], name, is_group, Role(row["role"]))
