"""The first audit.toml: every section with what it is for, and the settings that a beginner may touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from auditkit import questionnaire
from auditkit.config import SECTIONS, Config
from auditkit.items import ALL_RATINGS
from auditkit.likeness import Proposal

if TYPE_CHECKING:
    from auditkit.forms import Question

MOST_PRIMARIES = 3
"""Of scales that the user names: each main question more makes each harder to show."""

_MORE = {
    "columns": ("auditkit adds what it took each column for. Correct it here, then run the command again.",),
    "roles": ('"Clinical lead" = "doctor"',),
    "pairs": ('"p-3" = "p-03"',),
    "people": ('"R-7KQ2M" = "R-M4XDP"',),
    "questions": ("The shipped questionnaire need not be listed: its codes and wordings are known.",),
    "scales": ("The scales of the shipped questionnaire are known.",),
    "ratings": ("What stands behind # is the default. Take the # away to change it.",),
    "primaries": (
        "Name them now. A main question chosen after the repeat was seen could follow the result, and its test",
        "would mean nothing. The others are still shown, as described only.",
    ),
    "thresholds": ("They can be lowered, down to the floor, before the first answers are read; later only raised.",),
}
_SHOWN = {"ratings": ("low", "high"), "compare": ("sesoi", "low_mean", "gap_growth")}
"""Settings of a section that a beginner may touch, where not all are."""


def text(own: Sequence[Question] = (), proposals: Sequence[Proposal] = ()) -> str:
    """audit.toml for the shipped questionnaire, or for ``own`` questions, with proposals as comments."""
    import tomlkit
    from tomlkit.items import Table

    document = tomlkit.document()
    document.add(tomlkit.comment("Settings of this audit. Edit them with any text editor, then run the command again."))
    document.add(tomlkit.comment("What is missing here has its default. A line that begins with # counts for nothing."))
    document.add(tomlkit.nl())
    values = _values(own)
    for name in SECTIONS:
        table: Table = tomlkit.table()
        about = str(Config.model_fields[name].description)
        table.add(tomlkit.comment(about[:1].upper() + about[1:] + "."))
        for line in _MORE.get(name, ()):
            table.add(tomlkit.comment(line))
        for key, value in values.get(name, {}).items():
            table.add(key, value)
        for line in _defaults(name, values.get(name, {})):
            table.add(tomlkit.comment(line))
        for line in _proposed(name, proposals):
            table.add(tomlkit.comment(line))
        table.add(tomlkit.nl())
        document.add(name, table)
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def primaries(own: Sequence[Question]) -> dict[str, list[str]]:
    """The main questions and the scales that each joins: the shipped ones, as far as their scales are asked."""
    asked = list(dict.fromkeys(q.scale for q in own if q.kind == "rating" and q.asked != "staff" and q.scale))
    if not own:
        asked = list(questionnaire.SCALES)
    shipped = {name: [scale for scale in parts if scale in asked] for name, parts in questionnaire.PRIMARIES.items()}
    if asked and set(asked) <= set(questionnaire.SCALES) and any(shipped.values()):
        return {name: parts for name, parts in shipped.items() if parts}
    if not asked and any(q.kind == "rating" and q.asked != "staff" for q in own):
        return {ALL_RATINGS: [ALL_RATINGS]}
    return {scale: [scale] for scale in asked[:MOST_PRIMARIES]}


def _values(own: Sequence[Question]) -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {
        "programme": {"name": "Cultural audit", "contact": "", "next_steps": []},
        "primaries": primaries(own),
    }
    ratings = [q for q in own if q.kind == "rating"]
    foreign = [q for q in own if questionnaire.item(q.code) is None]
    scales: dict[str, list[str]] = {}
    for question in ratings:
        if question.scale:
            scales.setdefault(question.scale, []).append(question.code)
    reversed_items = [q.code for q in ratings if q.reversed]
    values["questions"] = {q.code: q.text for q in foreign}
    values["columns"] = {header: q.kind for q in foreign for header in (q.code, q.text)}
    values["scales"] = scales
    values["ratings"] = {"reversed": reversed_items} if reversed_items else {}
    return values


def _defaults(section: str, values: dict[str, Any]) -> list[str]:
    """The settings of a section as comments: name, default, meaning."""
    model: Any = Config.model_fields[section].annotation
    if not hasattr(model, "model_fields"):
        return []
    lines = []
    for name, field in model.model_fields.items():
        if name in values or name not in _SHOWN.get(section, tuple(model.model_fields)):
            continue
        shown = f'"{field.default}"' if isinstance(field.default, str) else field.default
        lines.append(f"{name} = {shown}".ljust(26) + f"  # {field.description}")
    return lines


def _proposed(section: str, proposals: Sequence[Proposal]) -> list[str]:
    if section != "scales" or not proposals:
        return []
    lines = [
        "",
        "Questions without a scale, and the shipped scale whose item reads most alike. Nothing of this is used.",
    ]
    lines += ["If you agree, write the scale into your file of questions, or the code into a line above."]
    return lines + [f"{p.code}: {p.scale}? Like {p.item}, likeness {p.likeness:.2f} of 1" for p in proposals]
