"""What each command does, from reading to writing. Nothing here prints."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import (
    decided,
    engines,
    experience,
    holdings,
    intake,
    outputs,
    overwriting,
    people_sheet,
    removal,
    stored_rounds,
)
from auditkit.audit import Audit, Run, file_hash
from auditkit.columns import PASSING, as_dict
from auditkit.errors import AuditkitError
from auditkit.holdings import Progress
from auditkit.intake import Options
from auditkit.problem_lines import joined, worst
from auditkit.wording import counted

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound
    from auditkit.linking import Linking
    from auditkit.responses import Responses


@dataclass(frozen=True)
class Done:
    """The outcome of a step: ``summary`` to print, whether anything was computed, files written."""

    summary: dict[str, Any]
    computed: bool
    written: tuple[Path, ...] = ()


def analyse(
    audit: Audit, files: Sequence[Path], options: Options, progress: Progress, *, other_than: Collection[str] = ()
) -> Done:
    """Read files that belong together, code every round in them, and write the audit folder and reports.

    An identical command changes nothing. ``other_than``: rounds that the files may not hold. Raises
    AuditkitError where nothing can be analysed, Refused for names in the audit folder.
    """
    changes = holdings.take_codebook(audit, options.codebook)
    hashes = intake.hashes_of(files)
    options = replace(options, roster=options.roster or audit.roster_path)
    intake.refuse_names_beside(audit, options)
    if options.learn_from is not None:
        experience.refuse_unfit(options.learn_from, audit.folder)
    folder = audit.folder.resolve()
    inside = [file.name for file in files if file.resolve().is_relative_to(folder)]
    if audit.exists:
        audit.check_thresholds()
    run = holdings.step_of(audit, "analyse", (), hashes, options.text())
    known = audit.earlier(run)
    if known is not None and not changes and _still_true(audit, known, strict=options.strict):
        _refuse_twin(known["rounds"], other_than)
        holdings.keep_codebook(audit)
        lost = not _all_there(audit, known)
        written = _write_outputs(audit) if lost else []
        return Done(_up_to_date(audit, known) | {"inside": inside}, computed=lost, written=tuple(written))

    engines.load(audit.config.topics.engine)
    progress("Reading the file", 0, 1)
    key = intake.key_file(audit, options)
    found, _ = intake.read_rounds(audit, files, options, key)
    intake.refuse_problems(found, strict=options.strict)
    if audit.exists:
        found = [stored_rounds.with_keys_kept(audit.store, one) for one in found]
    _refuse_twin([{"round": one.round} for one in found], other_than)
    _refuse_others(audit, found, list(hashes), options)
    _refuse_borrowed(audit, found)
    audit.config = intake.with_columns(audit, found)
    encode = holdings.encoder(audit, progress)
    from auditkit.coder import code_rounds

    examples, learned_from = [], ""
    if options.learn_from:
        learned_from = (other := Audit(options.learn_from)).id
        leaving_no_trace = holdings.encoder(other, progress, keep=False)
        examples = experience.take(other.store, other.id, other.codebook, audit.codebook, leaving_no_trace)
    lessons, earlier = audit.lessons([one.round for one in found], examples), holdings.suggestions_known(audit)
    deny = holdings.denied(audit, found, key, options.roster)
    coded = code_rounds(
        found, audit.codebook, encode, audit.config, progress, lessons=lessons, earlier=earlier, deny=deny
    )
    summary = {
        "file": ", ".join(hashes),
        "sources": [asdict(source) for source in found[0].sources],
        "columns": _columns(found),
        "problems": _worst(found),
        "rounds": [],
        "learned_from": len(examples),
        "codebook": changes,
        "codebook_read": list(audit.codebook_told) if changes else [],
        "left": removal.counts(audit.store, found) if audit.exists else {},
        "written": [*outputs.paths([one.round for one in found]), "codebook.xlsx", "audit.toml"],
    }
    summary["rounds"] = [outputs.round_summary(one) for one in coded]
    progress("Writing", 0, 1)
    named = any(one.key is not None for one in found)
    new_names = key.save(audit.folder)
    run = replace(run, rounds=tuple(one.round for one in found), settings=audit.config.fingerprint())
    audit.save_rounds(coded, run, summary, key.path if named else None, options.roster, examples, learned_from)
    intake.save_settings(audit, found)
    taught = audit.taught()
    written = _write_outputs(audit)
    audit.mark_written(run)
    if audit.taught() != taught:
        holdings.recode_stale(audit, run.rounds, progress)
    summary["rounds"] = [outputs.round_summary(audit.load_round(name)) for name in run.rounds]
    shown = {"inside": inside, "key": str(key.path) if new_names else ""}
    return Done(summary | shown, computed=True, written=tuple(written))


def compare(audit: Audit, files: Sequence[Path], options: Options, progress: Progress) -> Done:
    """Analyse whichever file is not analysed yet, then compare two rounds pair by pair."""
    before, after, problems = _rounds_to_compare(audit, files, options, progress)
    names = (before, after)
    audit.check_thresholds()
    holdings.keep_codebook(audit)
    holdings.refuse_outdated(audit, names)
    intake.take_people(audit)
    holdings.recode_stale(audit, names, progress, together=True)
    run = _comparing(audit, (before, after))
    known = audit.earlier(run)
    if known is not None and _all_there(audit, known):
        _refuse_gaps(known["not_comparable"], strict=options.strict)
        return Done(known | _shown(problems), computed=False)
    progress("Comparing", 0, 1)
    rounds, compared = holdings.load_comparison(audit, before, after)
    _refuse_gaps(len(compared.not_comparable), strict=options.strict)
    found = holdings.linked(audit, names)
    paths = [audit.out / "analyst" / name for name in ("comparison.html", "comparison.xlsx")]
    summary = outputs.comparison_summary(compared, rounds)
    summary["notes"] = [*_wrong_way_round(rounds), *_to_decide(found), *found.notes[:1], *summary["notes"]]
    summary |= {
        "not_comparable": len(compared.not_comparable),
        "written": [path.relative_to(audit.folder).as_posix() for path in [*paths, audit.people_path]],
    }
    audit.save_run(run, summary)
    outputs.write_comparison(audit, rounds, compared, paths)
    people_sheet.write(audit.people_path, found, audit.people_of(names), compared.pairs)
    audit.mark_written(run)
    return Done(summary | _shown(problems), computed=True, written=tuple(paths))


def export(
    audit: Audit,
    table: str,
    form: str,
    output: Path | None,
    *,
    level: str = "answer",
    all_scores: bool = False,
) -> str | None:
    """One table of the audit, to a file, or as text where no file is named. Raises Refused beside names."""
    from auditkit import tables

    if form not in tables.FORMATS:
        raise AuditkitError(f'There is no format "{form}".', f"Use one of: {', '.join(tables.FORMATS)}.")
    if form == "xlsx" and output is None:
        raise AuditkitError("A workbook cannot be printed.", "Name a file with -o FILE.")
    audit.require()
    if output is not None:
        intake.refuse_names_beside(audit, Options(), output)
    if table in ("comparison", "exceptions"):
        holdings.refuse_stale(audit)
    needed = table in ("comparison", "exceptions", "people")
    compared = holdings.latest_source(audit)[1] if needed and audit.latest("compare") else None
    loaded = [] if table in tables.WITHOUT_ROUNDS else [audit.load_round(n) for n in audit.rounds()]
    frame = tables.build(table, audit, loaded, compared, level=level, all_scores=all_scores)
    if output is None:
        return tables.text(frame, form)
    overwriting.refuse(audit, output, sheets=[table.capitalize()], columns=list(map(str, frame.columns)))
    tables.save(frame, table, form, output)
    return None


def status(audit: Audit) -> dict[str, Any]:
    """Rounds, share reviewed, comparisons, packs, next step."""
    audit.require()
    rounds = []
    for name in audit.rounds():
        answers, reviewed = decided.reviewed(audit.store, name)
        rounds.append({"round": name, "file": audit.round_of(name)["file"], "answers": answers, "reviewed": reviewed})
    compared = audit.store.rows("SELECT run, rounds, at FROM runs WHERE command = 'compare' ORDER BY run")
    packs = sorted(str(p.relative_to(audit.folder).as_posix()) for p in (audit.out / "packs").glob("*/*.html"))
    waiting = sum(row["answers"] - row["reviewed"] for row in rounds)
    if waiting:
        step = "auditkit review export"
    elif len(rounds) > 1 and not _is_current(audit, compared):
        step = "auditkit compare"
    else:
        step = "auditkit feedback --all-packs --final"
    return {
        "rounds": rounds,
        "comparisons": [{"run": row["run"], "rounds": json.loads(row["rounds"]), "at": row["at"]} for row in compared],
        "packs": packs,
        "next": step,
    }


def _is_current(audit: Audit, compared: Sequence[dict[str, Any]]) -> bool:
    """Whether the latest comparison knows the present answers, codings, decisions and settings."""
    names = tuple(json.loads(compared[-1]["rounds"])) if compared else ()
    if not names or not set(names) <= set(audit.rounds()):
        return False
    return audit.earlier(_comparing(audit, names)) is not None


def _refuse_borrowed(audit: Audit, found: Sequence[Responses]) -> None:
    """Raise AuditkitError where a codebook holds what these respondents wrote, and no earlier version had it."""
    place = audit.codebook_source or audit.codebook_path.name
    audit.refuse_borrowed(audit.codebook, place, answers=[one.answers for one in found], by_chance=True)


def _comparing(audit: Audit, names: tuple[str, ...]) -> Run:
    options = json.dumps(list(names)) + audit.decisions_fingerprint(names)
    return holdings.step_of(audit, "compare", names, audit.state(names), options)


def _rounds_to_compare(
    audit: Audit, files: Sequence[Path], options: Options, progress: Progress
) -> tuple[str, str, list[dict[str, Any]]]:
    """The two rounds, and what was odd in the files that were read for it."""
    if len(files) > 2:
        raise AuditkitError(
            "Two files can be compared, the baseline and the repeat.",
            "Name two files, or one with both rounds.",
        )
    if not files:
        audit.require()
        holdings.take_codebook(audit, options.codebook)
        names = audit.rounds()
        if len(names) < 2:
            raise AuditkitError(
                f"This audit has one round, {names[0]}.",
                "Name the other file: auditkit compare BASELINE REPEAT.",
            )
        return names[0], names[-1], []
    for file in files:
        intake.refuse_missing(file)
    if len(files) == 2 and file_hash(files[0]) == file_hash(files[1]):
        raise AuditkitError(
            f"{files[0].name} and {files[1].name} are the same file.",
            "Name the baseline first, then the repeat.",
        )
    per_file: list[list[str]] = []
    problems = []
    for number, file in enumerate(files):
        chosen = replace(options, codebook=options.codebook if number == 0 else None)
        earlier = [name for names in per_file for name in names]
        done = analyse(audit, [file], chosen, progress, other_than=earlier)
        if done.computed:
            problems.append(done.summary["problems"])
        per_file.append([row["round"] for row in done.summary["rounds"]])
    for file, names in zip(files, per_file, strict=True):
        if audit.outdated(names):  # a later file showed how the answer scale is meant
            analyse(audit, [file], replace(options, codebook=None), progress)
    if len(files) == 1:
        if len(per_file[0]) < 2:
            raise AuditkitError(
                f"{files[0].name} holds one round, {per_file[0][0]}.",
                "Name a second file, or the column of the rounds with --round-column.",
            )
        return per_file[0][0], per_file[0][-1], problems
    for file, rounds in zip(files, per_file, strict=True):
        if len(rounds) > 1:
            raise AuditkitError(
                f"{file.name} holds {len(rounds)} rounds: {', '.join(rounds)}.",
                "Compare that file alone, or choose the round with auditkit analyse --round.",
            )
    return per_file[0][0], per_file[1][0], problems


def _refuse_twin(rounds: Sequence[dict[str, Any]], other_than: Collection[str]) -> None:
    twins = [row["round"] for row in rounds if row["round"] in other_than]
    if twins:
        raise AuditkitError(
            f'Both files are the round "{twins[0]}".',
            "Analyse each with its own --round NAME, then run auditkit compare.",
        )


def _refuse_others(audit: Audit, found: Sequence[Responses], files: Sequence[str], options: Options) -> None:
    """Raise AuditkitError where another file would take the place of a round with other answers; naming the round
    says that it may."""
    held = audit.rounds() if audit.exists else []
    for one in found:
        if one.round not in held or options.round is not None:
            continue
        before = audit.round_of(one.round)["file"]
        if before in files or ", ".join(files) == before or _alike(audit.load_round(one.round).responses, one):
            continue
        raise AuditkitError(
            f'The round "{one.round}" is that of {before}; {", ".join(files)} holds other answers.',
            f"Name this one with --round NAME. Do they belong together? Name both files. To replace it: --round "
            f'"{one.round}".',
        )


def _alike(before: Responses, after: Responses) -> bool:
    """Whether at least half of a round's answers and ratings come again."""

    def held(one: Responses) -> set[tuple[object, ...]]:
        said = one.answers[["pair", "role", "item", "text"]].itertuples(index=False, name=None)
        return {*said, *one.ratings[["pair", "role", "item", "rating"]].itertuples(index=False, name=None)}

    old = held(before)
    return 2 * len(old & held(after)) >= len(old)


