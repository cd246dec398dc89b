"""The forms that people answer: what each says, asks and offers, whatever the file it is printed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from auditkit import questionnaire
from auditkit.questionnaire import ABOUT

KINDS = ("rating", "fact", "open")
ASKED = ("both", "repeat", "staff")
CANNOT_SAY = "Cannot say"
AGREEMENT = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
POINTS = ("1", "2", "3", "4", "5")
WORDINGS = {
    "how well": ("Very poorly", "Poorly", "Neither well nor poorly", "Well", "Very well"),
    "how satisfied": (
        "Very dissatisfied",
        "Dissatisfied",
        "Neither satisfied nor dissatisfied",
        "Satisfied",
        "Very satisfied",
    ),
    "how often": ("Never", "Rarely", "Sometimes", "Often", "Always"),
    "how good": ("Very poor", "Poor", "Neither good nor poor", "Good", "Very good"),
}
"""Answers to a rated question by how it begins, lowest first; a statement is rated by agreement."""

LIMITS = {"MEET": 40, "MEETLEN": 600, "CANC": 40}
"""The largest number that a fact of the questionnaire can have."""

LONGEST_GRID = 10
GRIDS = (
    ("You and your partner", ("communication", "trust", "knowing")),
    ("Aims, roles and decisions", ("goals", "roles", "decisions")),
    ("Disagreement and support", ("disagreement", "support")),
    ("The lead doctor and the manager", ("staff communication", "staff trust", "staff goals")),
    ("Roles, decisions and support", ("staff roles", "staff decisions", "staff support")),
)
"""Grids of the shipped forms, and the scales that each holds."""


@dataclass(frozen=True)
class Question:
    """One question. ``code`` is its column in the answer sheet.

    ``kind``: rating, fact, open; "about" and "consent" for what the forms ask beside the items.
    ``options`` are printed, lowest first, ``cells`` are what the answer sheet offers for them; both are empty
    where people write. ``asked``: both (rounds), repeat or staff. ``limit``: of a fact, 0 for none.
    """

    code: str
    text: str
    kind: str
    scale: str = ""
    reversed: bool = False
    asked: str = "both"
    options: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    help: str = ""
    limit: int = 0
    required: bool = False


@dataclass(frozen=True)
class Section:
    """Questions under a heading; ``stem`` is the question that a grid shares, "" where there is no grid."""

    title: str
    intro: str
    questions: tuple[Question, ...]
    stem: str = ""


@dataclass(frozen=True)
class Form:
    """One form. ``name`` is baseline, repeat or staff; ``about`` are headings and paragraphs before the questions.

    Text in [square brackets] is for the organiser to fill in.
    """

    name: str
    title: str
    subtitle: str
    about: tuple[tuple[str, tuple[str, ...]], ...]
    sections: tuple[Section, ...]
    note: str


def shipped() -> tuple[Question, ...]:
    """The shipped questionnaire: partners' questions, then those of the staff."""
    partners = (_from(item, "repeat" if item.repeat_only else "both") for item in questionnaire.items())
    return (*partners, *(_from(item, "staff") for item in questionnaire.staff_items()))


def rated(question: Question) -> Question:
    """A rating with the words that its wording asks for."""
    text = question.text.casefold()
    words = next((words for start, words in WORDINGS.items() if text.startswith(start)), None)
    if words is None:
        words = ("1 (lowest)", "2", "3", "4", "5 (highest)") if text.endswith("?") else AGREEMENT
    return replace(question, options=(*words, CANNOT_SAY), cells=(*POINTS, CANNOT_SAY.casefold()))


def forms(questions: Sequence[Question], *, people: int, pairs: int, own: bool = False) -> tuple[Form, ...]:
    """The forms of the first round, of the repeat and, where there are questions for them, of the staff.

    ``people`` and ``pairs`` are the least behind any figure that is shown. ``own``: the user's questions, of
    which we cannot say whether they are validated or free.
    """
    note = "" if own else _NOTE
    made = [
        Form(
            "baseline",
            _TITLE,
            "Questionnaire for partners, first round",
            _about(_FIRST, people, pairs),
            _partner_sections(q for q in questions if q.asked == "both"),
            note,
        ),
        Form(
            "repeat",
            _TITLE,
            "Questionnaire for partners, repeat round",
            _about(_AGAIN, people, pairs),
            _partner_sections(q for q in questions if q.asked != "staff"),
            note,
        ),
    ]
    staff = [q for q in questions if q.asked == "staff"]
    if staff:
        sections = (_you((SERVICE,), people), _agreement(CONSENTS[:2], _STAFF_PROMISE), *_asked(staff))
        about = _staff_about(people)
        made.append(Form("staff", _TITLE, "Questionnaire for staff", about, sections, note))
    return tuple(made)


