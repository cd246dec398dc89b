"""The audit folder: loads and saves rounds, decisions and runs; what was done with what."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit import (
    audit_log,
    decided,
    experience,
    own_codebook,
    removal,
    second_codings,
    second_looks,
    stored_rounds,
    stored_runs,
    suggested_rows,
)
from auditkit import config as configs
from auditkit.columns import PASSING
from auditkit.errors import AuditkitError, Refused
from auditkit.steps import Run as Run
from auditkit.steps import file_hash as file_hash
from auditkit.steps import short_hash
from auditkit.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from auditkit.analysis import CodedRound
    from auditkit.codebook import Codebook
    from auditkit.codebook_words import Said
    from auditkit.config import Config
    from auditkit.corpus import Lessons
    from auditkit.decided import Verdict
    from auditkit.second_codings import SecondCoding
    from auditkit.suggestions import Earlier


class Audit:
    """An audit folder, which need not exist yet. Nothing is written before the first ``save``."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise AuditkitError(f"{folder} is a file.", "Name a folder with --audit FOLDER.")
        self.folder = folder
        self.settings_path = folder / "audit.toml"
        self.codebook_path = folder / "codebook.xlsx"
        self.people_path = folder / "people.xlsx"
        self.store_path = folder / "audit.sqlite"
        self.cache = folder / "cache"
        self.out = folder / "out"
        self.templates = folder / "templates"
        self._codebook_state: str | None = None
        self.codebook_source = ""  # the file that the codebook was taken from in this step
        self.codebook_told: tuple[str, ...] = ()  # and how its columns were read

    @property
    def exists(self) -> bool:
        return self.store_path.exists()

    @cached_property
    def store(self) -> Store:
        return Store(self.store_path)

    @cached_property
    def config(self) -> Config:
        return configs.load(self.settings_path)

    @cached_property
    def codebook(self) -> Codebook:
        """The audit's own codebook, else the shipped one. Raises AuditkitError where a respondent's words are in it."""
        book = self.read_codebook()
        self.refuse_borrowed(book, self.codebook_path.name)
        return book

    def read_codebook(self) -> Codebook:
        """The codebook as it lies in the folder, which is remembered to be so."""
        self.remember_codebook()
        return own_codebook.read(self.codebook_path, self.store if self.exists else None)

    def remember_codebook(self) -> None:
        """From now on codebook.xlsx is known as it is."""
        self._codebook_state = own_codebook.state(self.codebook_path)

    def refuse_changed_codebook(self) -> None:
        """Raise Meanwhile where somebody has saved codebook.xlsx since it was read."""
        if self._codebook_state is not None:
            own_codebook.refuse_changed(self.codebook_path, self._codebook_state)

    def said(self) -> Said:
        """What respondents wrote, in all rounds."""
        return own_codebook.said(self.store, self.config.thresholds.k_theme)

    def refuse_borrowed(
        self, book: Codebook, place: str = "", *, answers: Sequence[pd.DataFrame] | None = None, by_chance: bool = False
    ) -> None:
        """As ``own_codebook.refuse_words``, of this audit."""
        store, least = self.store if self.exists else None, self.config.thresholds.k_theme
        own_codebook.refuse_words(book, store, least, place, answers, by_chance=by_chance)

    @cached_property
    def id(self) -> str:
        """A random name for this audit, by which its key file is found."""
        return self._said("id") or secrets.token_hex(4)

    @property
    def key_path(self) -> Path | None:
        """Where the key of names lies, if names have been replaced so far."""
        said = self._said("key")
        return Path(said) if said else None

    @property
    def roster_path(self) -> Path | None:
        """Where the roster lies that was used last, if it is still there."""
        said = self._said("roster")
        return Path(said) if said and Path(said).is_file() else None

    def _said(self, name: str) -> str:
        found = self.store.rows("SELECT value FROM audit WHERE name = ?", (name,)) if self.exists else []
        return str(found[0]["value"]) if found else ""

    def require(self) -> None:
        """Raise AuditkitError where nothing has been analysed in this folder."""
        if not self.exists or not self.rounds():
            raise AuditkitError(
                f"There is no audit in {self.folder.resolve()}.",
                "Run auditkit analyse FILE first, or name the folder with --audit FOLDER.",
            )

    def rounds(self) -> list[str]:
        """The rounds, in the order of their dates, else of their first reading."""
        if not self.exists:
            return []
        return [
            row["round"] for row in self.store.rows("SELECT round FROM rounds ORDER BY position = '', position, rowid")
        ]

    def round_of(self, name: str) -> dict[str, Any]:
        found = self.store.rows("SELECT * FROM rounds WHERE round = ?", (name,))
        if not found:
            raise AuditkitError(
                f'There is no round "{name}".', f"Rounds of this audit: {', '.join(self.rounds()) or 'none'}."
            )
        return found[0]

    def decisions(self) -> pd.DataFrame:
        """What people decided: answer, text_hash, theme, pole, decision, coder, at, unread, blind."""
        return decided.decisions(self.store)

    def suggestions(self) -> list[Earlier]:
        """Every theme that was ever suggested, with what was decided about it."""
        return suggested_rows.earlier(self.store) if self.exists else []

    def save_suggestions(self, coded: CodedRound, decided: Iterable[Earlier], run: Run, who: str) -> None:
        """Keep what ``who`` decided about suggested themes, and the round's suggestions as they are now."""
        with self.store.step():
            self.refuse_changed_codebook()
            self._decide_suggestions(decided, who)
            suggested_rows.replace(self.store, coded, audit_log.now())
            stored_runs.save(self.store, run, {"written": []})

    def save_decided_suggestions(self, decided: Iterable[Earlier], who: str) -> None:
        """Keep what has become of suggested themes by a change of the codebook."""
        with self.store.step():
            self._decide_suggestions(decided, who)

    def _decide_suggestions(self, decided: Iterable[Earlier], who: str) -> None:
        for one in decided:
            suggested_rows.decide(self.store, [one], audit_log.now())
            after = {"state": one.state, "became": one.became}
            book = self.codebook.fingerprint()
            audit_log.append(self.store, who, "topics", one.theme, after=after, codebook=book)

    def decisions_fingerprint(self, rounds: Sequence[str]) -> str:
        """Eight hex digits over all decisions on answers of these rounds, and which of them need another look;
        empty where there are none."""
        return decided.fingerprint(self.store, rounds)

    def taught(self) -> str:
        """Eight hex digits over all that the coder learns from; empty where nobody has read anything."""
        return decided.taught(self.store) if self.exists else ""

    def lessons(self, rounds: Sequence[str], examples: Sequence[dict[str, Any]] = ()) -> Lessons | None:
        """What the coder may learn from when it codes these rounds, with new ``examples`` from another audit."""
        if self.exists:
            return decided.lessons(self.store, self.codebook, rounds, examples)
        if not examples:
            return None
        from auditkit.corpus import Lessons

        return experience.added_to(Lessons.none(), examples)

    def state(self, rounds: Sequence[str]) -> dict[str, str]:
        """What rounds were made from: round to the hash of its file and of the way it was read."""
        return {name: "{file_hash} {read_as}".format(**self.round_of(name)) for name in rounds}

    def outdated(self, rounds: Sequence[str]) -> list[str]:
        """Rounds that audit.toml, as it is now, would have read otherwise than they were."""
        reading, columns = _reading(self.config), self.config.columns
        found = []
        for name in rounds:
            about = self.round_of(name)
            taken = json.loads(about["columns"])
            if about["settings"] != reading or any(columns.get(header, role) != role for header, role in taken.items()):
                found.append(name)
        return found

    def save_rounds(
        self,
        coded: Iterable[CodedRound],
        run: Run,
        summary: dict[str, Any],
        key: Path | None = None,
        roster: Path | None = None,
        examples: Sequence[dict[str, Any]] = (),
        learned_from: str = "",
    ) -> None:
        """Put rounds, freshly read, in place of what the audit held of them; keeps every decision.

        ``key`` and ``roster``: where the names of the respondents lie, if there are names. ``examples``: what was
        ``learned_from`` another audit (its id), in place of what was learned from it before.
        """
        with self.store.step():
            self.refuse_changed_codebook()
            self._open_audit({"key": key, "roster": roster})
            experience.keep(self.store, examples, learned_from)
            for one in coded:
                responses = one.responses
                files = sorted({*responses.answers["file"], *responses.ratings["file"], *responses.people["file"]})
                columns = {column.header: column.role for column in responses.columns if column.reason not in PASSING}
                about = {
                    "file": ", ".join(files),
                    "file_hash": ", ".join(run.files.get(file, "") for file in files),
                    "read_as": short_hash([run.options, sorted(columns.items())]),
                    "columns": json.dumps(columns),
                    "settings": _reading(self.config),
                }
                self._save_round(one, run, about)
            stored_runs.save(self.store, run, summary)

    def save_recoded(self, coded: Iterable[CodedRound], run: Run, summary: dict[str, Any]) -> None:
        """Put rounds, coded again from what the audit holds, in place of what it held; keeps every decision."""
        with self.store.step():
            self.refuse_changed_codebook()
            for one in coded:
                self._save_round(one, run, self.round_of(one.round))
            stored_runs.save(self.store, run, summary)

    def save_run(self, run: Run, summary: dict[str, Any]) -> None:
        """Record a step that stores nothing but itself."""
        with self.store.step():
            stored_runs.save(self.store, run, summary)

    def mark_written(self, run: Run) -> None:
        """Say that every output of a run lies complete on the disk."""
        with self.store.step():
            stored_runs.mark_written(self.store, run)

    def earlier(self, run: Run) -> dict[str, Any] | None:
        """The summary of an identical run whose outputs are complete and still stand; None where there is none."""
        return stored_runs.earlier(self.store, run) if self.exists else None

    def took_over(self, sheet: str, command: str = "review", coder: str = "") -> bool:
        """Whether a sheet of these bytes (their hash) has been applied by this command, ``coder`` alone or anybody."""
        return stored_runs.took_over(self.store, sheet, command, coder)

    def latest(self, command: str) -> dict[str, Any] | None:
        """The latest run of a command."""
        return stored_runs.latest(self.store, command)

    def people(self, name: str) -> pd.DataFrame:
        """Who answered in a round, as in responses.PEOPLE."""
        return stored_rounds.people(self.store, name)

    def people_of(self, names: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
        """Name and people of rounds, as linking takes them."""
        return [(name, self.people(name)) for name in names]

    def load_round(self, name: str, *, read: bool = True) -> CodedRound:
        """A stored round, with what people decided so far; not ``read``: as the machine left it."""
        from auditkit.analysis import with_decisions

        coded = stored_rounds.load(self.store, self.round_of(name), self.codebook)
        if not read:
            return coded
        again = second_looks.load(self.store, self.codebook)
        return with_decisions(coded, self.decisions(), decided.spans(self.store), again)

    def decide(
        self, verdict: Verdict, coder: str, run: Run | None = None, also: Callable[[], None] = lambda: None
    ) -> int:
        """Store what a person decided, in one transaction, with the step it was part of, if it was one; returns how
        many answers are decided otherwise now. ``also`` is done last: where it fails, nothing is decided."""
        with self.store.step():
            changed = self.put_decided(verdict, coder, run)
            also()
        return changed

    def put_decided(self, verdict: Verdict, coder: str, run: Run | None = None) -> int:
        """As ``decide``, for one who must look at what is decided in the same transaction. Inside ``store.step``."""
        changed = decided.put(self.store, verdict, coder, self.codebook.fingerprint())
        if run is not None:
            stored_runs.save(self.store, run, {"written": [], "coder": coder})
        return changed

    def save_second_codings(self, codings: Sequence[SecondCoding], coder: str, run: Run) -> None:
        """Store what a second coder set, in place of what they had set on the same answers of the same draw."""
        with self.store.step():
            second_codings.put(self.store, codings, coder)
            stored_runs.save(self.store, run, {"written": []})

    def undecide(self, answer: str, coder: str, earlier: Mapping[str, decided.Rows]) -> None:
        """Take back the decision on an answer, which is kept in the history; ``earlier`` counts again. Inside
        ``store.step``."""
        decided.put_back(self.store, answer, earlier)
        name = self.store.blind_id(answer)
        audit_log.append(self.store, coder, "undo", name, codebook=self.codebook.fingerprint())

    def check_thresholds(self) -> None:
        """Raise Refused where a threshold lies below the one in force since the first import (decisions.md)."""
        asked = self.config.thresholds.model_dump()
        for row in self.store.rows("SELECT name, value FROM floors"):
            if asked[row["name"]] < row["value"]:
                raise Refused(
                    f"{row['name']} = {asked[row['name']]} is below {row['value']}, in force since the first import.",
                    f"Set it to {row['value']} or more in audit.toml: after the first import it can only go up.",
                )

    def _open_audit(self, places: dict[str, Path | None]) -> None:
        connection = self.store.connection
        connection.execute("INSERT OR IGNORE INTO audit VALUES ('id', ?)", (self.id,))
        for name, path in places.items():
            if path is not None:
                connection.execute("INSERT OR REPLACE INTO audit VALUES (?, ?)", (name, str(path.resolve())))
        for name, value in self.config.thresholds.model_dump().items():
            connection.execute(
                "INSERT INTO floors VALUES (?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
                (name, value, audit_log.now()),
            )

    def _save_round(self, coded: CodedRound, run: Run, about: dict[str, Any]) -> None:
        removal.take_leave(self.store, coded.responses, self.folder)
        row = {
            "round": coded.round,
            "position": coded.responses.order,
            **{name: about[name] for name in ("file", "file_hash", "read_as", "columns", "settings")},
            "run": about.get("run", run.key),
            "coded_by": run.key,
            "linked": int(coded.responses.linked),
            "topics_note": coded.topics_note,
            "engine": coded.engine,
            "codebook": coded.codebook.fingerprint(),
            "learned": self.taught(),
        }
        stored_rounds.save(self.store, coded, row)
        audit_log.append(self.store, "auditkit", run.command, coded.round, codebook=row["codebook"])


def _reading(config: Config) -> str:
    """Over the settings on which it depends how a file is read."""
    parts = (config.roles, config.pairs, config.services, config.questions, config.scales)
    return short_hash([*parts, config.ratings.model_dump(mode="json"), config.reading.model_dump()])