def _wrong_way_round(rounds: Sequence[CodedRound]) -> list[str]:
    before, after = (coded.responses.order for coded in rounds)
    if not (before and after) or before <= after:
        return []
    return [f"{rounds[0].round} is dated after {rounds[1].round}: {outputs.WRONG_WAY_ROUND}"]


def _to_decide(found: Linking) -> list[str]:
    if not found.near:
        return []
    many = counted(len(found.near), "person", "people")
    return [f"{many} may be in both rounds under two codes: decide in people.xlsx, then compare again."]


def _refuse_gaps(number: int, *, strict: bool) -> None:
    if strict and number:
        raise AuditkitError(
            f"{number} measure{'s' if number > 1 else ''} cannot be compared.",
            "Leave out --strict to compare the others; they are listed in comparison.xlsx.",
        )


def _worst(found: Sequence[Responses]) -> dict[str, Any]:
    """The problems that are printed, over all rounds of the files."""
    import pandas as pd

    return worst(pd.concat([one.problems for one in found], ignore_index=True))


def _shown(problems: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"problems": joined(problems)} if problems else {}


def _columns(found: Sequence[Responses]) -> list[dict[str, Any]]:
    """What every column was taken for, over all rounds of a file."""
    columns = {column.header: as_dict(column) for one in reversed(found) for column in one.columns}
    order = dict.fromkeys(column.header for one in found for column in one.columns)
    return [columns[header] for header in order]