def columns(questions: Sequence[Question], *, staff: bool) -> tuple[Question, ...]:
    """Every column of an answer sheet, left to right: who and when, the consents, the questions."""
    asked = [q for q in questions if (q.asked == "staff") == staff]
    if staff:
        return (SERVICE, replace(ROLE, cells=("staff",)), ROUND, DATE, *CONSENTS[:2], *asked)
    return (RESPONDENT, PAIR, SERVICE, ROLE, ROUND, DATE, *CONSENTS, *asked)


_WORD_LEVELS = ("No", "In other words", "Word for word")
_LEVELS_TYPED = tuple(level.casefold() for level in _WORD_LEVELS)

RESPONDENT = Question(
    "respondent_id",
    ABOUT["respondent"],
    "about",
    help="It stands in the letter that came with this form, for example R-7KQ2M.",
    required=True,
)
PAIR = Question(
    "pair_id", ABOUT["pair"], "about", help="It stands in the same letter, for example P-03.", required=True
)
SERVICE = Question("service_id", ABOUT["service"], "about", help="For example S-03.")
ROLE = Question(
    "role",
    ABOUT["role"],
    "about",
    options=("Doctor", "Manager", "Sponsor (doctor)", "Sponsor (manager)"),
    cells=("doctor", "manager", "sponsor (doctor)", "sponsor (manager)", "staff"),
    help="Sponsors are the senior leaders who lead this programme.",
    required=True,
)
ROUND = Question("round", "Which round of the audit", "about", cells=("baseline", "repeat"))
DATE = Question("answered_on", ABOUT["date"], "about")
CONSENTS = (
    Question(
        "consent_analysis",
        ABOUT["consent_analysis"],
        "consent",
        options=("Yes", "No"),
        cells=("yes", "no"),
        help="If you say no, we use nothing of this form.",
        required=True,
    ),
    Question(
        "consent_quote",
        ABOUT["consent_quote"],
        "consent",
        options=_WORD_LEVELS,
        cells=_LEVELS_TYPED,
        help="“In other words” means that we say it in our own words. Your name is never given.",
    ),
    Question(
        "consent_pair_ratings", ABOUT["consent_pair_ratings"], "consent", options=("No", "Yes"), cells=("no", "yes")
    ),
    Question(
        "consent_pair_words",
        ABOUT["consent_pair_words"],
        "consent",
        options=_WORD_LEVELS,
        cells=_LEVELS_TYPED,
    ),
)

_TITLE = "How doctors and managers work together"
_NOTE = (
    "These questions were written for programmes such as this one and are free to use (CC0). "
    "They are not a validated scale."
)
_FIRST = (
    "You run a service together with a partner: a lead doctor and a manager. We would like to know from both of "
    "you how that goes, and we will ask again in about a year.",
    "The answers show what helps doctors and managers to work together, what gets in the way, and what senior "
    "leaders can do about it.",
)
_AGAIN = (
    "About a year ago we asked doctors and managers who run a service together how that goes. Now we ask again, "
    "to learn what has changed.",
    "Please answer for how things are today, even if you remember what you wrote last time. If you are new in your "
    "pair, answer for the time since you joined.",
)
_STAFF = (
    "A lead doctor and a manager run your service together. We would like to know from the people who work in it "
    "how that goes, as you see it.",
    "The answers show what helps doctors and managers to work together, and what gets in the way.",
)
_FREE = (
    "Taking part is up to you. You may leave out any question. If you cannot answer one, or it does not apply, "
    "choose “cannot say”."
)
_CONTACT = (
    "Please send the form back by [date]. If you have a question, ask [name and e-mail of the contact]. Our privacy "
    "notice says on what legal ground the answers are used, and how long they are kept: [link or place].",
)
_NO_NAMES = (
    "Someone who knows you may recognise you by what you write. Please write no names, and nothing that you would "
    "not want to be known by."
)
_PROMISE = (
    "We keep to what you choose here. No tick counts as no. You can change your mind later: tell us your code.",
    "Your partner sees nothing of yours unless you both say yes, each time that you are asked. Even then it is shown "
    "only to the two of you, in a meeting with a facilitator. Many pairs never have such a meeting. So if you are "
    "not shown your partner's answers, it does not mean that your partner said no.",
)
_STAFF_PROMISE = (
    "We keep to what you choose here. No tick counts as no. As we do not know which form is yours, we cannot take "
    "it out later.",
)


