"""What the audit holds, ready for a step: rounds under the present codebook, and their latest comparison."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import (
    audit_log,
    codebook,
    codebook_history,
    codebook_imports,
    engines,
    outputs,
    suggestions,
)
from auditkit.audit import Audit, Run
from auditkit.errors import AuditkitError
from auditkit.keyfile import KeyFile

if TYPE_CHECKING:
    from auditkit.analysis import CodedRound
    from auditkit.codebook import Codebook, Theme
    from auditkit.coder import Encode
    from auditkit.comparison import Comparison
    from auditkit.corpus import Lessons
    from auditkit.linking import Linking
    from auditkit.responses import Responses
    from auditkit.suggestions import Earlier

Progress = Callable[[str, int, int], None]


def load_comparison(audit: Audit, before: str, after: str) -> tuple[list[CodedRound], Comparison]:
    """Two stored rounds and their comparison, with the decisions taken so far, under one codebook."""
    from auditkit.comparison import compare

    mapping = linked(audit, (before, after)).mapping
    rounds = [_under_one_code(audit.load_round(name), mapping) for name in (before, after)]
    return rounds, compare(rounds[0], rounds[1], audit.codebook, audit.config)


def linked(audit: Audit, names: Sequence[str]) -> Linking:
    """Who is the same person in these rounds: by code, and by what was decided in audit.toml."""
    from auditkit import linking

    key = KeyFile(audit.key_path) if audit.key_path is not None and audit.key_path.exists() else None
    known = {code for name in audit.rounds() if name not in names for code in audit.people(name)["respondent"]}
    can_be = all(audit.round_of(name)["linked"] for name in names)
    return linking.link(audit.people_of(names), audit.config.people, linked=can_be, key=key, known=known)


def _under_one_code(coded: CodedRound, mapping: dict[str, str]) -> CodedRound:
    """A round with the codes of people from an earlier one."""
    from auditkit import linking

    if not mapping:
        return coded
    held = coded.responses
    frames = {name: linking.apply(getattr(held, name), mapping) for name in ("answers", "ratings", "facts", "people")}
    return dataclasses.replace(coded, responses=dataclasses.replace(held, **frames))


def latest_source(audit: Audit, comparison: int | None = None) -> tuple[list[CodedRound], Comparison | None]:
    """What feedback is made from: the latest comparison or the one named, else the latest round."""
    audit.require()
    run = audit.latest("compare") if comparison is None else _comparison(audit, comparison)
    if run is not None:
        before, after = json.loads(run["rounds"])
        if {before, after} <= set(audit.rounds()):
            return load_comparison(audit, before, after)
    return [audit.load_round(audit.rounds()[-1])], None


def _comparison(audit: Audit, number: int) -> dict[str, Any]:
    """The run of a comparison by its number, as ``status`` lists it; raises AuditkitError where there is none."""
    runs = audit.store.rows("SELECT * FROM runs WHERE command = 'compare' ORDER BY run")
    found = {row["run"]: row for row in runs if set(json.loads(row["rounds"])) <= set(audit.rounds())}
    if number not in found:
        known = [f"{run} ({' to '.join(json.loads(row['rounds']))})" for run, row in found.items()]
        raise AuditkitError(
            f"There is no comparison {number}.", f"Comparisons of this audit: {', '.join(known) or 'none'}."
        )
    return found[number]


def recode_stale(audit: Audit, names: Sequence[str], progress: Progress, *, together: bool = False) -> None:
    """Code rounds anew that were coded with another codebook or before the latest decisions, which are kept.

    Suggested themes are looked for again only under another codebook. ``together``: also rounds that were not
    coded in one go, so that the coder is the same in all of them.
    """
    from auditkit.coder import code_rounds

    last = audit.latest("recode")
    cut_off = json.loads(last["rounds"]) if last and not last["written"] else []
    fingerprint = audit.codebook.fingerprint()
    about = {name: audit.round_of(name) for name in names}
    changed = {name for name in names if name in cut_off or about[name]["codebook"] != fingerprint}
    stale = [name for name in names if name in changed or about[name]["learned"] != audit.taught()]
    if together and (stale or len({about[name]["coded_by"] for name in names}) > 1):
        stale = list(names)
    if not stale:
        return
    engines.load(audit.config.topics.engine)
    held = [audit.load_round(name, read=False) for name in stale]
    coded = code_rounds(
        [one.responses for one in held],
        audit.codebook,
        encoder(audit, progress),
        audit.config,
        progress,
        lessons=audit.lessons(stale),
        kept={one.round: suggestions.held(one) for one in held if one.round not in changed},
        earlier=suggestions_known(audit),
        deny=denied(audit),
    )
    run = step_of(audit, "recode", tuple(stale), audit.state(stale), json.dumps(stale))
    taught = audit.taught()
    audit.save_recoded(coded, run, {"rounds": stale, "written": []})
    with outputs.once_changed():
        write_codebook(audit)
    if audit.taught() != taught:  # answers that a new theme sends back to be read teach nothing any more
        recode_stale(audit, names, progress, together=together)
        return
    outputs.write_rounds(audit)
    audit.mark_written(run)


def current_source(
    audit: Audit, progress: Progress, comparison: int | None = None
) -> tuple[list[CodedRound], Comparison | None]:
    """As ``latest_source``, with rounds coded anew where the codebook has changed since."""
    audit.require()
    keep_codebook(audit)
    refuse_outdated(audit, audit.rounds())
    recode_stale(audit, audit.rounds(), progress)
    run = audit.latest("compare") if comparison is None else _comparison(audit, comparison)
    compared = json.loads(run["rounds"]) if run else []
    if set(compared) <= set(audit.rounds()):
        recode_stale(audit, compared, progress, together=True)
    return latest_source(audit, comparison)


def refuse_outdated(audit: Audit, names: Sequence[str]) -> None:
    """Raise AuditkitError where audit.toml now says otherwise how a round's file is to be read."""
    outdated = audit.outdated(names)
    if outdated:
        file = audit.round_of(outdated[0])["file"]
        raise AuditkitError(
            f"audit.toml has changed since {' and '.join(outdated)} was read.",
            f"Read it again: auditkit analyse {file}",
        )


