"""Reading in the terminal: one answer a screen, one key a step, each decision kept at once and learned from."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditkit import corpus, decided, holdings, second_looks
from auditkit.analysis import ENOUGH_READ
from auditkit.decided import Verdict
from auditkit.errors import AuditkitError
from auditkit.review import decision_rows, first_shown
from auditkit.reviewing import Card

if TYPE_CHECKING:
    from auditkit.audit import Audit
    from auditkit.corpus import Corpus
    from auditkit.holdings import Progress
    from auditkit.learning import Learned

LETTERS = string.ascii_lowercase + string.ascii_uppercase
POLES = ("good", "poor", "mixed", "")
AFRESH = 10  # decisions after which it is weighed again what to read next
DECIDE, NOTHING, POLE, UNDO, LATER, MORE, STOP = "\r", "0", "+", "\x7f", " ", "?", "\x1b"
ALIKE = {"\n": DECIDE, "\x08": UNDO, "-": UNDO, "\t": POLE, "\x03": STOP, "\x04": STOP}
"""Keys that mean the same on another keyboard."""


@dataclass
class _Marks:
    """Themes that are marked for the answer on the screen, with their poles; the one touched last."""

    poles: dict[str, str]
    last: str = ""


@dataclass
class Session:
    """A sitting of one person with the answers of an audit that nobody has read."""

    audit: Audit
    coder: str
    progress: Progress
    done: list[tuple[str, Mapping[str, decided.Rows]]] = field(default_factory=list)
    """Answers that were decided, with what was decided on them before."""

    def __post_init__(self) -> None:
        import pandas as pd

        self.audit.require()
        self.coder = decided.person(self.coder)
        self.themes = list(self.audit.codebook.accepted)
        if len(self.themes) > len(LETTERS):
            raise AuditkitError(
                f"{len(self.themes)} themes are more than there are keys.", "Use the sheet: auditkit review export."
            )
        self.answers = pd.concat([self.audit.load_round(name).responses.answers for name in self.audit.rounds()])
        self.answers = self.answers.reset_index(drop=True)
        lessons = decided.lessons(self.audit.store, self.audit.codebook, self.audit.rounds())
        self.elsewhere = lessons.decisions[lessons.decisions["answer"].isin(lessons.elsewhere["answer"])]
        encode = corpus.remembering(holdings.encoder(self.audit, self.progress), lessons.vectors)
        everything = pd.concat([self.answers, lessons.elsewhere], ignore_index=True)
        self.ready: Corpus = corpus.prepare(
            everything, self.audit.codebook, encode, lambda step: self.progress(step, 0, 1)
        )
        if self.ready.learner is None:
            raise AuditkitError("The codebook has no theme to decide on.", "Accept one in codebook.xlsx.")
        self.later: list[int] = []
        self.queue: list[int] = []
        self._learn()

    def _learn(self) -> None:
        assert self.ready.learner is not None
        assert self.ready.scores is not None
        import pandas as pd

        held = self.audit.decisions()
        self.again = second_looks.load(self.audit.store, self.audit.codebook)
        self.before = held[held["answer"].isin(self.again) & (held["decision"] != "rejected")]
        decisions = held[~held["answer"].isin(self.again)]
        read, truth = self.ready.read(pd.concat([decisions[decisions["unread"] == 0], self.elsewhere]))
        learned = self.ready.learner.learn(read, truth)
        unheard = second_looks.unheard(self.audit.store)
        self.learned: Learned = corpus.with_unheard(learned, self.ready.learner.cold, self.audit.codebook, unheard)
        scores = corpus.taught(self.ready.scores, self.learned)
        self.poles = self.ready.poles(scores)
        place = {key: number for number, key in enumerate(self.answers["answer"])}
        self.decided = {place[key] for key in decisions["answer"] if key in place}
        if not self.queue or len(self.done) % AFRESH == 0:
            order = self.ready.learner.reading_order(self.learned, sorted({*self.decided, *read}))
            self.queue = [one for one in order if one < len(self.answers)]
        again = {place[key] for key in self.again if key in place}
        waiting = sorted((one for one in self.queue if one not in self.decided), key=lambda one: one not in again)
        self.queue = [one for one in waiting if one not in self.later] + [one for one in self.later if one in waiting]
        self._show()

    def _show(self) -> None:
        self.current = self.queue[0] if self.queue else None
        self.marks = _Marks(self._proposed())
        self.marks.last = next(iter(self.marks.poles), "")
        self.page = 0

    def _suggested(self) -> dict[str, str]:
        if self.current is None:
            return {}
        row = self.learned.probability[self.current]
        coded = [at for at in range(len(self.themes)) if self.learned.coded[self.current, at]]
        return {self.themes[at].id: self.poles[self.current][at] for at in sorted(coded, key=lambda at: -row[at])}

    def _proposed(self) -> dict[str, str]:
        """What is marked at first: what is suggested; of an answer to be looked at again what a person gave it, and
        the themes that are new since."""
        suggested = self._suggested()
        answer = "" if self.current is None else self.answers["answer"].iat[self.current]
        if answer not in self.again:
            return suggested
        accepted = {theme.id for theme in self.themes}
        mine = self.before[(self.before["answer"] == answer) & self.before["theme"].isin(accepted)]
        kept = dict(zip(mine["theme"], mine["pole"], strict=True))
        return kept | {theme: pole for theme, pole in suggested.items() if theme in self.again[answer].new}

    def card(self, said: str = "") -> Card | None:
        """The answer to be decided now; None where all are."""
        if self.current is None:
            return None
        row = self.learned.probability[self.current]
        machine = [at for at in range(len(self.answers)) if at not in self.decided]
        likely = self.learned.probability[machine][self.learned.coded[machine]]
        enough = len(self.decided) >= ENOUGH_READ and len(likely)
        labels = {theme.id: theme.label for theme in self.themes}
        return Card(
            question=self.answers["question"].iat[self.current],
            text=self.answers["text"].iat[self.current],
            themes=tuple(
                (key, theme.label, self.marks.poles.get(theme.id), float(row[at]))
                for at, (key, theme) in enumerate(zip(LETTERS, self.themes, strict=False))
            ),
            current=labels.get(self.marks.last, ""),
            read=len(self.decided),
            total=len(self.answers),
            agreement=float(likely.mean()) if enough else None,
            said=said or self._why(),
        )

    def _why(self) -> str:
        answer = "" if self.current is None else self.answers["answer"].iat[self.current]
        return self.again[answer].note if answer in self.again else ""

    def press(self, key: str) -> str:
        """Take a key; what is to be told about it."""
        key = ALIKE.get(key, key)
        if key == DECIDE:
            return self._decide(dict(self.marks.poles))
        if key == NOTHING:
            return self._decide({})
        if key == UNDO:
            return self._undo()
        if key == LATER:
            return self._postpone()
        if key == POLE:
            return self._turn()
        if key == MORE:
            self.page += 1
            return ""
        if key in LETTERS[: len(self.themes)]:
            theme = self.themes[LETTERS.index(key)].id
            if theme in self.marks.poles:
                del self.marks.poles[theme]
                self.marks.last = next(reversed(self.marks.poles), "")
            else:
                usual = next(iter(self._suggested().values()), "")
                self.marks.poles[theme] = self._suggested().get(theme, usual)
                self.marks.last = theme
            return ""
        return "That key has no meaning here."

    def _decide(self, wanted: dict[str, str]) -> str:
        assert self.current is not None
        answer = self.answers["answer"].iat[self.current]
        earlier = decided.standing(self.audit.store, answer)
        shown = first_shown(earlier["decisions"], self._suggested())
        rows = decision_rows(answer, self.answers["text"].iat[self.current], wanted, shown)
        self.audit.decide(Verdict(rows, blind=True), self.coder)
        self.done.append((answer, earlier))
        self._learn()
        return ""

    def _undo(self) -> str:
        if not self.done:
            return "Nothing was decided in this sitting."
        answer, earlier = self.done.pop()
        held = self.audit.decisions()
        mine = held[(held["answer"] == answer) & (held["decision"] != "rejected") & (held["theme"] != corpus.NONE)]
        with self.audit.store.step():
            self.audit.undecide(answer, self.coder, earlier)
        place = int(self.answers.index[self.answers["answer"] == answer][0])
        self.later = [one for one in self.later if one != place]
        self.queue.insert(0, place)
        self._learn()
        self.marks = _Marks(dict(zip(mine["theme"], mine["pole"], strict=True)))
        self.marks.last = next(iter(self.marks.poles), "")
        return "Taken back."

    def _postpone(self) -> str:
        assert self.current is not None
        self.later = [one for one in self.later if one != self.current] + [self.current]
        self.queue = [*self.queue[1:], self.current]
        self._show()
        return ""

    def _turn(self) -> str:
        last = self.marks.last
        if not last:
            return "Mark a theme first."
        self.marks.poles[last] = POLES[(POLES.index(self.marks.poles[last]) + 1) % len(POLES)]
        return ""


def run(session: Session, key: Callable[[], str], show: Callable[[Card], None]) -> tuple[int, int]:
    """Let a person decide until they stop or all is read; how many were decided, and how many are left.

    Whatever was decided is kept from key to key.
    """
    said = ""
    while (card := session.card(said)) is not None:
        show(card)
        pressed = key()
        if ALIKE.get(pressed, pressed) == STOP:
            break
        said = session.press(pressed)
    return len(session.done), len(session.queue)


def close(session: Session, progress: Progress) -> None:
    """Code what nobody read anew, and bring the reports up to date, if anything was decided."""
    if session.done:
        holdings.recode_stale(session.audit, session.audit.rounds(), progress, together=True)
