"""What ``auditkit check`` finds: how files would be read, before anything is computed or kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import config, intake
from auditkit.audit import Audit
from auditkit.columns import Column, toml_lines
from auditkit.intake import Options
from auditkit.keyfile import KeyFile

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.register import Missing, Turnout
    from auditkit.responses import Source

ROLES = tuple(config.COLUMN_ROLES)
NOT_CONFIRMED = "audit.toml, not confirmed"


@dataclass(frozen=True)
class RoundFound:
    """A round as it would be analysed: how many people, pairs, open answers and ratings, of how many questions.

    ``identity``: by what people are known, to how many.
    """

    name: str
    people: int
    pairs: int
    questions: int
    answers: int
    items: int
    ratings: int
    identity: Mapping[str, int]
    turnout: tuple[Turnout, ...] = ()
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, eq=False)
class Checked:
    """``problems``: as in responses, over all rounds. ``lines``: of audit.toml, to change what is doubtful."""

    sources: tuple[Source, ...]
    columns: tuple[Column, ...]
    rounds: tuple[RoundFound, ...]
    problems: pd.DataFrame
    lines: tuple[str, ...]

    @property
    def doubtful(self) -> list[Column]:
        return [column for column in self.columns if column.confidence == "doubtful"]


def check(audit: Audit, files: Sequence[Path], options: Options) -> Checked:
    """Read files as ``analyse`` would, and keep nothing. Raises AuditkitError where they cannot be read,
    and under ``--strict`` where anything is left out or to be checked."""
    import pandas as pd

    intake.hashes_of(files)
    options = dataclasses.replace(options, roster=options.roster or audit.roster_path)
    intake.refuse_names_beside(audit, options)
    key = intake.key_file(audit, options)
    key = key if key.path.exists() else KeyFile(key.path)
    found, roster = intake.read_rounds(audit, files, options, key, refuse=False)
    intake.refuse_problems(found, strict=options.strict)
    open_to_change = config.unconfirmed(audit.settings_path)
    columns = {column.header: _marked(column, open_to_change) for one in found for column in one.columns}
    rounds = []
    for one in found:
        people = one.people
        of_partners = not (people["role"] == "staff").all()
        rounds.append(
            RoundFound(
                one.round,
                int(people["respondent"].nunique()),
                int(people.loc[people["pair"] != "", "pair"].nunique()),
                int(one.answers["item"].nunique()),
                len(one.answers),
                int(one.ratings["item"].nunique()),
                len(one.ratings),
                people.drop_duplicates("respondent")["identity"].value_counts().to_dict(),
                roster.turnout(people, one.order, key) if roster is not None and of_partners else (),
                roster.missing(people, one.order, key) if roster is not None and of_partners else (),
            )
        )
    problems = pd.concat([one.problems for one in found], ignore_index=True)
    lines = toml_lines(tuple(columns.values()))
    return Checked(found[0].sources, tuple(columns.values()), tuple(rounds), problems, tuple(lines))


def confirm(audit: Audit, answers: Mapping[str, str]) -> None:
    """Write what a person said of columns into audit.toml: the next file of the same form needs no question."""
    config.save(audit.settings_path, {"columns": dict(answers)}, confirmed=answers)


def _marked(column: Column, open_to_change: set[str]) -> Column:
    if column.header not in open_to_change:
        return column
    return dataclasses.replace(column, confidence="doubtful", reason=NOT_CONFIRMED)