def refuse_stale(audit: Audit) -> None:
    """Raise AuditkitError where rounds were coded with another codebook than the present one."""
    present = audit.codebook.fingerprint()
    stale = [name for name in audit.rounds() if audit.round_of(name)["codebook"] != present]
    if stale:
        raise AuditkitError(
            f"{audit.codebook_path.name} has changed since {' and '.join(stale)} was coded.",
            "Run auditkit analyse or auditkit compare first.",
        )


def step_of(audit: Audit, command: str, rounds: tuple[str, ...], files: dict[str, str], options: str) -> Run:
    """A step under the audit's present settings and codebook; what tells it from any other."""
    return Run(
        command=command,
        rounds=rounds,
        files=files,
        settings=audit.config.fingerprint(),
        codebook=audit.codebook.fingerprint(),
        options=options,
    )


def take_codebook(audit: Audit, path: Path | None) -> list[str]:
    """Use another codebook; the differences in sentences. Nothing is written yet."""
    if path is None:
        return []
    if not path.is_file():
        raise AuditkitError(f"There is no codebook {path}.", "Name an .xlsx, .csv, .toml or .qdc file.")
    new = codebook.read(path, from_elsewhere=True)
    audit.codebook_told = new.told
    if audit.exists and audit.rounds():
        new = codebook_imports.take(audit.codebook, new, codebook_history.ids(audit)).after
        audit.refuse_borrowed(new, path.name, by_chance=True)
    if new.fingerprint() == audit.codebook.fingerprint():
        return []
    changes = codebook.diff(audit.codebook, new) if audit.codebook_path.exists() else []
    audit.codebook, audit.codebook_source = new, path.name
    return changes or [f"{len(new.accepted)} themes from {path.name}."]


def write_codebook(audit: Audit) -> None:
    """codebook.xlsx with the suggestions of all rounds; what a person wrote stays. A changed codebook is a new
    version."""
    codebook_history.recover(audit)
    save_codebook(audit)
    audit.codebook = audit.read_codebook()
    codebook_history.take_up(audit)


