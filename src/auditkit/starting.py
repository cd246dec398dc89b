"""The beginning of an audit: forms, answer sheets, codes, a roster and settings, written in one go or not at all."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from auditkit import answer_book, config, first_settings, form_files, forms, person_codes, roster_book
from auditkit.errors import AuditkitError
from auditkit.files import replacing, write_text
from auditkit.forms import Form, Question
from auditkit.keyfile import refuse_beside
from auditkit.likeness import Proposal
from auditkit.own_questions import Own
from auditkit.person_codes import Seat
from auditkit.wording import counted

PAIRS = 12
"""Pairs that codes are drawn for where nobody says how many there are."""

SETTINGS, CODES, ROSTER, CODEBOOK = "audit.toml", "codes.csv", "roster.xlsx", "codebook.xlsx"
WORD = {"baseline": "questionnaire.docx", "repeat": "questionnaire-repeat.docx", "staff": "staff.docx"}
TEXT = {"baseline": "forms.txt", "repeat": "forms-repeat.txt", "staff": "forms-staff.txt"}
ANSWERS, STAFF_ANSWERS = "answers.xlsx", "answers-staff.xlsx"

Writer = Callable[[Path], None]


@dataclass(frozen=True)
class Started:
    """``written``: files that were not there before. ``notes``: sentences about what was decided or left."""

    written: tuple[Path, ...]
    notes: tuple[str, ...]


def init(folder: Path, names: Path, *, pairs: int | None, own: Path | None) -> Started:
    """Prepare an audit in ``folder``; roster.xlsx, the only file that is to hold names, goes to ``names``.

    ``pairs``: how many; with it the answer sheet has a row for each partner. ``own``: a file of questions in
    place of the shipped ones. A codes.csv that is there keeps its codes, an audit.toml is left as it is.

    Raises Refused where ``names`` lies in ``folder`` or is it, AuditkitError for questions that cannot be used,
    a number of pairs that cannot be, and a file that is there with other content. Then nothing is written.
    """
    roster = names / ROSTER
    refuse_beside(roster, folder, folder / CODES, what="The roster", fix="Name a folder outside the audit folder.")
    settings = config.load(folder / SETTINGS)
    mine = _own(own)
    questions = mine.questions if mine else forms.shipped()
    seats, notes = _seats(folder / CODES, pairs)
    proposals, more = _proposals(mine)
    notes += [*(mine.notes if mine else ()), *more]
    made = forms.forms(
        questions, people=settings.thresholds.k_numbers, pairs=settings.thresholds.k_pairs, own=mine is not None
    )
    rows = seats if pairs is not None else ()
    writers = _of_forms(folder, made, questions, rows)
    writers[folder / CODES] = lambda path: write_text(path, person_codes.text(seats))
    writers[roster] = lambda path: roster_book.write(path, seats)
    if mine and mine.themes:
        themes = mine.themes
        writers[folder / CODEBOOK] = lambda path: _codebook(path, themes)
        notes.append(f"{CODEBOOK}: {counted(len(themes), 'theme')} expected under your questions.")
    if (folder / SETTINGS).exists():
        kept = f"{SETTINGS} is there and was left as it is."
        notes.append(f"{kept} It may lack your questions: compare it with docs/audit-toml.md." if mine else kept)
    else:
        text = first_settings.text(mine.questions if mine else (), proposals)
        writers[folder / SETTINGS] = lambda path: write_text(path, text)
        if mine:
            main = ", ".join(first_settings.primaries(mine.questions)) or "none"
            notes.append(
                f"{SETTINGS}: main questions: {main}. Change them under [primaries] before the repeat is read."
            )
    return Started(_write(writers), tuple(notes))


def _own(path: Path | None) -> Own | None:
    if path is None:
        return None
    from auditkit import own_questions

    return own_questions.read(path)


def _seats(path: Path, pairs: int | None) -> tuple[tuple[Seat, ...], list[str]]:
    """The codes of codes.csv where it is there, else new ones."""
    if not path.exists():
        seats = person_codes.draw(PAIRS if pairs is None else pairs)
        default = f"{CODES}: codes for {PAIRS} pairs; --pairs says how many there are."
        return seats, [default] if pairs is None else []
    seats = person_codes.read(path)
    known = len({seat.pair for seat in seats})
    if pairs is not None and pairs != known:
        raise AuditkitError(
            f"{path} holds codes for {counted(known, 'pair')}, not {pairs}",
            "Leave --pairs out, or move the file away if nobody has been given a code yet.",
        )
    return seats, [f"{CODES} is there: its codes are used."]


def _proposals(own: Own | None) -> tuple[tuple[Proposal, ...], list[str]]:
    if own is None:
        return (), []
    from auditkit import likeness

    try:
        found = likeness.scales(own.questions)
    except AuditkitError as error:
        return (), [f"No scales are proposed: {error.message}"]
    notes = [
        f"{p.code} has no scale. Proposed, not used: {p.scale} (like {p.item}, likeness {p.likeness:.2f})."
        for p in found
    ]
    return found, notes


def _of_forms(
    folder: Path, made: Sequence[Form], questions: Sequence[Question], rows: Sequence[Seat]
) -> dict[Path, Writer]:
    writers: dict[Path, Writer] = {}
    for form in made:
        writers[folder / WORD[form.name]] = lambda path, form=form: form_files.word(path, form)  # type: ignore[misc]
        writers[folder / TEXT[form.name]] = lambda path, form=form: write_text(path, form_files.text(form))  # type: ignore[misc]
    writers[folder / ANSWERS] = lambda path: answer_book.write(path, questions, rows)
    if any(form.name == "staff" for form in made):
        writers[folder / STAFF_ANSWERS] = lambda path: answer_book.write(path, questions, (), staff=True)
    return writers


def _codebook(path: Path, themes: Mapping[str, tuple[str, ...]]) -> None:
    """The shipped codebook with the questions under which a theme is expected."""
    from auditkit import codebook

    shipped = codebook.default()
    expected = [
        replace(theme, expects=tuple(dict.fromkeys((*theme.expects, *themes.get(theme.id, ())))))
        for theme in shipped.themes
    ]
    codebook.write(path, replace(shipped, themes=tuple(expected)))


def _write(writers: dict[Path, Writer]) -> tuple[Path, ...]:
    """Make every file elsewhere, then put those in place that are not there; all, or none where one fails."""
    with tempfile.TemporaryDirectory() as scratch:
        made = {path: Path(scratch) / path.name for path in writers}
        for path, writer in writers.items():
            writer(made[path])
        there = [path for path in writers if path.exists()]
        other = [path for path in there if not _same(path, made[path])]
        if other:
            raise AuditkitError(
                f"{counted(len(other), 'file')} would be overwritten, so nothing was written",
                "Move them away, or choose another folder.",
                details=[str(path) for path in other],
            )
        written: list[Path] = []
        try:
            for path in [path for path in writers if path not in there]:
                with replacing(path) as temporary:
                    temporary.write_bytes(made[path].read_bytes())
                written.append(path)
        except AuditkitError:
            for path in written:
                path.unlink(missing_ok=True)
            raise
    return tuple(written)


def _same(one: Path, other: Path) -> bool:
    """Whether two files hold the same; of workbooks and Word files the parts, whose zip holds times."""
    if one.suffix not in (".xlsx", ".docx"):
        return one.read_bytes() == other.read_bytes()
    try:
        return _parts(one) == _parts(other)
    except zipfile.BadZipFile:
        return False


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist() if name != "docProps/core.xml"}
