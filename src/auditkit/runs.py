"""What each command does, from reading to writing. Nothing here prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import codebook, config, outputs
from auditkit.audit import Audit, Run, file_hash
from auditkit.columns import Overrides
from auditkit.errors import AuditkitError
from auditkit.keyfile import KeyFile, default_path

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound
    from auditkit.comparison import Comparison
    from auditkit.responses import Responses
    from auditkit.review import Decided

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Options:
    """How a file is to be read, as named on the command line."""

    sheet: str | None = None
    round: str | None = None
    columns: Overrides = field(default_factory=Overrides)
    codebook: Path | None = None
    key: Path | None = None
    strict: bool = False

    def text(self) -> str:
        """What of it changes a result."""
        return json.dumps([self.sheet, self.round, asdict(self.columns)])


@dataclass(frozen=True)
class Done:
    """The outcome of a step: ``summary`` to print, whether anything was computed, files written."""

    summary: dict[str, Any]
    computed: bool
    written: tuple[Path, ...] = ()


def analyse(audit: Audit, file: Path, options: Options, progress: Progress) -> Done:
    """Read a file, code every round in it, and write the audit folder, a workbook and reports.

    An identical command changes nothing. Raises AuditkitError where nothing can be analysed.
    """
    changes = _take_codebook(audit, options.codebook)
    if not file.is_file():
        from auditkit.sheets import read_sheets

        read_sheets(file, lambda header: False)
    hashes = {file.name: file_hash(file)}
    if audit.exists:
        audit.check_thresholds()
    before = _run(audit, "analyse", (), hashes, options.text())
    known = audit.earlier(before)
    if known is not None and not changes and _read_alike(audit, known) and _all_there(audit, known):
        return Done(known, computed=False)

    key = KeyFile(options.key or default_path(audit.id))
    progress("Reading the file", 0, 1)
    found = _read(audit, file, options, key)
    audit.config = _with_columns(audit, found)
    encode = _encoder(audit, progress)
    from auditkit.analysis import code_round, with_decisions

    coded = [code_round(one, audit.codebook, encode, audit.config, progress) for one in found]
    run = _run(audit, "analyse", tuple(one.round for one in found), hashes, options.text())
    decisions = audit.decisions() if audit.exists else None
    decided = [one if decisions is None else with_decisions(one, decisions) for one in coded]
    summary = {
        "file": file.name,
        "columns": [asdict(column) for column in found[0].columns],
        "rounds": [outputs.round_summary(one) for one in decided],
        "codebook": changes,
        "written": [*outputs.paths([one.round for one in found]), "codebook.xlsx", "audit.toml"],
    }
    progress("Writing", 0, 1)
    audit.save_rounds(coded, run, summary)
    if key.save(audit.folder):
        summary["key"] = str(key.path)
    config.save(audit.settings_path, {"columns": audit.config.columns})
    _write_codebook(audit)
    written = outputs.write_rounds(audit)
    audit.mark_written(run)
    return Done(summary, computed=True, written=tuple(written))


def compare(audit: Audit, files: Sequence[Path], options: Options, progress: Progress) -> Done:
    """Analyse whichever file is not analysed yet, then compare two rounds pair by pair."""
    names = _rounds_to_compare(audit, files, options, progress)
    audit.check_thresholds()
    before, after = names
    _recode_stale(audit, names, progress)
    hashes = {name: f"{audit.round_of(name)['file_hash']} {audit.round_of(name)['read_as']}" for name in names}
    run = _run(audit, "compare", (before, after), hashes, json.dumps(names) + audit.decisions_fingerprint(names))
    known = audit.earlier(run)
    if known is not None and _all_there(audit, known):
        return Done(known, computed=False)
    progress("Comparing", 0, 1)
    rounds, compared = load_comparison(audit, before, after)
    if options.strict and len(compared.not_comparable):
        raise AuditkitError(
            f"{len(compared.not_comparable)} measures cannot be compared.",
            "Leave out --strict to compare the others.",
        )
    paths = [audit.out / "analyst" / name for name in ("comparison.html", "comparison.xlsx")]
    summary = outputs.comparison_summary(compared, rounds) | {
        "written": [str(p.relative_to(audit.folder)) for p in paths]
    }
    audit.save_run(run, summary)
    outputs.write_comparison(audit, rounds, compared, paths)
    audit.mark_written(run)
    return Done(summary, computed=True, written=tuple(paths))


def load_comparison(audit: Audit, before: str, after: str) -> tuple[list[CodedRound], Comparison]:
    """Two stored rounds and their comparison, with the decisions taken so far, under one codebook."""
    from auditkit.comparison import compare

    rounds = [audit.load_round(name) for name in (before, after)]
    return rounds, compare(rounds[0], rounds[1], audit.codebook, audit.config)


def latest_source(audit: Audit) -> tuple[list[CodedRound], Comparison | None]:
    """What feedback is made from: the latest comparison, else the latest round."""
    audit.require()
    run = audit.latest("compare")
    if run is not None:
        before, after = json.loads(run["rounds"])
        if {before, after} <= set(audit.rounds()):
            return load_comparison(audit, before, after)
    return [audit.load_round(audit.rounds()[-1])], None


def _recode_stale(audit: Audit, names: Sequence[str], progress: Progress) -> None:
    """Code rounds anew that were coded with another codebook; decisions are kept."""
    from auditkit.analysis import code_round

    stale = [name for name in names if audit.round_of(name)["codebook"] != audit.codebook.fingerprint()]
    if not stale:
        return
    encode = _encoder(audit, progress)
    coded = [
        code_round(audit.load_round(name).responses, audit.codebook, encode, audit.config, progress) for name in stale
    ]
    run = _run(audit, "recode", tuple(stale), {}, json.dumps(stale))
    audit.save_rounds(coded, run, {"rounds": stale, "written": []})
    _write_codebook(audit)
    outputs.write_rounds(audit)
    audit.mark_written(run)


def current_source(audit: Audit, progress: Progress) -> tuple[list[CodedRound], Comparison | None]:
    """As ``latest_source``, with rounds coded anew where the codebook has changed since."""
    audit.require()
    _recode_stale(audit, audit.rounds(), progress)
    return latest_source(audit)


def review_export(audit: Audit, output: Path | None, form: str | None, limit: int | None) -> tuple[Path, int]:
    """Write the answers that wait for a decision; the file and how many they are."""
    from auditkit import review, tables, workbook

    audit.require()
    path = output or audit.folder / f"review.{form or 'xlsx'}"
    form = form or path.suffix.lower().lstrip(".")
    if form not in ("xlsx", "csv"):
        raise AuditkitError(f'A review sheet cannot be "{form}".', "Use --format xlsx or --format csv.")
    rounds = [audit.load_round(name) for name in audit.rounds()]
    frame = review.sheet(rounds, limit)
    if form == "xlsx":
        workbook.review(path, frame, [theme.label for theme in audit.codebook.accepted])
    else:
        tables.save(frame, "review", "csv", path)
    return path, len(frame)


def review_apply(audit: Audit, file: Path, coder: str) -> Decided:
    """Take over a filled sheet in one transaction, and bring the analyst's reports up to date."""
    from auditkit import review

    audit.require()
    name = " ".join(coder.split())
    if not name or name.casefold() == "machine":
        raise AuditkitError(f'"{coder}" cannot be a coder.', "Give a name or initials with --coder.")
    rows = review.read_sheet(file)
    decided = review.decisions([audit.load_round(one) for one in audit.rounds()], rows, file.name)
    audit.decide(decided.rows, name)
    outputs.write_rounds(audit)
    return decided


