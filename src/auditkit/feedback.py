"""Making packs: which are asked for, what each may show, and the files they become."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import outputs, own_packs, pack, standing
from auditkit.errors import AuditkitError, Refused
from auditkit.files import write_text
from auditkit.own_packs import LEVEL_1

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound
    from auditkit.audit import Audit
    from auditkit.comparison import Comparison
    from auditkit.pack_fields import Pack
    from auditkit.source import Source

PROGRAMME = ("all", "sponsor", "coach", "individual")


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
    """All packs made in one step, from which rounds, and whether they are drafts.

    ``made_from``: the comparison or round in words. ``recalled``: packs removed because nobody may have them any
    longer; copies handed out should be asked back.
    """

    rounds: tuple[str, ...]
    packs: tuple[Made, ...]
    is_draft: bool
    draft_note: str
    draft_words: str = standing.DRAFT
    made_from: str = ""
    recalled: tuple[str, ...] = ()


def make(audit: Audit, rounds: Sequence[CodedRound], comparison: Comparison | None, wanted: Wanted) -> Handed:
    """Make packs and write them under out/packs. Nothing is written unless all of them can be made; packs made
    earlier that may no longer be there are removed all the same.

    Raises Refused for --final before every answer is reviewed, and for a level that was not agreed to;
    AuditkitError for an unknown pair or audience, or where rows name no pairs.
    """
    from auditkit.source import Source

    _check(rounds, wanted)
    audit.check_thresholds()
    names = tuple(coded.round for coded in rounds)
    source = Source(rounds, comparison, audit.config, _issued(audit, names), _declined_since(audit, names))
    made = pack.Made(outputs.made_with(audit), date.today().isoformat(), wanted.final)
    recalled = _recall(audit)
    packs = _packs(source, made, wanted)
    written = [(path, _render(audit, _template(one), one)) for path, one in packs]
    for path, text in written:
        write_text(audit.folder / path, text)
    _record(audit, rounds, packs, wanted)
    return Handed(
        rounds=names,
        packs=tuple(
            Made(path, one.title, tuple((fact.term, fact.text) for fact in one.withheld)) for path, one in packs
        ),
        is_draft=any(one.is_draft for _, one in packs),
        draft_note=next((one.draft_note for _, one in packs if one.is_draft), ""),
        draft_words=next((one.draft_words for _, one in packs if one.is_draft), standing.DRAFT),
        made_from=_made_from(audit, names),
        recalled=tuple(name for name in recalled if name not in {path for path, _ in packs}),
    )


def write_for_analyst(audit: Audit, rounds: Sequence[CodedRound], comparison: Comparison | None) -> list[Path]:
    """Write the analyst's reports anew, of every round and of the comparison; not for passing on."""
    written = outputs.write_rounds(audit)
    if comparison is not None:
        paths = [audit.out / "analyst" / name for name in ("comparison.html", "comparison.xlsx")]
        outputs.write_comparison(audit, rounds, comparison, paths)
        written += paths
    return written


def _made_from(audit: Audit, names: tuple[str, ...]) -> str:
    """The comparison, with its number, or the round."""
    if len(names) == 1:
        return f"the round {names[0]}"
    runs = audit.store.rows(
        "SELECT run FROM runs WHERE command = 'compare' AND rounds = ? ORDER BY run DESC LIMIT 1", (json.dumps(names),)
    )
    number = f" {runs[0]['run']}" if runs else ""
    return f"comparison{number}, {' to '.join(names)}"


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


def _reader(made: tuple[str, Pack]) -> tuple[str, tuple[str, str]] | None:
    """Of a pack for one pair or person: its file, and the pair and respondent that may have it."""
    path, one = made
    if one.pair is not None:
        return path, (one.pair.code, "")
    return None if one.own is None else (path, (one.own.pair, one.own.code))


def _packs(source: Source, made: pack.Made, wanted: Wanted) -> list[tuple[str, Pack]]:
    found: list[tuple[str, Pack]] = []
    audiences = set(PROGRAMME) if wanted.all_packs else {wanted.audience} - {None}
    chosen = _matching(source, wanted.pair) if wanted.pair else None
    if "all" in audiences:
        found.append(("out/packs/all/all-participants.html", pack.for_all(source, made)))
    if "sponsor" in audiences:
        found.append(("out/packs/sponsor/sponsor.html", pack.for_sponsor(source, made)))
    if "coach" in audiences:
        found.append(("out/packs/coach/coach.html", pack.for_coach(source, made)))
    if "individual" in audiences:
        people = own_packs.individuals(source)
        if not people and not wanted.all_packs:
            raise AuditkitError(
                "Nothing says who wrote which row, so nobody's own pack can be made.",
                "Name the column of the respondents: auditkit analyse FILE --respondent-column NAME.",
            )
        for pair, respondent, stem in people:
            if chosen is None or pair == chosen:
                one = own_packs.for_individual(source, made, pair, respondent)
                found.append((f"out/packs/individual/{stem}.html", one))
    if wanted.all_packs or (wanted.pair and "individual" not in audiences):
        for pair, stem in own_packs.stems(source).items():
            if pair != chosen and not wanted.all_packs:
                continue
            found.append((f"out/packs/pair/{stem}.html", own_packs.for_pair(source, made, pair)))
            if wanted.level >= 1:
                try:
                    second = own_packs.side_by_side(source, made, pair)
                except AuditkitError:
                    if not wanted.all_packs:
                        raise
                else:
                    found.append((f"out/packs/pair/{stem}{LEVEL_1}.html", second))
    return found


