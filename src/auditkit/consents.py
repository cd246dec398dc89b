"""What a consent cell allows. Never read more generously than its words: in doubt "?"."""

from __future__ import annotations

import re
from functools import lru_cache

from auditkit.texts import fold, plain

CONSENTS = {
    "consent_quote": ("none", "paraphrase", "verbatim"),
    "consent_pair_ratings": ("no", "yes"),
    "consent_pair_words": ("no", "paraphrase", "verbatim"),
}
"""The values of each consent, the most protective first."""

_TICKS = frozenset("✓ ✔ ☑ ✅ 🗸 👍".split())
_CROSSES = frozenset("✗ ✘ ✖ ❌ 👎".split())
_UNTICKED = frozenset(("", "-", "☐", "□", "[ ]", "[]"))

_YES = frozenset("yes|y|true|1|ok|okay|agree|i agree|agreed|consent|i consent|given|ja|oui|si".split("|"))
_NO = frozenset("no|n|false|0|disagree|i disagree|decline|declined|refused|i decline|i refuse|nein|non".split("|"))

_AGREES = re.compile(
    r"(?:yes\b|(?:i |we )?(?:hereby |fully |freely )?"
    r"(?:agree|consent|accept|give (?:my |full )?(?:consent|permission))\b"
    r"|(?:i am |i m )?happy (?:to|for|with)\b|(?:i have )?read .*\band (?:i )?(?:agree|consent)\b"
    r"|i have read .*\b(?:agree|consent)\b|(?:i understand .*\band (?:i )?(?:agree|consent)\b))"
)
_REFUSES = re.compile(
    r"(?:no\b(?! (?:problem|objection|worries|issue|reservation|concern))|not? (?:thanks|thank you)"
    r"|(?:i |we )?(?:do not|don t|dont|cannot|can t|will not|won t|would not|wouldn t|would rather not|d rather not"
    r"|would prefer not|prefer not|am not happy|m not happy|decline|refuse|disagree|object|withdraw)\b(?! mind\b)"
    r"|rather not|prefer not|please don t|please do not|not (?:agreed|given|consented|at all)|never)"
)
_NEGATES = re.compile(
    r"\b(?:not?|never|t|dont|without|neither|nor|none|cannot|refuse|decline|object|withdraw|against|disagree)\b"
)
_LIMITS = re.compile(
    r"\b(?:but|only|if|unless|except|provided|as long as|subject|maybe|perhaps|possibly|depends|depending|ask|check"
    r"|first|some|part|partly|partially|think|guess|unsure|sure|however|though|although|condition|conditions"
    r"|until|before|now|prefer|rather|some of|apart)\b"
)
_NAMELESS = re.compile(r"\b(?:anonym\w+|(?:without|not) (?:using |with |by )?(?:my |our )?names?|no names?)\b")
_OTHER_WORDS = re.compile(
    r"\bparaphras\w*|\breword\w*|\bin (?:other|your|different) words\b|\bsummar\w+"
    r"|\b(?:change|alter|edit|different) (?:the |my )?(?:words|wording|phrasing)\b"
    r"|\b(?:words|wording) (?:are |is )?changed\b"
)
_NOT_EXACTLY = re.compile(
    r"\bnot (?:be )?(?:word for word|verbatim|literally|directly|in my own words|(?:use |in )?my (?:own |exact )?words"
    r"|the exact words|exactly|quote(?:d)? (?:directly|verbatim|word for word))"
)
_ALLOWS = re.compile(r"\b(?:yes|ok|okay|agree|consent|happy|fine|quote me|can quote)\b")
_OWN_WORDS = re.compile(
    r"\bword for word\b|\bverbatim\b|\b(?:own|exact|actual) words\b|\bas written\b|\bdirect quot\w+"
)
_NUMBERS = re.compile(r"\b(?:ratings?|scores?|numbers?|figures)\b")
_WORDS = re.compile(r"\b(?:comments?|words|texts?|written|sentences|quot\w+)\b")
_QUOTING = re.compile(r"\b(?:quot\w+|cite\w*|use my words|use of my words|share\w* my words)\b")

_EXACT = {
    **dict.fromkeys(("verbatim", "word for word", "quote", "own words"), "verbatim"),
    **dict.fromkeys(("paraphrase", "paraphrased", "in other words"), "paraphrase"),
}


@lru_cache(maxsize=4096)
def yes_no(text: str) -> str:
    """ "yes", "no", "" for blank or an empty box, or "?" for a cell that says neither, or says it with an if.

    A lone x is "?": it ticks a box on one form and crosses it out on the next.
    """
    sign = plain(text)
    if sign in _UNTICKED:
        return ""
    if sign in _TICKS or sign in _CROSSES:
        return "yes" if sign in _TICKS else "no"
    word = fold(text)
    if word in _YES or word in _NO:
        return "yes" if word in _YES else "no"
    if _REFUSES.match(word):
        return "?" if re.search(r"\b(?:but|yes|unless|except|only)\b", word) else "no"
    rest = re.sub(r"\b(?:take|taking) part\b", "", _NAMELESS.sub("", word))
    if _AGREES.match(word) and not _NEGATES.search(rest) and not _LIMITS.search(rest):
        return "yes"
    return "?"


def withdrawn(text: str) -> bool:
    """Whether a cell says in words that somebody withdrew: "Withdrawn", "opted out 3 May"."""
    return bool(re.search(r"\bwithdr[ae]w|\bopted out\b|\bopt out\b|\bleft the (?:study|audit)\b", fold(text)))


@lru_cache(maxsize=4096)
def consent(text: str, kind: str) -> str:
    """The consent in a cell, the most protective where it is blank; "?" where it cannot be understood.

    ``kind``: consent_analysis (yes, no, "" for blank), consent_pair_ratings (no, yes),
    consent_quote (none, paraphrase, verbatim), consent_pair_words (no, paraphrase, verbatim). Consent to be
    quoted that does not say "word for word" is consent to a paraphrase; a bare "yes" says neither.
    """
    word = fold(text)
    if kind in ("consent_analysis", "consent_pair_ratings"):
        found = "no" if withdrawn(text) else yes_no(text)
        numbers, words = bool(_NUMBERS.search(word)), bool(_WORDS.search(word))
        if kind == "consent_analysis":
            return "?" if found == "yes" and numbers != words else found
        return "?" if found == "yes" and (_NAMELESS.search(word) or words > numbers) else found or "no"
    least = CONSENTS[kind][0]
    if word in ("none", "not at all") or yes_no(text) in ("", "no"):
        return least
    if word in _EXACT:
        return _EXACT[word]
    return _words(word)


def _words(word: str) -> str:
    """ "paraphrase", "verbatim" or "?" of a sentence that does not plainly refuse."""
    reworded = bool(_OTHER_WORDS.search(word) or _NAMELESS.search(word))
    rest = _NOT_EXACTLY.sub("", _NAMELESS.sub("", _OTHER_WORDS.sub("", word)))
    if _NOT_EXACTLY.search(word):
        reworded = reworded or bool(_ALLOWS.search(rest))
    rest = re.sub(r"\b(?:but|only|please)\b", "", rest)
    if _NEGATES.search(rest) or _LIMITS.search(rest):
        return "?"
    if _OWN_WORDS.search(rest):
        return "?" if reworded or _LIMITS.search(word) else "verbatim"
    return "paraphrase" if reworded or _QUOTING.search(rest) else "?"
