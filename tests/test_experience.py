"""What one audit takes along from another: decisions, and words only of people who agreed to be quoted."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from auditkit import decisions, encoder, experience, intake, reading_list, review_files, runs, tables
from auditkit.analysis import text_hash
from auditkit.audit import Audit
from auditkit.decided import Verdict
from auditkit.errors import AuditkitError
from auditkit.runs import Done

ANSWERS = (
    "The rota board by the lift is never filled in before Thursday.",
    "Nobody fills in the rota board in time.",
    "The rota board is empty when I look at it.",
    "The rota board was late again this month.",
    "I look at the rota board and find nothing.",
    "Our rota board hangs there empty.",
    "We laugh a lot when we drive to the other site.",
    "She laughs with me on the drive.",
    "The drive together is when we laugh.",
    "A good laugh in the car helps us.",
    "We share the car and we laugh.",
    "Laughing in the car keeps us going.",
)


def quiet(step: str, done: int, total: int) -> None:
    pass


def sheet(path: Path, answers: tuple[str, ...], consent: str) -> Path:
    rows = [f'p{n},ward-{n // 2},{("doctor", "manager")[n % 2]},{consent},"{text}"' for n, text in enumerate(answers)]
    path.write_text("\n".join(["respondent,pair,role,consent_quote,Anything else?", *rows]) + "\n", encoding="utf-8")
    return path


def analyse(folder: Path, file: Path, learn_from: Path | None = None) -> Done:
    return runs.analyse(Audit(folder), [file], intake.Options(learn_from=learn_from), quiet)


def audit_with_decisions(folder: Path, consent: str) -> Path:
    """An audit whose analyst sees the rota as role clarity and the car as time together."""
    analyse(folder / "old", sheet(folder / "old.csv", ANSWERS, consent))
    audit = Audit(folder / "old")
    frame = reading_list.waiting([audit.load_round(name) for name in audit.rounds()])
    frame["themes"] = ["Role clarity" if "rota" in text else "Time together" for text in frame["text"]]
    tables.save(frame[list(review_files.COLUMNS)], "review", "csv", folder / "review.csv")
    decisions.take_over(audit, folder / "review.csv", "AB", quiet)
    return folder / "old"


NEW = ("The rota board stays empty all week.", "We laugh in the car each morning.", "The board of the rota is late.")


def coded(folder: Path) -> dict[str, set[str]]:
    audit = Audit(folder)
    one = audit.load_round(audit.rounds()[0])
    rows = one.codings[one.codings["coded"]].merge(one.responses.answers[["answer", "text"]], on="answer")
    return {text: set(part["theme"]) for text, part in rows.groupby("text")}


@pytest.mark.parametrize("consent", ["verbatim", "none"])
def test_the_next_audit_knows_what_was_decided_in_the_last(tmp_path: Path, consent: str) -> None:
    old = audit_with_decisions(tmp_path, consent)
    file = sheet(tmp_path / "new.csv", NEW, "none")
    analyse(tmp_path / "without", file)
    done = analyse(tmp_path / "with", file, old)
    assert done.summary["learned_from"] == 12
    found = coded(tmp_path / "with")
    assert found != coded(tmp_path / "without")
    assert all(("T05" if "rota" in text else "T07") in themes for text, themes in found.items())


def test_words_come_along_only_of_people_who_agreed(tmp_path: Path) -> None:
    for consent in ("verbatim", "paraphrase"):
        folder = tmp_path / consent
        folder.mkdir()
        old = audit_with_decisions(folder, consent)
        analyse(folder / "with", sheet(folder / "new.csv", NEW, "none"), old)
        held = (folder / "with" / "audit.sqlite").read_bytes()
        assert (b"by the lift" in held) is (consent == "verbatim")
        cached = b"".join(path.read_bytes() for path in (folder / "with" / "cache").rglob("*") if path.is_file())
        assert b"by the lift" not in cached


def test_an_answer_that_is_not_for_quotation_leaves_its_vector_and_nothing_that_is_made_of_its_words(
    tmp_path: Path,
) -> None:
    old = Audit(audit_with_decisions(tmp_path, "verbatim"))
    (one,) = old.store.rows("SELECT answer, text FROM answers WHERE text LIKE '%by the lift%'")
    note = {"answer": one["answer"], "memo": "", "quote": "", "paraphrase": "", "not_for_quotation": 1}
    old.decide(Verdict((), notes=[note]), "AB")
    analyse(tmp_path / "with", sheet(tmp_path / "new.csv", NEW, "none"), tmp_path / "old")
    new = Audit(tmp_path / "with")
    held = experience.held(new.store)
    assert len(held) == 12
    assert [row for row in held if not row["text"]] == [row for row in held if row["vector"] == vector_of(one["text"])]
    cached = (new.cache / "vectors.sqlite").read_bytes()
    everything = new.store_path.read_bytes() + cached
    assert encoder.key_of(ANSWERS[1]) in cached, "of whoever agreed"
    assert encoder.key_of(one["text"]) not in cached
    for trace in (b"by the lift", text_hash(one["text"]).encode(), one["answer"].encode()):
        assert trace not in everything
    key = f"{old.id} {one['answer']}"
    assert hashlib.sha256(key.encode()).hexdigest()[:16] not in {row["example"] for row in held}


def vector_of(text: str) -> bytes:
    return encoder.Encoder(None).encode([text])[0].tobytes()


def test_nobody_of_the_other_audit_is_in_a_table_or_a_report(tmp_path: Path) -> None:
    old = audit_with_decisions(tmp_path, "verbatim")
    analyse(tmp_path / "with", sheet(tmp_path / "new.csv", NEW, "none"), old)
    audit = Audit(tmp_path / "with")
    assert len(audit.store.rows("SELECT 1 FROM answers")) == len(NEW)
    assert len(reading_list.waiting([audit.load_round(name) for name in audit.rounds()])) == len(NEW)
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "with" / "out").rglob("*.html")]
    assert texts
    assert not [text for text in texts if "by the lift" in text]


@pytest.mark.slow
def test_what_was_learned_is_kept_and_the_same_command_changes_nothing(tmp_path: Path) -> None:
    old = audit_with_decisions(tmp_path, "none")
    file = sheet(tmp_path / "new.csv", NEW, "none")
    assert analyse(tmp_path / "with", file, old).computed
    assert not analyse(tmp_path / "with", file, old).computed
    before = coded(tmp_path / "with")
    later = sheet(tmp_path / "later.csv", (*NEW, "Nobody looks at the rota board."), "none")
    analyse(tmp_path / "with", later)
    audit = Audit(tmp_path / "with")
    last = audit.load_round("later")
    rows = last.codings[last.codings["coded"]].merge(last.responses.answers[["answer", "text"]], on="answer")
    assert "T05" in set(rows.loc[rows["text"] == "Nobody looks at the rota board.", "theme"])
    assert coded(tmp_path / "with") == before


@pytest.mark.slow
def test_a_theme_is_the_same_by_its_label(tmp_path: Path) -> None:
    old = audit_with_decisions(tmp_path, "none")
    book = tmp_path / "book.csv"
    book.write_text("id,label\nX1,Role clarity\nX2,The weather\n", encoding="utf-8")
    options = intake.Options(codebook=book, learn_from=old)
    done = runs.analyse(Audit(tmp_path / "with"), [sheet(tmp_path / "new.csv", NEW, "none")], options, quiet)
    assert done.summary["learned_from"] == 6, "time together is no theme here"
    assert "X1" in coded(tmp_path / "with")[NEW[0]]


@pytest.mark.parametrize(("name", "said"), [("with", "cannot learn from itself"), ("nowhere", "There is no audit in")])
def test_what_cannot_be_learned_from(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(AuditkitError, match=said):
        analyse(tmp_path / "with", sheet(tmp_path / "new.csv", NEW, "none"), tmp_path / name)
    assert not (tmp_path / "with" / "audit.sqlite").exists()
    assert not (tmp_path / "nowhere").exists()


def test_what_the_other_audit_no_longer_holds_is_let_go_when_it_is_learned_from_again(tmp_path: Path) -> None:
    old = Audit(audit_with_decisions(tmp_path, "verbatim"))
    file = sheet(tmp_path / "new.csv", NEW, "none")
    analyse(tmp_path / "with", file, tmp_path / "old")
    with old.store.step():
        old.store.connection.execute("DELETE FROM decisions")
    old.store.close()
    analyse(tmp_path / "with", file, tmp_path / "old")
    assert experience.held(Audit(tmp_path / "with").store) == []


def test_what_was_learned_follows_a_theme_into_another_and_is_silent_of_one_that_is_retired(tmp_path: Path) -> None:
    from auditkit import codebook_changes
    from test_codebook_history import change

    folder = tmp_path / "work"
    old = audit_with_decisions(tmp_path, "none")
    analyse(folder / "audit", sheet(tmp_path / "new.csv", NEW, "none"), old)

    def taught() -> set[str]:
        lessons = Audit(folder / "audit").lessons([])
        assert lessons is not None
        return set(lessons.decisions["theme"])

    assert taught() == {"T05", "T07"}
    change(folder, lambda book, taken: codebook_changes.merge(book, "Role clarity", "Trust"))
    assert taught() == {"T01", "T07"}
    change(folder, lambda book, taken: codebook_changes.retire(book, "Time together"))
    assert taught() == {"T01"}
    change(folder, lambda book, taken: codebook_changes.restore(book, "Time together"))
    assert taught() == {"T01", "T07"}
