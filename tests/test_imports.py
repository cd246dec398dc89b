"""Which module may import which: only downwards, or another part of the same noun."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "auditkit"
LONGEST = 400  # lines of a module

FLOORS = (
    "errors wording",
    "files cells paper statistics safe_xml blind_ids grids",
    "qda",
    "config codebook questionnaire voices agreement",
    "disclosure values",
    "spellings scales layouts",
    "keyfile roster sheets",
    "linking columns unfold",
    "responses",
    "excerpts encoder scores presence questions",
    "names",
    "coding poles topics tone changes exceptions codebook_check",
    "analysis comparison",
    "review store steps pack_fields statements",
    "audit",
    "codebook_history figures standing source theme_counts second_sheet",
    "double_coding",
    "agreement_tables",
    "pack own_packs",
    "marks charts render workbook simulate",
    "reports comparison_report triangulation tables people_sheet review_book",
    "outputs agreement_book",
    "holdings feedback intake forms overwriting",
    "console",
    "problem_lines",
    "topic_tree",
    "runs decisions checks summaries interchange codebook_edits codebook_template",
    "agreement_lines",
    "check_lines qda_lines second_coder topic_lines codebook_lines",
    "cli_options cli_changes",
    "cli_review cli_qda cli_agreement cli_topics cli_codebook",
    "cli",
    "__main__",
)
"""From the ground up. A module imports from lower floors only."""

PARTS = {
    "qda": "qda_files qda_writer",
    "codebook": "codebook_changes codebook_codes codebook_columns codebook_files codebook_imports codebook_sheets "
    "codebook_limits codebook_words",
    "values": "texts dates consents",
    "grids": "grid spreadsheets data_files",
    "scales": "answer_scale answer_words legends rating_cells",
    "layouts": "signatures headers hints leftovers",
    "columns": "column contests known_headers contents",
    "forms": "answer_book entry_sheets first_settings form_files likeness own_questions person_codes roster_book"
    " starting",
    "responses": "answer_sheets entries identity items people register rounds",
    "charts": "map_chart rating_charts marks",
    "review": "review_files reading_list reviewing sheet_answers sheet_notes theme_cells",
    "decisions": "accepting reading_session",
    "summaries": "summaries_of_reading",
    "audit": "own_codebook store steps stored_rounds stored_runs audit_log decided experience second_codings"
    " suggested_rows second_looks removal theme_moves",
    "coding": "poles junk learning",
    "topics": "engines nearness phrases topic_names",
    "analysis": "coder corpus suggestions",
    "figures": "source theme_counts",
    "pack": "own_packs",
    "reports": "comparison_report triangulation methods tones theme_map",
    "render": "charts rating_charts map_chart",
    "interchange": "qda_answers qda_codes qda_codings qda_past qda_project",
}
"""Nouns that are split over several files, which know each other."""

CLI = (
    "__main__ cli cli_agreement cli_changes cli_codebook cli_options cli_qda cli_review cli_topics console errors"
    " summaries summaries_of_reading wording"
)
"""What the command line loads before it knows which command is meant."""

HEAVY = "pandas numpy scipy spacy sklearn bertopic openpyxl pydantic rich tomlkit jinja2 onnxruntime tokenizers"


def floor_of(module: str) -> int:
    for number, names in enumerate(FLOORS):
        if module in names.split():
            return number
    owners = [owner for owner, parts in PARTS.items() if module in parts.split()]
    assert owners, f"{module}.py stands on no floor: give it one in FLOORS, or name it in PARTS"
    return floor_of(owners[0])


def same_noun(one: str, other: str) -> bool:
    nouns = [{owner, *parts.split()} for owner, parts in PARTS.items()]
    return any({one, other} <= noun for noun in nouns)


def imported(path: Path) -> set[str]:
    """Modules of auditkit that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("auditkit.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "auditkit":
            found |= {alias.name for alias in node.names if alias.name != "__version__"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("auditkit."):
            found.add(str(node.module).split(".")[1])
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path.name}: a relative import"
    return found


MODULES = sorted(path.stem for path in SOURCE.glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_downwards(module: str) -> None:
    upwards = [
        other
        for other in imported(SOURCE / f"{module}.py")
        if floor_of(other) >= floor_of(module) and not same_noun(module, other)
    ]
    assert sorted(upwards) == []


def test_every_floor_is_a_module() -> None:
    named = {name for names in (*FLOORS, *PARTS, *PARTS.values()) for name in names.split()}
    assert sorted(named - set(MODULES)) == []


def test_an_import_upwards_would_be_found(tmp_path: Path) -> None:
    module = tmp_path / "files.py"
    module.write_text("def late():\n    from auditkit.audit import Audit\n    return Audit\n", encoding="utf-8")
    assert imported(module) == {"audit"}
    assert floor_of("audit") > floor_of("files")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_fits_in_one_reading(module: str) -> None:
    assert len((SOURCE / f"{module}.py").read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize(
    "words",
    [
        *(["--help"], ["analyse", "--help"], ["review", "--help"], ["codebook", "--help"], ["qda", "--help"]),
        *(["agreement", "--help"], ["topics", "--help"]),
        ["--version"],
    ],
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    script = (
        "import sys\nfrom auditkit.__main__ import main\nsys.argv = ['auditkit', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    ours = {name for name in loaded if name.startswith("auditkit.")}
    brought = set() if words[0].startswith("-") else {"pydantic"}  # by newer Typer, to read a command's options
    assert loaded & set(HEAVY.split()) <= brought
    assert ours == {f"auditkit.{name}" for name in CLI.split()}
    assert done.stdout.strip()
