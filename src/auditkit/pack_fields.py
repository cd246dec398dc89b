"""What the templates of packs may print: plain strings, numbers and tuples, already safe to show.

Whoever fills these has applied every rule of disclosure; a template prints them and decides nothing. A number
that may not be shown is ``None``, with words in its place. Everything ``per round`` is a tuple with one entry
a round of ``Pack.rounds`` (one or two), the earlier first. Fields that do not apply keep their empty default,
and the template leaves that part out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """The short answer on the first page: whole sentences, ready to print."""

    headline: str
    said: tuple[str, ...]
    changed: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class FlowRow:
    """How many people took part at one step: ``people`` of ``of`` (both counts); ``by_role`` as words."""

    label: str
    people: int
    of: int
    words: str
    by_role: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flow:
    """Who answered. ``roles`` heads the columns of ``FlowRow.by_role``; ``notes`` are paragraphs below."""

    title: str
    subtitle: str
    rows: tuple[FlowRow, ...]
    roles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """Levels per round and the change between them, in scale points.

    ``levels`` holds None where a level may not be shown; ``change``, ``low`` and ``high`` (95% interval) are
    None with one round, or where they may not be shown: then ``withheld`` says so ("fewer than 10 people").
    ``digits`` is 1, or 2 where the change lies within 0.05 of the smallest change that matters.
    """

    levels: tuple[float | None, ...]
    n_pairs: int
    change: float | None = None
    low: float | None = None
    high: float | None = None
    digits: int = 1
    withheld: str = ""


@dataclass(frozen=True)
class Verdict:
    """One question and its verdict. ``main`` ones were tested; ``detail`` names the scales joined in it."""

    label: str
    verdict: str
    change: Change
    main: bool = True
    detail: str = ""


@dataclass(frozen=True)
class PairMark:
    """Pairs that went up, stayed or went down on one question.

    ``marks`` has one entry a pair, each "up", "same", "down" or "hidden" (1 or 2 pairs, not told apart),
    sorted in that order, so that its order says nothing; ``words`` is the public wording ("most up").
    """

    label: str
    marks: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Strip:
    """The boxes of PairMark under one title. Named ``Strip`` for the row of boxes that it draws."""

    title: str
    subtitle: str
    rows: tuple[PairMark, ...]


@dataclass(frozen=True)
class ScaleChange:
    """One scale in the chart of levels and changes; ``group`` is the main question it belongs to."""

    label: str
    change: Change
    group: str = ""


@dataclass(frozen=True)
class Scales:
    """All scales. ``low``/``high`` are the ends of the answer scale, ``sesoi`` the change that matters."""

    title: str
    subtitle: str
    rows: tuple[ScaleChange, ...]
    low: int = 1
    high: int = 5
    low_words: str = "strongly disagree"
    high_words: str = "strongly agree"
    sesoi: float = 0.5


@dataclass(frozen=True)
class ViewRow:
    """Mean rating of the doctors and of the managers, per round; None where it may not be shown."""

    label: str
    doctors: tuple[float | None, ...]
    managers: tuple[float | None, ...]


@dataclass(frozen=True)
class Views:
    """Doctors' and managers' views; only made when both roles reach the threshold."""

    subtitle: str
    rows: tuple[ViewRow, ...]
    note: str = ""


@dataclass(frozen=True)
class Share:
    """Whole per cent of the answers from option ``first`` to option ``last`` (the same unless joined)."""

    first: int
    last: int
    percent: int


@dataclass(frozen=True)
class SpreadRow:
    """How the answers to one scale were spread in one round; ``shares`` in order, or ``withheld`` words."""

    label: str
    round: str
    shares: tuple[Share, ...]
    n: int
    withheld: str = ""


@dataclass(frozen=True)
class Spread:
    """All spreads; rows of one scale stand together. ``options`` names the answers, lowest first."""

    title: str
    subtitle: str
    rows: tuple[SpreadRow, ...]
    options: tuple[str, ...] = ("strongly disagree", "disagree", "neither", "agree", "strongly agree")


@dataclass(frozen=True)
class Count:
    """A number of people, or the zone it lies in.

    ``value`` None: not shown; ``low`` and ``high`` then say where the zone is drawn (0 to 2, or 18 to 20),
    None where nothing is drawn. ``words`` for the table ("nearly all"), ``short`` for the chart ("18+").
    """

    value: int | None
    words: str
    short: str = ""
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class ThemeRow:
    """People naming a theme, per round, as something in the way and as something that works well."""

    label: str
    problem: tuple[Count, ...]
    well: tuple[Count, ...]


@dataclass(frozen=True)
class Themes:
    """All themes released, in the codebook's order; ``people`` = how many were counted.

    ``problem`` and ``well`` are the rows of the two charts, most named first. They leave out a theme that
    may not be counted in any round; ``notes`` say in words what is left out of them.
    """

    title: str
    subtitle: str
    rows: tuple[ThemeRow, ...]
    people: int
    problem: tuple[ThemeRow, ...] = ()
    well: tuple[ThemeRow, ...] = ()
    caption: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quote:
    """One approved quote: no role, no pair, no id. ``round`` is a name from ``Pack.rounds``."""

    round: str
    text: str


@dataclass(frozen=True)
class Fact:
    """A term and what is to be said about it; a row of the method, the limits or what is withheld."""

    term: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question for a conversation, with a smaller hint below it."""

    text: str
    hint: str = ""


