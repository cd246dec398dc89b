"""Write ``docs/audit-toml.md`` from the descriptions of the settings in ``config.Config``.

    python scripts/write_docs.py

Run after a change of a setting; ``tests/test_docs.py`` fails while the page is out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from auditkit.config import COLUMN_ROLES, Config

PAGE = Path(__file__).resolve().parents[1] / "docs" / "audit-toml.md"

START = """\
# audit.toml: every setting

<!-- Made by scripts/write_docs.py from the settings themselves. Do not edit by hand. -->

`audit.toml` lies in the audit folder. auditkit writes it at the first `analyse` and adds what it took each column
for. Everything else in it is yours: your lines and comments stay as they are. Edit it with any text editor, then run
the command again. What is not in the file has its default. A setting that does not exist is an error, with the
nearest name that does, so a typing mistake never passes silently.

Options on the command line win over this file, and this file wins over what auditkit would decide by itself.
"""

KINDS = {int: "whole number", float: "number", str: "text"}

MORE = {
    "columns": """\
The key is the header as it stands in the spreadsheet, the value one of these:

{column_roles}

A header with a dot, a blank or another sign goes between quotation marks. After a change, run `auditkit analyse`
again: `compare` and `feedback` ask for it.
""",
    "pairs": """\
auditkit writes codes of pairs in small letters with dashes and offers names that differ by a typing mistake, never
joining them by itself. A line here joins two; a name that stands for itself is not offered again. `[services]` works
in the same way.
""",
    "people": """\
The same as the sheet "To decide" of `people.xlsx`, which `compare` writes: decide in one or the other. Nobody is
linked by guess.
""",
    "questions": """\
`auditkit init --own FILE` fills it. A column whose header is the code or the wording is that question.
""",
    "reading": """\
Answers that were never handed in are left out and listed, because whoever did not press the last button has not
given them.
""",
    "roles": "The key is the role as it stands in the spreadsheet. Case and blanks do not count.\n",
    "scales": """\
The key is the name of the scale. A rating column that neither this section nor the shipped questionnaire knows
belongs to one scale called "all ratings".
""",
    "primaries": """\
The key is the name of a main question; its value lists the scales or items that it joins. Only main questions are
tested, and the more there are, the harder it gets to be sure of one: name three, not eight. With none named, the
three of the shipped questionnaire are used where its scales are in the file, else "all ratings".
""",
    "thresholds": """\
They can be lowered down to their floor until the first file is analysed. From then on they can only be raised; a lower
value is refused (exit code 3). docs/confidentiality.md gives the reasons.
""",
    "topics": """\
`engine` says what groups the answers; the names, the order and the refusals stay auditkit's. `"bertopic"` is BERTopic
with its own defaults and a fixed seed, for comparison; it needs the packages umap-learn and hdbscan. A function of
yours is written `"module:function"`, must be installed beside auditkit or lie on PYTHONPATH, is called with the list
of texts and their vectors (a NumPy array, one row a text), and returns the number of each text's group, -1 for none.
It is looked for before anything is read.
""",
    "compare": """\
The defaults are for a scale of 1 to 5. On another scale, points that you do not set (`sesoi`, `sd`, `low_mean`,
`gap_growth`) are stretched to it: half a point of 1 to 5 is 0.75 of 1 to 7.
""",
}

EXAMPLES = {
    "programme": """\
[programme]
name = "Doctors and managers in partnership"
contact = "Write to the audit team, extension 4410."
next_steps = ["Every pair meets its facilitator before the end of March."]
""",
    "columns": """\
[columns]
"Your code" = "respondent"
"Ward / team" = "pair"
"What gets in the way?" = "open"
"Staff number" = "ignore"
""",
    "pairs": """\
[pairs]
"wrad-3" = "ward-3"
""",
    "services": """\
[services]
"med" = "medicine"
""",
    "people": """\
[people]
"R-9XYZB" = "R-7KQ2A"
"R-4MNPQ" = "nobody"
""",
    "questions": """\
[questions]
OPEN1 = "What should we talk about more?"
""",
    "reading": """\
[reading]
unfinished = "read"
""",
    "roles": """\
[roles]
"Clinical lead" = "doctor"
"Associate service director" = "manager"
""",
    "ratings": """\
[ratings]
high = 7
reversed = ["We avoid difficult subjects"]
words = { "strongly agree" = 7, "neutral" = 4 }
""",
    "scales": """\
[scales]
openness = ["We say what we think", "Bad news travels fast here", "We avoid difficult subjects"]
""",
    "primaries": """\
[primaries]
relationship = ["trust", "knowing"]
openness = ["openness"]
""",
    "thresholds": """\
[thresholds]
k_numbers = 11  # as in the NHS Staff Survey
k_comments = 11
""",
    "compare": """\
[compare]
sesoi = 0.4
""",
    "topics": """\
[topics]
granularity = 2
""",
}


def page() -> str:
    """The whole page, ending in a newline."""
    parts = [START]
    for name, field in Config.model_fields.items():
        parts.append(f"## [{name}]\n\n{_sentence(field.description)}\n")
        if rows := list(_rows(field)):
            parts.append("| Setting | Value | Default | Meaning |\n|---|---|---|---|\n" + "\n".join(rows) + "\n")
        if name in MORE:
            parts.append(MORE[name].format(column_roles=_column_roles()))
        parts.append(f"```toml\n{EXAMPLES[name]}```\n")
    return "\n".join(parts)


def _rows(section: FieldInfo) -> Iterator[str]:
    if not (isinstance(section.annotation, type) and issubclass(section.annotation, BaseModel)):
        return
    for name, field in section.annotation.model_fields.items():
        yield f"| `{name}` | {_value(field)} | {_default(field)} | {_sentence(field.description)} |"


def _value(field: FieldInfo) -> str:
    text = KINDS.get(field.annotation)  # type: ignore[arg-type]
    if text is None:
        kind = str(field.annotation)
        text = "list of texts" if kind.startswith("list") else "table of numbers" if kind.startswith("dict") else "text"
    limits = [
        f"{words} {bound:g}"
        for rule in field.metadata
        for attribute, words in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
        if (bound := getattr(rule, attribute, None)) is not None
    ]
    return ", ".join([text, *limits])


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True)
    return f"`{value}`" if value not in ("", [], {}) else "nothing"


def _column_roles() -> str:
    rows = "\n".join(f"| `{role}` | {meaning} |" for role, meaning in COLUMN_ROLES.items())
    return f"| Role | The column holds |\n|---|---|\n{rows}"


def _sentence(text: str | None) -> str:
    assert text, "every setting describes itself"
    return f"{text[0].upper()}{text[1:]}."


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(PAGE.name)


if __name__ == "__main__":
    main()
