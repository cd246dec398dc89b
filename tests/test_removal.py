"""People who withdraw: nothing that hangs on their answers stays behind, not even in the file's free pages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from auditkit import audit_log, intake, removal, runs
from auditkit.analysis import text_hash
from auditkit.audit import Audit
from auditkit.decided import Verdict
from auditkit.second_codings import SecondCoding
from conftest import HEADER, ROUNDS
from test_review import quiet

GONE = "He decides alone and I hear it last."
MEMO = "ask the pair about it"
STAYS = "There is never enough time to meet."


def key_of(audit: Audit, text: str) -> str:
    return str(
        audit.store.rows("SELECT answer FROM answers WHERE text = ? AND round = 'baseline'", (text,))[0]["answer"]
    )


def write_about(folder: Path) -> dict[str, str]:
    """Two answers, with something in every table that hangs on an answer; text to key."""
    audit = Audit(folder / "audit")
    keys = {text: key_of(audit, text) for text in (GONE, STAYS)}
    for text, key in keys.items():
        for theme in ("T02", "T01"):
            row = {"answer": key, "text_hash": text_hash(text), "theme": theme, "pole": "poor", "decision": "added"}
            span = {"answer": key, "theme": theme, "start": 0, "end": 4}
            note = {"memo": MEMO, "quote": text[:20], "paraphrase": "reworded"}
            audit.decide(Verdict([row], [span], [{"answer": key, **note, "not_for_quotation": 1}]), "AB")
        second = SecondCoding(key, text_hash(text), 1, "CD", "2026-01-01", {"T01": ""}, "AB", "2025-01-01", {}, "book")
        with audit.store.step():
            from auditkit import second_codings

            second_codings.put(audit.store, [second], "CD")
            run = audit.store.connection.execute
            run("INSERT INTO checks VALUES (?, 'T01', 'poor', 0.9)", (key,))
            run("INSERT INTO decisions_moved VALUES (1, ?, '{}', '{}')", (key,))
            run("INSERT INTO second_looks VALUES (?, '[]', '{}')", (key,))
            run("INSERT INTO suggestions VALUES (?, 'baseline', 'x', ?, 'open', '', '', '')", (text[:3], f'["{key}"]'))
    with audit.store.step():
        audit.store.connection.execute("INSERT INTO missing VALUES (?, 'baseline', 'b2')", (keys[GONE],))
    audit.store.close()
    return keys


def tables_with(audit: Audit, key: str) -> set[str]:
    """Tables in which an answer's key stands anywhere."""
    names = [row["name"] for row in audit.store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name for name in names if any(key in str(row) for row in audit.store.rows(f"SELECT * FROM {name}"))}