def _matching(source: Source, typed: str) -> str:
    """The pair that was typed, whatever its capitals and blanks: "Ward 3" is ward-3."""
    from auditkit.values import pair_code

    known = {pair_code(code): code for code in own_packs.pairs(source)}
    found = known.get(pair_code(typed), pair_code(typed) or typed)
    own_packs.known_pair(source, found)
    return found


def _template(one: Pack) -> str:
    return f"pair_level{one.level}.html" if one.audience == "pair" else f"{one.audience}.html"


def _render(audit: Audit, template: str, one: Pack) -> str:
    from auditkit import render

    text = render.render(template, {"pack": one}, user_templates=audit.templates)
    if one.is_draft and one.draft_words not in text:
        raise AuditkitError(
            f"{template}: the page does not say that this is a draft.",
            f"Keep the block draft_banner of base.html in {audit.templates.name}/.",
        )
    return text


def _issued(audit: Audit, names: tuple[str, ...]) -> tuple[Source, ...]:
    """What final packs were made from that show one of these rounds in other company (docs/decisions.md)."""
    from auditkit.comparison import compare
    from auditkit.config import LOWEST
    from auditkit.source import Source

    config = audit.config.model_copy(update={"thresholds": LOWEST})  # theirs may have been lower than today's
    known = set(audit.rounds())
    earlier = {
        tuple(json.loads(row["rounds"]))
        for row in audit.store.rows("SELECT DISTINCT rounds FROM runs WHERE command = 'feedback --final'")
    }
    found = []
    for other in sorted(earlier - {names}):
        if set(other) & set(names) and set(other) <= known:
            rounds = [audit.load_round(name) for name in other]
            compared = compare(rounds[0], rounds[1], audit.codebook, audit.config) if len(rounds) == 2 else None
            found.append(Source(rounds, compared, config))
    return tuple(found)


def _declined_since(audit: Audit, names: Sequence[str]) -> frozenset[str]:
    """Pairs in which somebody did not agree to share ratings in a round after these: the stricter answer counts."""
    every = audit.rounds()
    later = every[max(every.index(name) for name in names) + 1 :]
    return _not_agreed(audit, later)


def _not_agreed(audit: Audit, names: Sequence[str]) -> frozenset[str]:
    marks = ", ".join("?" * len(names))
    rows = audit.store.rows(
        f"SELECT DISTINCT pair FROM people WHERE round IN ({marks}) AND consent_pair_ratings <> 'yes'", list(names)
    )
    return frozenset(row["pair"] for row in rows)


def _recall(audit: Audit) -> list[str]:
    """Remove packs made earlier whose reader is no longer in the audit, or whose pair no longer shares ratings."""
    people = {(row["pair"], row["respondent"]) for row in audit.store.rows("SELECT pair, respondent FROM people")}
    readers = people | {(pair, "") for pair, _ in people}
    known = set(audit.rounds())
    gone: set[str] = set()
    for row in audit.store.rows("SELECT rounds, summary FROM runs WHERE command LIKE 'feedback%' ORDER BY run"):
        names = [name for name in json.loads(row["rounds"]) if name in known]
        refused = _not_agreed(audit, names) | _declined_since(audit, names) if names else frozenset()
        for name, (pair, respondent) in json.loads(row["summary"]).get("readers", {}).items():
            kept = (pair, respondent) in readers and not (name.endswith(f"{LEVEL_1}.html") and pair in refused)
            gone = gone - {name} if kept else gone | {name}
    removed = []
    for name in sorted(gone):
        path = audit.folder / name
        if path.exists():
            path.unlink()
            removed.append(name)
    return removed


def _record(audit: Audit, rounds: Sequence[CodedRound], packs: Sequence[tuple[str, Pack]], wanted: Wanted) -> None:
    from auditkit.audit import Run

    names = tuple(coded.round for coded in rounds)
    run = Run(
        command="feedback --final" if wanted.final else "feedback",
        rounds=names,
        files=audit.state(names),
        settings=audit.config.fingerprint(),
        codebook=audit.codebook.fingerprint(),
        options=json.dumps([names, [name for name, _ in packs], audit.decisions_fingerprint(names)]),
    )
    if audit.earlier(run) is None:
        readers = dict(filter(None, map(_reader, packs)))
        audit.save_run(run, {"written": [name for name, _ in packs], "readers": readers})
        audit.mark_written(run)
