from __future__ import annotations

import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from auditkit import store as stores
from auditkit.errors import AuditkitError
from auditkit.store import MIGRATIONS, VERSION, Store


def add_round(store: Store, name: str, text: str = "words") -> None:
    columns = [row["name"] for row in store.rows("PRAGMA table_info(rounds)")]
    marks = ", ".join("?" * len(columns))
    store.connection.execute(f"INSERT INTO rounds VALUES ({marks})", [name, *columns[1:]])
    store.connection.execute("INSERT INTO answers (answer, round, text) VALUES (?, ?, ?)", (f"{name}-1", name, text))


def count(store: Store, table: str) -> int:
    return int(store.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])


def test_a_new_file_is_private_and_of_this_version(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "audit.sqlite")
    assert store.rows("SELECT version FROM schema_version") == [{"version": VERSION}]
    if os.name == "posix":
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert store.rows("PRAGMA journal_mode")[0]["journal_mode"] == "delete"
    assert store.rows("PRAGMA synchronous")[0]["synchronous"] == 2
    assert store.rows("PRAGMA secure_delete")[0]["secure_delete"] == 1


def test_an_empty_file_that_a_killed_process_left_is_made_an_audit(tmp_path: Path) -> None:
    (tmp_path / "audit.sqlite").touch()
    assert count(Store(tmp_path / "audit.sqlite"), "rounds") == 0


def test_opening_again_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite"
    Store(path).close()
    before = path.read_bytes()
    Store(path).close()
    assert path.read_bytes() == before


def test_an_older_file_is_brought_up_to_date_with_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Store(tmp_path / "audit.sqlite")
    with old.step():
        add_round(old, "baseline")
    old.close()
    monkeypatch.setattr(stores, "MIGRATIONS", [*MIGRATIONS, "ALTER TABLE rounds ADD COLUMN lead TEXT DEFAULT 'x'"])
    monkeypatch.setattr(stores, "VERSION", VERSION + 1)
    new = Store(tmp_path / "audit.sqlite")
    assert new.rows("SELECT round, lead FROM rounds") == [{"round": "baseline", "lead": "x"}]
    assert new.rows("SELECT version FROM schema_version") == [{"version": VERSION + 1}]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(tmp_path / "audit.sqlite").close()
    monkeypatch.setattr(stores, "MIGRATIONS", [*MIGRATIONS, "CREATE TABLE half (a); INSERT INTO nowhere VALUES (1)"])
    monkeypatch.setattr(stores, "VERSION", VERSION + 1)
    with pytest.raises(sqlite3.OperationalError):
        Store(tmp_path / "audit.sqlite")
    monkeypatch.undo()
    store = Store(tmp_path / "audit.sqlite")
    assert store.rows("SELECT version FROM schema_version") == [{"version": VERSION}]
    assert store.rows("SELECT 1 FROM sqlite_master WHERE name = 'half'") == []


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "audit.sqlite")
    store.connection.execute("UPDATE schema_version SET version = ?", (VERSION + 1,))
    store.close()
    with pytest.raises(AuditkitError, match="newer auditkit") as caught:
        Store(tmp_path / "audit.sqlite")
    assert "Install the newer" in caught.value.fix


def test_what_is_no_audit_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_bytes(b"this is a letter, not a database " * 100)
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE photos (name TEXT)")
    other.close()
    cut = Store(tmp_path / "cut.sqlite")
    cut.close()
    (tmp_path / "cut.sqlite").write_bytes((tmp_path / "cut.sqlite").read_bytes()[:5000])
    for name in ("text.sqlite", "other.sqlite", "cut.sqlite"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(AuditkitError, match="is not an audit"):
            Store(tmp_path / name)
        assert (tmp_path / name).read_bytes() == before


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AuditkitError, match="cannot be written"):
        Store(tmp_path / "file" / "audit.sqlite")


def test_a_step_is_all_or_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "audit.sqlite")

    def stopped() -> None:
        with store.step():
            add_round(store, "baseline")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert count(store, "rounds") == 0
    with store.step():
        add_round(store, "baseline")
    assert count(store, "rounds") == 1


def test_a_second_writer_is_told_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "WAIT_SECONDS", 0.05)
    first, second = Store(tmp_path / "audit.sqlite"), Store(tmp_path / "audit.sqlite")
    with first.step():
        add_round(first, "baseline")
        with pytest.raises(AuditkitError, match="Another auditkit is writing"), second.step():
            pytest.fail("two writers at once")
        assert count(second, "rounds") == 0, "a reader sees the audit as it was"
    assert count(second, "rounds") == 1


def test_two_processes_may_make_the_same_audit(tmp_path: Path) -> None:
    failures: list[Exception] = []

    def make() -> None:
        try:
            Store(tmp_path / "audit.sqlite").close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_full_disk_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "audit.sqlite")
    pages = store.rows("PRAGMA page_count")[0]["page_count"]
    store.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(AuditkitError, match="full"), store.step():
        add_round(store, "baseline", "x" * 100_000)
    assert count(store, "rounds") == 0


def test_a_file_that_may_only_be_read_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path / "audit.sqlite")
    store.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(AuditkitError, match="cannot be written"), store.step():
        add_round(store, "baseline")


def test_deleted_words_are_gone_from_the_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "audit.sqlite")
    secret = "the canary sings at dawn"
    with store.step():
        add_round(store, "baseline", f"{secret} {'and on ' * 2000}")
        add_round(store, "repeat")
    assert secret.encode() in store.path.read_bytes()
    with store.step():
        store.connection.execute("DELETE FROM rounds WHERE round = 'baseline'")
    assert count(store, "answers") == 1, "what belongs to a round goes with it"
    assert secret.encode() not in store.path.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["audit.sqlite"], "no journal is left"


def test_a_bug_is_not_taken_for_bad_input(tmp_path: Path) -> None:
    store = Store(tmp_path / "audit.sqlite")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.rows("SELECT * FROM nowhere")


def test_suggestions_of_an_older_audit_get_numbers_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = next(number for number, script in enumerate(MIGRATIONS) if "CREATE TABLE suggestions" in script)
    with monkeypatch.context() as before:
        before.setattr(stores, "MIGRATIONS", MIGRATIONS[:older])
        before.setattr(stores, "VERSION", older)
        old = Store(tmp_path / "audit.sqlite")
        with old.step():
            for name in ("baseline", "repeat"):
                add_round(old, name)
                row = (name, "S01", "Parking", "car park", 3, 4, 0.5, "tight", "words", '["k"]')
                old.connection.execute("INSERT INTO suggested VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        old.close()
    new = Store(tmp_path / "audit.sqlite")
    assert [row["theme"] for row in new.rows("SELECT theme FROM suggested ORDER BY theme")] == ["S01", "S02"]
    known = new.rows("SELECT theme, round, members, state FROM suggestions ORDER BY theme")
    assert known == [
        {"theme": "S01", "round": "baseline", "members": '["k"]', "state": "suggested"},
        {"theme": "S02", "round": "repeat", "members": '["k"]', "state": "suggested"},
    ]
