"""The documentation says what the program does: commands, options, tables, settings, templates, links."""

from __future__ import annotations

import csv
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.main import get_command

from auditkit.cli import app

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "examples" / "README.md", *DOCS.glob("*.md")])
PAGES += [ROOT / "LICENSES" / "README.md"]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return [body for found, body in FENCE.findall(page) if found == kind]


def section(page: str, heading: str) -> str:
    """What stands under ``## heading``, up to the next one."""
    parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[heading]


def cells(part: str, column: str) -> list[list[str]]:
    """The rows of the tables whose first header is ``column``."""
    rows, reading = [], False
    for line in part.splitlines():
        if not line.startswith("|"):
            reading = False
        elif line.startswith(f"| {column} |"):
            reading = True
        elif reading and not line.startswith("|---"):
            rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name: "analyse", "review export"."""
    for name, command in get_command(app).commands.items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {inner}", found) for inner, found in command.commands.items())
        else:
            yield name, command


COMMANDS = dict(commands())
IN_PROSE = {f"topics {name}" for name in ("merge", "accept", "reject", "undo")}
"""Commands that the tutorial names and cannot take: in the demo, no theme is suggested."""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_section_with_prose_and_exactly_its_options(name: str) -> None:
    headings = re.findall(r"^## (auditkit .+)$", text("commands.md"), re.MULTILINE)
    part = section(text("commands.md"), next(heading for heading in headings if _names(heading, name)))
    prose = part.split("\n|")[0].strip()
    assert len(prose.split()) >= 8
    documented = {option for row in cells(part, "Option") for option in re.findall(r"-{1,2}[a-z][a-z-]*", row[0])}
    real = {opt for param in COMMANDS[name].params for opt in param.opts if opt.startswith("-")}
    assert documented == real - {"--help", "-h"}


def _names(heading: str, name: str) -> bool:
    words = [word for word in heading.split()[1:] if word.islower()]
    return words == name.split()


def test_the_tutorial_takes_every_command() -> None:
    """Of those about the codebook it may only name some."""
    taken = {" ".join(_command(line)) for line in _lines(text("tutorial.md"))}
    named = {" ".join(_command(span)) for span in re.findall(r"`(auditkit codebook [^`\n]+)`", text("tutorial.md"))}
    assert taken | named == set(COMMANDS) - IN_PROSE - {"review next"}, "which waits for keys"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_parses(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    spans = re.findall(r"`(auditkit [^`\n]+)`", FENCE.sub("", content))
    for line in [*_lines(content), *(span for span in spans if "COMMAND" not in span)]:
        _parse(line)


def _lines(page: str) -> list[str]:
    """What a reader is told to type."""
    return re.findall(r"^\$ (auditkit .+)$", page, re.MULTILINE)


def _command(line: str) -> list[str]:
    words = shlex.split(line)[1:]
    return words[:2] if hasattr(get_command(app).commands[words[0]], "commands") else words[:1]


def _parse(line: str) -> None:
    words = shlex.split(line)[1:]
    command: Any = get_command(app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        assert words[0] in command.commands, line
        command, words = command.commands[words[0]], words[1:]
    if words and not hasattr(command, "commands"):
        command.make_context(line, words)


def test_a_mistaken_line_would_be_noticed() -> None:
    with pytest.raises(Exception, match="--audiense"):
        _parse("auditkit feedback --audiense all")


def test_readme_starts_with_one_line_and_names_the_test_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "pip install uv && uv run auditkit demo" in readme
    assert "uv run pytest" in readme
    assert all(f"docs/{page.name}" in readme for page in DOCS.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_path_of_a_machine(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w~.])/(home|Users|root|work|tmp|mnt|opt)/|\b[A-Z]:\\", content)


# settings


def write_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "scripts" / "write_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_audit_toml_page_is_up_to_date() -> None:
    assert text("audit-toml.md") == write_docs().page(), "run scripts/write_docs.py"


def test_examples_of_settings_are_settings(tmp_path: Path) -> None:
    from auditkit.config import load

    path = tmp_path / "audit.toml"
    path.write_text("\n".join(blocks(text("audit-toml.md"), "toml")), encoding="utf-8")
    config = load(path)
    assert config.thresholds.k_numbers == 11
    assert config.columns["Ward / team"] == "pair"


def test_thresholds_are_those_in_force() -> None:
    from auditkit.config import Thresholds

    rows = {row[0]: row for row in cells(section(text("confidentiality.md"), "Thresholds"), "Setting")}
    assert list(rows) == list(Thresholds.model_fields)
    for name, field in Thresholds.model_fields.items():
        floor = next(rule.ge for rule in field.metadata if hasattr(rule, "ge"))
        assert rows[name][1].startswith(f"{field.default} ")
        assert rows[name][2] == str(floor)


def test_figures_that_are_shown_in_the_terminal_stand_in_the_method() -> None:
    from auditkit import analysis, topics

    page = text("how-it-decides.md")
    low, high = analysis.SEEN
    assert f"{low} to {high} %" in page
    assert f"Below {analysis.ENOUGH_READ} answers read" in page
    assert f"Below {topics.FEWEST} answers" in page


def test_the_verdict_words_are_those_printed() -> None:
    from auditkit import statistics

    documented = [row[0] for row in cells(section(text("how-it-decides.md"), "11. Verdict words"), "Words")]
    printed = [
        statistics.TOO_FEW_PAIRS,
        statistics.DESCRIBED_ONLY.format(up=7, same=1, down=2),
        statistics.CLEAR_IMPROVEMENT,
        statistics.SMALL_IMPROVEMENT,
        statistics.POSSIBLE_IMPROVEMENT,
        statistics.LITTLE_CHANGE,
        statistics.UNCLEAR,
    ]
    assert documented == printed


# tables

HEADER = "respondent,pair,role,round,COM1,COM2,COM3,Q1,Q2"
ROWS = [
    f"R-{number}{role[0]},p-{number},{role},{name},{3 + (name == 'repeat')},3,2,"
    f'I can rely on my partner to do what we agreed.,"We never meet. He hears things from others."'
    for name in ("baseline", "repeat")
    for number in range(1, 5)
    for role in ("doctor", "manager")
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """``auditkit export`` of a small audit: called with the words that follow, it gives the header."""
    from typer.testing import CliRunner

    folder = tmp_path_factory.mktemp("audit")
    sheet = folder / "answers.csv"
    sheet.write_text("\n".join([HEADER, *ROWS]), encoding="utf-8")

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, [*words, "--audit", str(folder)])
        assert result.exit_code == 0, result.output
        return result.output

    run("compare", str(sheet))
    return lambda *words: next(csv.reader(run("export", *words).splitlines()))


def table_names() -> list[str]:
    from auditkit.tables import TABLES

    return list(TABLES)


@pytest.mark.parametrize("name", table_names())
def test_a_table_has_the_columns_documented(name: str, exported: Any) -> None:
    documented = [row[0] for row in cells(section(text("tables.md"), name), "Column")]
    if name == "codings":
        assert exported(name, "--level", "excerpt") == documented
        assert documented.pop() == "excerpt"
    assert exported(name) == documented


def test_every_column_has_a_type_and_a_meaning() -> None:
    for name in table_names():
        for _, kind, meaning in cells(section(text("tables.md"), name), "Column"):
            assert kind in ("text", "whole", "number", "true/false")
            assert meaning


# templates


def test_every_block_of_a_template_is_documented() -> None:
    page = text("templates.md")
    common = set(re.findall(r"`(\w+)`", re.search(r"blocks of `base.html`: (.+)\.", page)[1]))  # type: ignore[index]
    own = {row[0]: set(re.findall(r"\w+", "" if row[2].startswith("as ") else row[2])) for row in _templates()}
    for name, documented in own.items():
        source = (ROOT / "src" / "auditkit" / "templates" / name).read_text(encoding="utf-8")
        found = set(re.findall(r"{% block (\w+) %}", source))
        if '{% extends "all_participants' in source:
            found -= own["all_participants.html"]
        assert found - common == documented, name


def _templates() -> list[list[str]]:
    return cells(section(text("templates.md"), "The templates and their blocks"), "Template")


@pytest.mark.parametrize("example", blocks(text("templates.md"), "jinja"))
def test_the_examples_of_templates_render(example: str, tmp_path: Path) -> None:
    from auditkit import render
    from auditkit.pack_fields import Pack, Pair, Question

    name = re.search(r"builtin/(\w+\.html)", example)[1]  # type: ignore[index]
    (tmp_path / name).write_text(example, encoding="utf-8")
    pack = Pack(
        audience="all_participants",
        programme="Programme of one",
        rounds=("baseline",),
        short=("baseline",),
        title="What you told us",
        lede="For everybody.",
        running="Programme",
        is_draft=True,
        level=0,
        questions=(Question("Which of it sounds like us?"),),
        pair=Pair("ward-3"),
    )
    plain = render.render(name, {"pack": pack}, user_templates=None)
    changed = render.render(name, {"pack": pack}, user_templates=tmp_path)
    assert changed != plain
    for words in re.findall(r">([^<>{}]+)</p>", example):
        assert words.strip() in changed
        assert words.strip() not in plain
    assert "DRAFT" in changed


# examples


def test_the_examples_are_what_the_demo_writes(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    from auditkit.simulate import write_demo

    for path in write_demo(tmp_path):
        made, kept = load_workbook(path), load_workbook(ROOT / "examples" / path.name)
        assert kept.sheetnames == made.sheetnames
        for sheet in made.sheetnames:
            assert list(kept[sheet].values) == list(made[sheet].values), f"write {path.name} again"


# what a reader types, typed


@pytest.mark.slow
def test_the_tutorial_from_end_to_end(tmp_path: Path) -> None:
    _follow(text("tutorial.md"), tmp_path)


@pytest.mark.slow
def test_the_three_commands_of_the_readme(tmp_path: Path) -> None:
    for name in ("baseline.xlsx", "repeat.xlsx"):
        shutil.copy(ROOT / "examples" / name, tmp_path)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    outputs = _follow(readme, tmp_path)
    assert list(outputs) == [line.strip() for line in _lines(readme)]
    _stands_in_order(blocks(readme, "text")[0].splitlines(), outputs["auditkit compare baseline.xlsx repeat.xlsx"])


def _follow(page: str, folder: Path) -> dict[str, str]:
    """Run every line after a "$" and hold the lines below it against what comes out."""
    outputs = {}
    for block in blocks(page, "console"):
        for line, *shown in _steps(block):
            if line.startswith("cd "):
                folder = folder / line.removeprefix("cd ")
                continue
            if line.startswith("auditkit review apply"):
                _take_the_suggestions(folder / "review.xlsx")
            outputs[line] = _run(line, folder, refused=any(words.startswith("error:") for words in shown))
            _stands_in_order(shown, outputs[line])
    return outputs


def _steps(block: str) -> list[list[str]]:
    steps: list[list[str]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            steps.append([line.removeprefix("$ ")])
        else:
            steps[-1].append(line)
    return steps


def _run(line: str, folder: Path, *, refused: bool) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "auditkit", *shlex.split(line)[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "XDG_DATA_HOME": str(folder)},
        timeout=300,
    )
    assert done.returncode in ((2, 3) if refused else (0,)), f"{line}\n{done.stderr}"
    return done.stdout + done.stderr


def _stands_in_order(shown: list[str], output: str) -> None:
    """Every line shown is a line of the output, in this order; one that ends in "..." is its beginning.

    The width of columns does not count.
    """
    lines = iter(" ".join(line.split()) for line in output.splitlines())
    for words in shown:
        start = " ".join(words.removesuffix("...").split())
        if start:
            whole = not words.endswith("...")
            assert any(line == start if whole else line.startswith(start) for line in lines), words


def _take_the_suggestions(path: Path) -> None:
    """What the tutorial asks the reader to do by hand: copy ``suggested`` into ``themes``."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    suggested, themes = header.index("suggested"), header.index("themes")
    for row in sheet.iter_rows(min_row=2):
        row[themes].value = row[suggested].value or "none"
    book.save(path)