def read_again(folder: Path, change: str) -> Audit:
    """The baseline analysed again: with the row of b2 ``withdrawn``, ``refused`` or simply ``missing``."""
    rows = [
        line for line in ROUNDS["baseline"].strip().splitlines() if change != "missing" or not line.startswith("b2")
    ]
    header = HEADER
    if change == "withdrawn":
        header += ",withdrawn_on"
        rows = [f"{line},{'2025-03-01' if line.startswith('b2') else ''}" for line in rows]
    if change == "refused":
        header += ",consent_analysis"
        rows = [f"{line},{'no' if line.startswith('b2') else 'yes'}" for line in rows]
    (folder / "baseline.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    runs.analyse(Audit(folder / "audit"), [folder / "baseline.csv"], intake.Options(), quiet)
    return Audit(folder / "audit")


@pytest.mark.parametrize("change", ["withdrawn", "refused"])
def test_of_whoever_withdraws_nothing_stays(small: Path, change: str) -> None:
    keys = write_about(small)
    assert tables_with(Audit(small / "audit"), keys[GONE]) >= {*removal.TABLES, "suggestions", "codings"}
    before = tables_with(Audit(small / "audit"), keys[STAYS])
    audit = read_again(small, change)
    assert tables_with(audit, keys[GONE]) == set()
    assert tables_with(audit, keys[STAYS]) == before
    assert audit_log.broken(audit.store) is None
    entry = audit.store.rows("SELECT object, after FROM log WHERE action = 'forget answers'")
    assert entry == [{"object": "baseline", "after": "2"}]
    audit.store.close()
    for path in [path for path in (small / "audit").rglob("*") if path.suffix in (".sqlite", ".html", ".toml", "")]:
        if path.is_file():
            held = path.read_bytes()
            for trace in (GONE[:12], text_hash(GONE)):
                assert trace.encode() not in held, f"{trace} in {path}"
    assert not [path.name for path in (small / "audit").iterdir() if re.search("journal|wal|shm", path.name)]


def test_of_a_row_that_is_only_missing_the_words_go_and_the_analysts_work_stays(small: Path) -> None:
    keys = write_about(small)
    audit = read_again(small, "missing")
    assert "decisions" in tables_with(audit, keys[GONE])
    (note,) = audit.store.rows("SELECT * FROM notes WHERE answer = ?", (keys[GONE],))
    assert (note["memo"], note["quote"], note["paraphrase"]) == (MEMO, "", "reworded")
    assert note["not_for_quotation"] == 1
    (other,) = audit.store.rows("SELECT * FROM notes WHERE answer = ?", (keys[STAYS],))
    assert other["quote"] == STAYS[:20]
    audit.store.close()
    assert GONE[:12].encode() not in (small / "audit" / "audit.sqlite").read_bytes()
    (small / "baseline.csv").write_text(f"{HEADER}\n{ROUNDS['baseline'].strip()}\n", encoding="utf-8")
    runs.analyse(Audit(small / "audit"), [small / "baseline.csv"], intake.Options(), quiet)
    coded = Audit(small / "audit").load_round("baseline")
    assert keys[GONE] in {*coded.read, *coded.again}, "the row came back, and with it what was decided"


def test_every_table_of_answers_leaves_with_its_round_or_is_on_the_list(small: Path) -> None:
    store = Audit(small / "audit").store
    names = [row["name"] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = set()
    for name in names:
        columns = {row["name"] for row in store.rows(f"PRAGMA table_info({name})")}
        if columns & {"answer", "excerpt", "respondent"}:
            keys = store.rows(f"PRAGMA foreign_key_list({name})")
            if not any(key["on_delete"] == "CASCADE" for key in keys):
                found.add(name)
    assert found == set(removal.TABLES)


def test_no_word_of_a_removed_row_stays_in_the_file(small: Path) -> None:
    assert Audit(small / "audit").store.rows("PRAGMA secure_delete") == [{"secure_delete": 1}]


@pytest.mark.parametrize(("header", "column"), [("pair,role,", 2), ("service,", 1)])
def test_whoever_withdraws_without_a_code_is_known_by_pair_and_role_or_counts_among_the_missing(
    tmp_path: Path, header: str, column: int
) -> None:
    """Without a pair and a role nothing tells the withdrawn row from others, so what is missing is forgotten."""
    who = (
        ["ward-1,doctor", "ward-1,manager", "ward-2,doctor", "ward-2,manager"] if column == 2 else ["A", "B", "C", "D"]
    )
    texts = ["We talk each Monday.", "Nobody tells me.", "She keeps her word.", "He decides alone."]

    def analysed(dates: list[str]) -> Audit:
        rows = [f"{one},{text},{date}" for one, text, date in zip(who, texts, dates, strict=True)]
        file = tmp_path / "baseline.csv"
        file.write_text("\n".join([f"{header}What works well?,withdrawn_on", *rows]) + "\n", encoding="utf-8")
        runs.analyse(Audit(tmp_path / "audit"), [file], intake.Options(), quiet)
        return Audit(tmp_path / "audit")

    audit = analysed(["", "", "", ""])
    keys = {row["text"]: row["answer"] for row in audit.store.rows("SELECT answer, text FROM answers")}
    audit.decide(
        Verdict(
            [
                {"answer": key, "text_hash": text_hash(text), "theme": "T01", "pole": "", "decision": "added"}
                for text, key in keys.items()
            ]
        ),
        "AB",
    )
    audit = analysed(["", "", "", "2025-03-01"])
    assert tables_with(audit, keys[texts[3]]) == set()
    assert "decisions" in tables_with(audit, keys[texts[0]])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("withdrawn", "withdrawn               2 answers, with all"),
        ("missing", "missing                 2 answers that the"),
    ],
)
def test_analyse_says_what_left(small: Path, change: str, said: str) -> None:
    from auditkit import summaries

    audit = read_again(small, change)
    run = audit.latest("analyse")
    assert run is not None
    lines = summaries.analysed(json.loads(run["summary"]) | {"inside": [], "key": ""}, True, small / "audit")
    assert said in "\n".join(lines)


def test_whoever_was_missing_first_and_is_marked_later_is_forgotten(small: Path) -> None:
    keys = write_about(small)
    audit = read_again(small, "missing")
    assert "decisions" in tables_with(audit, keys[GONE])
    audit.store.close()
    audit = read_again(small, "withdrawn")
    assert tables_with(audit, keys[GONE]) == set()
    assert audit_log.broken(audit.store) is None
