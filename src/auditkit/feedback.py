"""Making packs: which are asked for, what each may show, and the files they become."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import outputs, pack
from auditkit.errors import AuditkitError, Refused
from auditkit.files import write_text

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound
    from auditkit.audit import Audit
    from auditkit.comparison import Comparison
    from auditkit.figures import People, Source
    from auditkit.pack_fields import Pack

FOLDERS = {"all": "all", "sponsor": "sponsor", "coach": "coach", "individual": "individual"}


@dataclass(frozen=True)
class Wanted:
    """What is asked for. ``pair`` as typed; ``level`` 1 makes the second document beside level 0."""

    audience: str | None = None
    pair: str | None = None
    level: int = 0
    all_packs: bool = False
    final: bool = False


@dataclass(frozen=True)
class Made:
    """One pack: its file, from the audit folder, and what it leaves out, by which rule."""

    path: str
    title: str
    withheld: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Handed:
    """All packs made in one step, from which rounds, and whether they are drafts."""

    rounds: tuple[str, ...]
    packs: tuple[Made, ...]
    is_draft: bool
    draft_note: str


def make(audit: Audit, rounds: Sequence[CodedRound], comparison: Comparison | None, wanted: Wanted) -> Handed:
    """Make packs and write them under out/packs. Nothing is written unless all of them can be made.

    Raises Refused for --final before every answer is reviewed, and for a level that was not agreed to;
    AuditkitError for an unknown pair or audience, or where rows name no pairs.
    """
    from auditkit.figures import Source

    _check(rounds, wanted)
    audit.check_thresholds()
    source = Source(rounds, comparison, audit.config, _issued(audit, rounds, comparison))
    made = pack.Made(outputs.made_with(audit), date.today().isoformat(), wanted.final)
    packs = _packs(source, made, wanted)
    files = [(path, _template(one), one) for path, one in packs]
    written = [(path, _render(audit, template, one)) for path, template, one in files]
    for path, text in written:
        write_text(audit.out / "packs" / path, text)
    _record(audit, rounds, [path for path, _ in written], wanted)
    return Handed(
        rounds=tuple(source.names),
        packs=tuple(
            Made(f"out/packs/{path.as_posix()}", one.title, tuple((f.term, f.text) for f in one.withheld))
            for path, _, one in files
        ),
        is_draft=any(one.is_draft for _, _, one in files),
        draft_note=next((one.draft_note for _, _, one in files if one.is_draft), ""),
    )


def _check(rounds: Sequence[CodedRound], wanted: Wanted) -> None:
    if wanted.audience is not None and wanted.audience not in pack.AUDIENCES:
        raise AuditkitError(f'There is no audience "{wanted.audience}".', f"Use one of: {', '.join(pack.AUDIENCES)}.")
    if not (wanted.all_packs or wanted.pair or wanted.audience):
        raise AuditkitError(
            "For whom?", "Say --pair P, --audience all|sponsor|individual|coach|analyst, or --all-packs."
        )
    if wanted.audience == "pair" and not wanted.pair:
        raise AuditkitError("For which pair?", "Say --pair P, or --all-packs for every pair.")
    if wanted.level not in (0, 1):
        raise AuditkitError(f"There is no level {wanted.level}.", "Use --level 0 or --level 1.")
    if not any(pair for coded in rounds for pair in coded.responses.people["pair"]):
        raise AuditkitError(
            "No row names a pair, so there are no groups behind which people could stand; no pack can be made.",
            "Name the column of the pairs: auditkit analyse FILE --pair-column NAME.",
        )
    waiting = sum(len(coded.responses.answers) - coded.reviewed for coded in rounds)
    if wanted.final and waiting:
        total = sum(len(coded.responses.answers) for coded in rounds)
        raise Refused(
            f"Refused: {waiting} of {total} answers are not reviewed.",
            "auditkit review export, decide, auditkit review apply. Leave out --final for drafts.",
        )


def _packs(source: Source, made: pack.Made, wanted: Wanted) -> list[tuple[Path, Pack]]:
    found: list[tuple[Path, Pack]] = []
    audiences = set(FOLDERS) if wanted.all_packs else {wanted.audience} - {None}
    if "all" in audiences:
        found.append((Path("all") / "all-participants.html", pack.for_all(source, made)))
    if "sponsor" in audiences:
        found.append((Path("sponsor") / "sponsor.html", pack.for_sponsor(source, made)))
    if "coach" in audiences:
        found.append((Path("coach") / "coach.html", pack.for_coach(source, made)))
    if "individual" in audiences:
        chosen = _matching(source, wanted.pair) if wanted.pair else None
        for pair, respondent, stem in pack.individuals(source):
            if chosen is None or pair == chosen:
                found.append((Path("individual") / f"{stem}.html", pack.for_individual(source, made, pair, respondent)))
    if wanted.all_packs or (wanted.pair and "individual" not in audiences):
        chosen_pairs = pack.pairs(source) if wanted.all_packs else [_matching(source, wanted.pair or "")]
        for pair in chosen_pairs:
            stem = pack.file_stem(pair)
            found.append((Path("pair") / f"{stem}.html", pack.for_pair(source, made, pair)))
            if wanted.level >= 1:
                try:
                    second = pack.side_by_side(source, made, pair)
                except Refused:
                    if not wanted.all_packs:
                        raise
                else:
                    found.append((Path("pair") / f"{stem}-level-1.html", second))
    return found


def _matching(source: Source, typed: str) -> str:
    """The pair that was typed, whatever its capitals and blanks: "Ward 3" is ward-3."""
    from auditkit.values import pair_code

    known = {pair_code(code): code for code in pack.pairs(source)}
    return known.get(pair_code(typed), pair_code(typed))


def _template(one: Pack) -> str:
    return f"pair_level{one.level}.html" if one.audience == "pair" else f"{one.audience}.html"


def _render(audit: Audit, template: str, one: Pack) -> str:
    from auditkit import render

    return render.render(template, {"pack": one}, user_templates=audit.templates)


def _issued(audit: Audit, rounds: Sequence[CodedRound], comparison: Comparison | None) -> People | None:
    """Who was counted in a final pack of the first round alone, if one was made (docs/decisions.md)."""
    from auditkit.figures import Source

    if comparison is None:
        return None
    for row in audit.store.rows("SELECT rounds FROM runs WHERE command = 'feedback --final'"):
        if json.loads(row["rounds"]) == [rounds[0].round]:
            return Source(rounds[:1], None, audit.config).people[0]
    return None


def _record(audit: Audit, rounds: Sequence[CodedRound], paths: Sequence[Path], wanted: Wanted) -> None:
    from auditkit.audit import Run

    names = tuple(coded.round for coded in rounds)
    run = Run(
        command="feedback --final" if wanted.final else "feedback",
        rounds=names,
        files={},
        settings=audit.config.fingerprint(),
        codebook=audit.codebook.fingerprint(),
        options=json.dumps([names, [path.as_posix() for path in paths], audit.decisions_fingerprint(names)]),
    )
    audit.save_run(run, {"written": [f"out/packs/{path.as_posix()}" for path in paths]})
    audit.mark_written(run)