def review_status(audit: Audit) -> dict[str, Any]:
    """Read and to read, by round, with the expected agreement of what is left to the machine."""
    audit.require()
    rounds = [audit.load_round(name) for name in audit.rounds()]
    waiting = any(not coded.is_reviewed for coded in rounds)
    return {
        "rounds": [
            {
                "round": coded.round,
                "answers": len(coded.responses.answers),
                "reviewed": coded.reviewed,
                "agreement": coded.agreement_words,
            }
            for coded in rounds
        ],
        "next": "auditkit review export" if waiting else "auditkit feedback --all-packs --final",
    }


def export(
    audit: Audit,
    table: str,
    form: str,
    output: Path | None,
    *,
    level: str = "answer",
    all_scores: bool = False,
) -> str | None:
    """One table of the audit, to a file, or as text where no file is named."""
    from auditkit import tables

    if form not in tables.FORMATS:
        raise AuditkitError(f'There is no format "{form}".', f"Use one of: {', '.join(tables.FORMATS)}.")
    if form == "xlsx" and output is None:
        raise AuditkitError("A workbook cannot be printed.", "Name a file with -o FILE.")
    audit.require()
    needed = table in ("comparison", "exceptions", "people")
    compared = latest_source(audit)[1] if needed and audit.latest("compare") else None
    loaded = [] if table in ("runs", "comparison", "exceptions") else [audit.load_round(n) for n in audit.rounds()]
    frame = tables.build(table, audit, loaded, compared, level=level, all_scores=all_scores)
    if output is None:
        return tables.text(frame, form)
    tables.save(frame, table, form, output)
    return None


