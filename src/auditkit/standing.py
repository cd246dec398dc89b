"""The texts that stand in every pack of a kind, whatever the figures."""

from __future__ import annotations

from auditkit.pack_fields import Fact, Question

DRAFT = "DRAFT: suggested by software, not yet reviewed"

LIMITS = (
    Fact(
        "Two moments",
        "The audit shows what changed between the rounds, not why: there was no group to compare with.",
    ),
    Fact(
        "Low first ratings",
        "Very low or very high ratings tend to move towards the middle when asked again, whatever was done.",
    ),
    Fact(
        "The same people",
        "By the second round everybody knew the aims. That can colour ratings as well as words.",
    ),
    Fact("What nobody wrote", "An issue that people did not write about may still be there."),
)
LIMITS_ONE_ROUND = (
    Fact("One moment", "This is how things looked when you answered. It is a place to start from, not a mark."),
    LIMITS[3],
)
RULES = (
    Fact("Numbers", "A number is shown only where enough people, from enough pairs, stand behind it."),
    Fact(
        "Few and nearly all",
        "What only a few people named is not counted out; nor is it said who the last ones were.",
    ),
    Fact("Pairs", "No figure about a single pair is shown to anybody outside it."),
    Fact("Sponsors", "The sponsors' own answers are in no figure."),
)
METHOD_RATINGS = Fact(
    "Ratings",
    "A scale is the mean of its statements, negative ones turned round. A pair is the mean of its partners. The "
    "interval is a 95% t interval over pairs. Main questions are tested with an exact signed-rank test.",
)
METHOD_THEMES = Fact(
    "Written answers",
    "Codebook thematic analysis: software suggested themes from an agreed codebook, and a person decides. "
    "People are counted, not mentions.",
)

LEVEL_0_QUESTIONS = (
    Question(
        "Which of the programme's results sounds most like us, and which least?",
        "Look at the figures below. Name one example from the last four weeks.",
    ),
    Question(
        "What do I wish you knew about what drives me, and what I am held to account for?",
        "One thing about the work, one about how you like to work.",
    ),
    Question(
        "What do we put off talking about, and what would make it easier to begin?",
        "No need to settle it today. Agree when and where you will talk about it.",
    ),
)
LEVEL_1_QUESTIONS = (
    Question(
        "Where do our ratings stand furthest apart, and what was each of us thinking of?",
        "Describe a situation before you explain it.",
    ),
    Question(
        "Where did one of us move while the other stayed?",
        "What did one of us see that the other had no chance to see?",
    ),
    Question(
        "What would we like these pictures to look like in a year, and what will each of us do about it?",
        "One thing each. Write it down, with a date.",
    ),
)
INDIVIDUAL_QUESTIONS = (
    Question("What in my own answers would I write differently today?", "Small differences count."),
    Question("Which of the programme's results do I recognise, and which surprise me?"),
    Question(
        "What is one thing I want to say to my partner myself?",
        "This page is yours alone. Whether you share it is your choice.",
    ),
)
COACH_QUESTIONS = (
    Question("What does the coachee want to bring from their own pack?", "Theirs to hand over, or to keep."),
    Question("Which of the programme's results matter for their goals?"),
)
STATEMENTS = (
    "We tell each other early about things that affect the other",
    "I can rely on you to do what we agreed",
    "I know what matters most to you in this work",
    "We want the same things for this service",
    "I know which decisions are mine, yours and ours",
    "We make the important decisions together",
    "I can challenge your view without harm to how we work",
    "Senior leaders back what we decide together",
)
DECISIONS = (
    "A change to the budget",
    "Job plans of the doctors",
    "Closing beds, or opening them",
    "Answering a complaint",
    "First response to a serious incident",
    "Appointing a team leader",
    "The on-call rota",
    "Starting a new pathway",
    "Your own:",
)
WITHHELD_LEVEL_0 = (
    Fact(
        "Your own ratings and words",
        "Any figure about one pair tells each partner what the other answered, because each knows their own. No "
        "rounding repairs that; only agreement does. So this pack has none.",
    ),
)
WITHHELD_LEVEL_1 = (
    Fact("An average of the two of you", "With two people it adds nothing."),
    Fact("A judgement of the change", "That belongs to you."),
    Fact("Other pairs", "Two people's ratings are no league position."),
    Fact("Written answers", "Each sentence would need its writer's own agreement."),
)
WITHHELD_INDIVIDUAL = (Fact("Anything from your partner", "Their answers are theirs, as yours are yours."),)