def save_codebook(audit: Audit) -> None:
    """codebook.xlsx alone: the codebook in hand, and the suggestions of all rounds.

    Raises Meanwhile, with the file as it is, where somebody has saved it since it was read.
    """
    codebook.write(audit.codebook_path, audit.codebook, suggested_themes(audit), audit.refuse_changed_codebook)
    audit.remember_codebook()


def keep_codebook(audit: Audit) -> None:
    """Make what was changed by hand in codebook.xlsx a version of its own, if that was not done yet."""
    if audit.exists and audit.rounds() and codebook_history.is_behind(audit):
        write_codebook(audit)


def suggestions_known(audit: Audit) -> list[Earlier]:
    """Every theme that was ever suggested, with what was decided about it, in the sheet of the codebook as well.

    The sheet is made anew at each step, so what was set there is kept in the audit.
    """
    from auditkit import codebook_files, suggested_rows

    if not (audit.exists and audit.codebook_path.exists()):
        return audit.suggestions()
    _, rows = codebook_files.load(audit.codebook_path, codebook.COLUMNS, "label")
    decided = suggestions.set_in_sheet(audit.suggestions(), [cells for _, cells in rows], audit.codebook)
    if decided:
        with audit.store.step():
            suggested_rows.decide(audit.store, decided, audit_log.now())
    return audit.suggestions()


def suggested_themes(audit: Audit) -> list[Theme]:
    """What is suggested in any round, under its id, with its key phrases as a hint what to include."""
    from auditkit.codebook import Theme

    known = {theme.label.casefold() for theme in audit.codebook.themes}
    suggested = []
    for row in audit.store.rows("SELECT theme, label, phrases, strength FROM suggested ORDER BY length(theme), theme"):
        if row["label"].casefold() not in known:
            known.add(row["label"].casefold())
            strength = f" ({row['strength']})" if row["strength"] else ""
            hint = f"Suggested by software{strength}. Key phrases: {row['phrases']}."
            theme = Theme(row["theme"], row["label"], include=hint, status="suggested", set_by="machine")
            suggested.append(theme)
    return suggested


def code_under(audit: Audit, book: Codebook, lessons: Lessons | None, progress: Progress) -> list[CodedRound]:
    """What software would code in all rounds under another codebook and other lessons. Nothing is kept."""
    from auditkit.coder import code_rounds

    held = [audit.load_round(name, read=False) for name in audit.rounds()]
    kept = {one.round: suggestions.held(one) for one in held}
    responses, encode = [one.responses for one in held], encoder(audit, progress)
    return code_rounds(responses, book, encode, audit.config, progress, lessons=lessons, kept=kept)


def encoder(audit: Audit, progress: Progress, *, keep: bool = True) -> Encode:
    """What turns texts into vectors, remembered in the audit's folder; without ``keep`` nothing new is."""
    from auditkit.encoder import Encoder

    remembering = Encoder(audit.cache, keep=keep)
    return lambda texts: remembering.encode(texts, lambda done, total: progress("Reading the answers", done, total))


def denied(
    audit: Audit, found: Sequence[Responses] = (), key: KeyFile | None = None, roster: Path | None = None
) -> set[str]:
    """Words by which somebody could be recognised, which nothing that software suggests is called by.

    Names and e-mail addresses of the roster and the key, codes of people, and the words by which few pairs and
    services are told from others. ``found``, ``key``, ``roster``: what is being read beside what the audit holds.
    """
    from auditkit import names, register

    config = audit.config
    query = "SELECT DISTINCT respondent, pair, service FROM people"
    people: list[dict[str, Any]] = audit.store.rows(query) if audit.exists else []
    people += [row for one in found for row in one.people[["respondent", "pair", "service"]].to_dict("records")]
    told = [*(row["pair"] for row in people), *(row["service"] for row in people)]
    told += [*config.pairs, *config.pairs.values(), *config.services, *config.services.values()]
    words = names.of_few(told, config.thresholds.k_theme)
    words |= names.of_few((row["respondent"] for row in people), config.thresholds.k_theme)
    roster = roster or audit.roster_path
    if roster is not None:
        words |= register.read(roster, config.roles).deny_words()
    if key is None and audit.key_path is not None and audit.key_path.exists():
        key = KeyFile(audit.key_path)
    return words | (names.words_of(key.originals()) if key is not None else set())