@dataclass(frozen=True)
class Partner:
    """One of the two: the letter drawn in the chart ("D") and the role in words ("lead doctor")."""

    letter: str
    role: str


@dataclass(frozen=True)
class PairRating:
    """Both partners' ratings of one scale: ``ratings[round][partner]``, in the order of ``Pair.partners``.

    ``apart`` per round: distance whoever is higher; ``moves`` per partner and ``apart_change``: later minus
    earlier, None with one round. All worked out before rounding.
    """

    label: str
    ratings: tuple[tuple[float | None, ...], ...]
    apart: tuple[float | None, ...]
    moves: tuple[float | None, ...] = ()
    apart_change: float | None = None


@dataclass(frozen=True)
class Pair:
    """The part of a pack that is for one pair. Level 0 knows the code alone: ``ratings`` stay empty.

    ``statements`` and ``decisions`` are the rows of the blank grids; ``words`` (level 2) are sentences that
    their authors approved one by one, each as Fact(role in words, sentence).
    """

    code: str
    partners: tuple[Partner, ...] = (Partner("D", "lead doctor"), Partner("M", "senior manager"))
    ratings: tuple[PairRating, ...] = ()
    subtitle: str = ""
    statements: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    words: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class OwnRating:
    """The reader's own mean rating of a scale, per round, beside the programme's spread of that round.

    ``programme`` holds None where that spread may not be shown (also after taking the reader out).
    """

    label: str
    own: tuple[float | None, ...]
    programme: tuple[SpreadRow | None, ...]


@dataclass(frozen=True)
class OwnAnswer:
    """The reader's own words to one question, per round ("" = not answered)."""

    question: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Own:
    """What one respondent gets back: nothing in it comes from, or says anything about, the partner."""

    code: str
    ratings: tuple[OwnRating, ...] = ()
    answers: tuple[OwnAnswer, ...] = ()
    pair: str = ""


@dataclass(frozen=True)
class Pack:
    """Everything that one document prints.

    ``audience``: all_participants, sponsor, pair, individual or coach; ``level`` 0 to 2 for a pair.
    ``rounds``: names in words ("January 2025"), ``short``: the same for columns ("Jan 2025").
    ``title``, ``lede`` and ``running`` (top of every printed page) are strings ready to print.
    A draft shows ``draft_words`` on every page, ``draft_note`` in its banner, and never prints ``quotes``, whatever
    they hold. ``unit``: what the programme consists of, "pair" or "group".
    ``agreement``: expected agreement of the codings, in words; empty once a person has reviewed all.
    ``exceptions``: the paragraph for participants; ``exception_counts``: counts in words for sponsors.
    ``rules``: what may be shown and what not; ``limits``: terms without a full stop. ``smallest_group``: the
    sentence that closes the list of what is withheld. ``made_with``: versions, without "Made with" and full
    stop; ``made_on``: ISO date or "". A level 1 pack needs ``scales`` for the ends of the answer scale alone.
    """

    audience: str
    programme: str
    rounds: tuple[str, ...]
    short: tuple[str, ...]
    title: str
    lede: str
    running: str
    is_draft: bool
    draft_words: str = "DRAFT: suggested by software, not yet reviewed"
    draft_note: str = ""
    agreement: str = ""
    level: int | None = None
    people: int = 0
    pairs: int = 0
    unit: str = "pair"
    answer: Answer | None = None
    flow: Flow | None = None
    verdicts: tuple[Verdict, ...] = ()
    verdicts_note: str = ""
    strip: Strip | None = None
    exceptions: str = ""
    exception_counts: tuple[Fact, ...] = ()
    scales: Scales | None = None
    views: Views | None = None
    spread: Spread | None = None
    themes: Themes | None = None
    quotes: tuple[Quote, ...] = ()
    limits: tuple[Fact, ...] = ()
    method: tuple[Fact, ...] = ()
    rules: tuple[Fact, ...] = ()
    withheld: tuple[Fact, ...] = ()
    smallest_group: str = ""
    questions: tuple[Question, ...] = ()
    pair: Pair | None = None
    own: Own | None = None
    contact: str = ""
    made_with: str = ""
    made_on: str = ""