def _still_true(audit: Audit, summary: dict[str, Any], *, strict: bool) -> bool:
    """Whether audit.toml still says the same of every column, and --strict would find nothing."""
    columns = audit.config.columns
    bound = [column for column in summary["columns"] if column["reason"] not in PASSING]
    alike = all(columns.get(column["header"]) == column["role"] for column in bound)
    found = sum(row["problems"]["error"] + row["problems"]["warning"] for row in summary["rounds"])
    return alike and not (strict and found)


def _write_outputs(audit: Audit) -> list[Path]:
    """The codebook and the analyst's reports, from what the audit holds."""
    with outputs.once_changed():
        holdings.write_codebook(audit)
    return outputs.write_rounds(audit)


def _up_to_date(audit: Audit, summary: dict[str, Any]) -> dict[str, Any]:
    """The summary of a run, with what was decided or coded again since."""
    names = [row["round"] for row in summary["rounds"]]
    recoded = any(row["coded_by"] != row["run"] for row in map(audit.round_of, names)) and len(audit.rounds()) > 1
    return summary | {"recoded": recoded, "rounds": [outputs.round_summary(audit.load_round(name)) for name in names]}


def _all_there(audit: Audit, summary: dict[str, Any]) -> bool:
    return all((audit.folder / name).exists() for name in summary["written"])