def _from(item: questionnaire.Item, asked: str) -> Question:
    question = Question(item.code, item.text, item.kind, item.scale, item.reversed, asked)
    if item.code == "OUTLOOK":
        options, cells = ("Get worse", "Stay the same", "Get better"), ("get worse", "stay the same", "get better")
        return replace(question, options=(*options, CANNOT_SAY), cells=(*cells, CANNOT_SAY.casefold()))
    if item.kind == "fact":
        return replace(question, limit=LIMITS[item.code], help="" if item.code == "MEETLEN" else "Write 0 for none.")
    return rated(question) if item.kind == "rating" else question


def _about(purpose: tuple[str, ...], people: int, pairs: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    seen = (
        "Only the audit team reads the forms. Your code links your answers from one round to the next. The list of "
        "names and codes is kept apart from the answers. So this is confidential, but not anonymous.",
        f"Reports give a figure only if at least {people} people and {pairs} pairs stand behind it. The one "
        "exception is what you and your partner may both agree to below.",
        _NO_NAMES,
        "If you change your mind about taking part, tell us your code. We then take your answers out of everything "
        "that has not been handed out yet.",
    )
    return (
        ("What this is for", purpose),
        ("Taking part", (f"It takes about 15 minutes. {_FREE}",)),
        ("Who sees your answers", seen),
        ("Sending it back", _CONTACT),
    )


def _staff_about(people: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    seen = (
        "The form asks for no name and no code. Only the audit team reads the forms. The lead doctor and the "
        "manager of your service never see them.",
        f"Reports give a figure only if at least {people} people stand behind it. {_NO_NAMES}",
    )
    return (
        ("What this is for", _STAFF),
        ("Taking part", (f"It takes about ten minutes. {_FREE}",)),
        ("Who sees your answers", seen),
        ("Sending it back", _CONTACT),
    )


def _partner_sections(asked: Iterable[Question]) -> tuple[Section, ...]:
    return (_you((RESPONDENT, PAIR, ROLE, DATE), 0), _agreement(CONSENTS, _PROMISE), *_asked(list(asked)))


def _you(questions: tuple[Question, ...], people: int) -> Section:
    intro = f"Leave this empty if fewer than {people} people work in your service." if people else ""
    return Section("About you", intro, questions)


def _agreement(consents: tuple[Question, ...], promise: tuple[str, ...]) -> Section:
    return Section("Your agreement", "\n".join(promise), consents)


def _asked(questions: Sequence[Question]) -> Iterable[Section]:
    """Statements in grids, then what is ticked or counted, then open questions."""
    statements = [q for q in questions if q.kind == "rating" and q.options[:-1] == AGREEMENT]
    for title, members in _grids(statements):
        stem = f"How much do you agree with each statement? ({title})"
        yield Section(title, "Think of how things are now. Tick one box in each row.", tuple(members), stem)
    open_ones = [q for q in questions if q.kind == "open"]
    others = [q for q in questions if q not in statements and q not in open_ones]
    if others:
        yield Section("A few more questions", "", tuple(others))
    if open_ones:
        yield Section("In your own words", "A few sentences are enough. Please write no names.", tuple(open_ones))


def _grids(statements: Sequence[Question]) -> Iterable[tuple[str, list[Question]]]:
    placed: set[str] = set()
    for title, scales in GRIDS:
        members = [q for q in statements if q.scale in scales and _is_ours(q)]
        if members:
            placed |= {q.code for q in members}
            yield title, members
    rest = [q for q in statements if q.code not in placed]
    parts = -(-len(rest) // LONGEST_GRID)
    for part in range(parts):
        title = f"Statements, part {part + 1} of {parts}" if parts > 1 else "Statements"
        yield title, rest[part * len(rest) // parts : (part + 1) * len(rest) // parts]


def _is_ours(question: Question) -> bool:
    item = questionnaire.item(question.code)
    return item is not None and item.text == question.text