def status(audit: Audit) -> dict[str, Any]:
    """Rounds, share reviewed, comparisons, packs, next step."""
    audit.require()
    rounds = []
    for name in audit.rounds():
        counts = audit.store.rows(
            "SELECT count(*) AS answers, count(DISTINCT d.answer) AS reviewed FROM answers a "
            "LEFT JOIN (SELECT DISTINCT answer FROM decisions) d ON d.answer = a.answer WHERE a.round = ?",
            (name,),
        )[0]
        rounds.append({"round": name, "file": audit.round_of(name)["file"], **counts})
    compared = audit.store.rows("SELECT run, rounds, at FROM runs WHERE command = 'compare' ORDER BY run")
    packs = sorted(str(p.relative_to(audit.folder).as_posix()) for p in (audit.out / "packs").glob("*/*.html"))
    waiting = sum(row["answers"] - row["reviewed"] for row in rounds)
    if waiting:
        step = "auditkit review export"
    elif len(rounds) > 1 and not compared:
        step = "auditkit compare"
    else:
        step = "auditkit feedback --all-packs --final"
    return {
        "rounds": rounds,
        "comparisons": [{"run": row["run"], "rounds": json.loads(row["rounds"]), "at": row["at"]} for row in compared],
        "packs": packs,
        "next": step,
    }


def _read(audit: Audit, file: Path, options: Options, key: KeyFile) -> list[Responses]:
    from auditkit import responses

    found = responses.read(
        file,
        audit.config,
        codes=key.code,
        sheet=options.sheet,
        round_name=options.round,
        overrides=options.columns,
    )
    errors = [row for one in found for row in one.problems.itertuples() if row.severity == "error"]
    if options.strict and errors:
        raise AuditkitError(
            f"{len(errors)} cell{'s' if len(errors) > 1 else ''} of {file.name} cannot be read, so nothing was taken.",
            "Correct them. Without --strict they are left out and listed.",
            details=[f"sheet {row.sheet}, row {row.row}, column {row.column}: {row.found}" for row in errors[:20]],
        )
    return found


