"""The texts that stand in every pack of a kind, whatever the figures."""

from __future__ import annotations

from auditkit.pack_fields import Fact, Question

DRAFT = "DRAFT: suggested by software, not yet reviewed"
NOT_FINAL = "DRAFT: reviewed, not yet final"

LIMITS = (
    Fact("Why things changed", "There was no comparison group, and other work went on at the same time."),
    Fact(
        "How much is ordinary drift",
        "Low first ratings tend to rise a little on a second asking, and high ones to fall, whatever happens between.",
    ),
    Fact(
        "How you would have rated without knowing the aims",
        "The same people answered twice, and by the second time they knew what the programme hoped for.",
    ),
    Fact("What nobody wrote", "An issue that people did not write about may still be there."),
    Fact(
        "Anything finer than these numbers can carry",
        "With few pairs a change has to be large or very consistent to show. “Too few pairs to be sure” is not the "
        "same as “nothing happened”.",
    ),
)
LIMITS_ONE_ROUND = (
    Fact("How things became so", "This is how things looked when you answered: a place to start from, not a mark."),
    LIMITS[3],
)
RULES = (
    Fact(
        "Any single pair",
        "Each partner knows their own answer and could work out the other's. Only the two can agree to share.",
    ),
    Fact("Small groups", "A number is shown only where enough people, from enough pairs, stand behind it."),
    Fact(
        "A few, or nearly all",
        "A point made by one or two people can point to them, and what all said is known of each. Both are put in "
        "words. So are numbers of pairs: of two or fewer it is not told whether there are any.",
    ),
    Fact("Rare answers", "An answer that fewer than 3 people chose is joined with its neighbour."),
    Fact("Anybody's words", "No answer is quoted here."),
)
RULE_OF_TWO_ROUNDS = Fact(
    "People who answered in one round only", "Shown beside the others, their answers could be found by subtraction."
)
RULE_OF_SPONSORS = Fact("The sponsors", "Their own answers are in no figure.")
_PAIR_MEAN = "A scale is the mean of its statements, negative ones turned round. A pair is the mean of its partners."
METHOD_RATINGS = Fact(
    "Ratings",
    f"{_PAIR_MEAN} The interval is a 95% interval over the pairs. Only the main questions are tested, with an exact "
    "signed-rank test that allows for several being asked at once.",
)
METHOD_RATINGS_ONE_ROUND = Fact("Ratings", f"{_PAIR_MEAN} Pairs are counted where both partners answered.")
METHOD_THEMES = Fact(
    "Written answers",
    "Codebook thematic analysis: software suggests themes from an agreed codebook, and a person decides on each "
    "answer. People are counted, not mentions.",
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
WITHHELD_INDIVIDUAL = (
    Fact(
        "Anything from your partner",
        "In numbers or words, only the two of you together can agree to that. Their answers are theirs, as yours are "
        "yours.",
    ),
    Fact("A verdict on your own change", "One person's ratings are too few to carry one."),
)