def _rounds_to_compare(audit: Audit, files: Sequence[Path], options: Options, progress: Progress) -> tuple[str, str]:
    if len(files) > 2:
        raise AuditkitError(
            "Two files can be compared, the baseline and the repeat.",
            "Name two files, or one with both rounds.",
        )
    if not files:
        audit.require()
        names = audit.rounds()
        if len(names) < 2:
            raise AuditkitError(
                f"This audit has one round, {names[0]}.",
                "Name the other file: auditkit compare BASELINE REPEAT.",
            )
        return names[0], names[-1]
    missing = [file for file in files if not file.exists()]
    if len(files) == 2 and not missing and file_hash(files[0]) == file_hash(files[1]):
        raise AuditkitError(
            f"{files[0].name} and {files[1].name} are the same file.",
            "Name the baseline first, then the repeat.",
        )
    per_file = []
    for number, file in enumerate(files):
        done = analyse(audit, file, _for_file(options, files, number), progress)
        per_file.append([row["round"] for row in done.summary["rounds"]])
    if len(files) == 1:
        if len(per_file[0]) < 2:
            raise AuditkitError(
                f"{files[0].name} holds one round, {per_file[0][0]}.",
                "Name a second file, or the column of the rounds with --round-column.",
            )
        return per_file[0][0], per_file[0][-1]
    for file, rounds in zip(files, per_file, strict=True):
        if len(rounds) > 1:
            raise AuditkitError(
                f"{file.name} holds {len(rounds)} rounds: {', '.join(rounds)}.",
                "Compare that file alone, or choose the round with auditkit analyse --round.",
            )
    before, after = per_file[0][0], per_file[1][0]
    if before == after:
        raise AuditkitError(
            f'Both files are the round "{before}".',
            "Analyse each with its own --round NAME, then run auditkit compare.",
        )
    return before, after


def _for_file(options: Options, files: Sequence[Path], number: int) -> Options:
    from dataclasses import replace

    return replace(options, codebook=options.codebook if number == 0 else None)


def _take_codebook(audit: Audit, path: Path | None) -> list[str]:
    """Use another codebook; the differences in sentences. Nothing is written yet."""
    if path is None:
        return []
    if not path.is_file():
        raise AuditkitError(f"There is no codebook {path}.", "Name an .xlsx, .csv or .toml file.")
    new = codebook.read(path)
    if new.fingerprint() == audit.codebook.fingerprint():
        return []
    changes = codebook.diff(audit.codebook, new) if audit.codebook_path.exists() else []
    audit.codebook = new
    return changes or [f"{len(new.accepted)} themes from {path.name}."]


def _write_codebook(audit: Audit) -> None:
    """codebook.xlsx with the suggestions of all rounds; what a person wrote stays."""
    from auditkit.codebook import Theme

    rows = audit.store.rows("SELECT DISTINCT label, phrases, strength FROM suggested ORDER BY label")
    known = {theme.label.casefold() for theme in audit.codebook.themes}
    suggested = [
        Theme(
            id=f"S{number:02d}",
            label=row["label"],
            definition=f"Suggested by software ({row['strength']}): {row['phrases']}.",
            status="suggested",
            set_by="machine",
        )
        for number, row in enumerate(rows, start=1)
        if row["label"].casefold() not in known
    ]
    codebook.write(audit.codebook_path, audit.codebook, suggested)


def _with_columns(audit: Audit, found: Sequence[Responses]) -> config.Config:
    """The settings with what was understood of each column added."""
    columns = dict(audit.config.columns)
    for one in found:
        columns |= {column.header: column.role for column in one.columns if column.header}
    return audit.config.model_copy(update={"columns": columns})


def _run(audit: Audit, command: str, rounds: tuple[str, ...], files: dict[str, str], options: str) -> Run:
    decided = audit.decisions_fingerprint(audit.rounds()) if audit.exists else ""
    return Run(
        command=command,
        rounds=rounds,
        files=files,
        settings=audit.config.fingerprint(),
        codebook=audit.codebook.fingerprint(),
        options=f"{options} {decided if command == 'analyse' else ''}",
    )


def _read_alike(audit: Audit, summary: dict[str, Any]) -> bool:
    """Whether audit.toml still says of every column what it was taken for."""
    columns = audit.config.columns
    return all(columns.get(column["header"]) == column["role"] for column in summary["columns"] if column["header"])


def _all_there(audit: Audit, summary: dict[str, Any]) -> bool:
    return all((audit.folder / name).exists() for name in summary["written"])


def _encoder(audit: Audit, progress: Progress) -> Any:
    from auditkit.encoder import Encoder

    encoder = Encoder(audit.cache)
    return lambda texts: encoder.encode(texts, lambda done, total: progress("Reading the answers", done, total))
