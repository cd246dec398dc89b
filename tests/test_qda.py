"""The audit as a REFI-QDA project, and back: what another program finds in it, and what a person meant there."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from auditkit import (
    codebook,
    codebook_changes,
    codebook_edits,
    codebook_history,
    codebook_imports,
    decisions,
    excerpts,
    holdings,
    intake,
    interchange,
    qda,
    qda_project,
    qda_writer,
    runs,
)
from auditkit.audit import Audit
from auditkit.cli import app
from auditkit.errors import AuditkitError, Refused
from auditkit.interchange import Imported
from qdpx import NS, Qdpx

pytestmark = pytest.mark.slow  # whole audits, dozens of them

REFI = Path(__file__).resolve().parents[2] / "shared" / "data" / "refi-qda"
SOFTWARE = "auditkit (software)"
NVIVO = REFI / "nvivo12_covid_vaccine_hu" / "oltas_teszt_handles_masked.qdpx"
ATLAS = REFI / "atlasti_standard_project"
needs_refi = pytest.mark.skipif(not REFI.exists(), reason="the real projects and the schema are not here")


def audit_of(folder: Path) -> Audit:
    return Audit(folder / "audit")


def export(folder: Path, name: str = "out.qdpx", *, decided: bool = False) -> Qdpx:
    interchange.hand_out(audit_of(folder), folder / name, decided_only=decided)
    return Qdpx(folder / name)


def quiet(step: str, done: int, total: int) -> None:
    pass


def take(folder: Path, project: Qdpx | Path, coder: str = "", *, preview: bool = False, **how: Any) -> Imported:
    path = project if isinstance(project, Path) else project.save(folder / "back.qdpx", **how)
    return interchange.take_over(audit_of(folder), path, coder, quiet, preview=preview)


def decide(folder: Path, themes: dict[str, str], coder: str = "AB") -> None:
    """Decide answers of the baseline in a review sheet, by how they begin."""
    import csv

    path = folder / "review.csv"
    path.unlink(missing_ok=True)
    names = audit_of(folder).load_round("baseline").responses.answers
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["round", "row", "respondent", "question", "text", "themes"])
        for start, filled in themes.items():
            (row,) = names[names["text"].str.startswith(start)].itertuples()
            writer.writerow([row.round, row.row, row.respondent, row.question, row.text, filled])
    decisions.take_over(audit_of(folder), path, coder, quiet)


def held(folder: Path, start: str = "") -> set[tuple[str, str, str, str]]:
    """Theme, pole, decision and coder of decided answers of the baseline."""
    rows = audit_of(folder).store.rows(
        "SELECT d.theme, d.pole, d.decision, d.coder FROM decisions d JOIN answers a ON a.answer = d.answer "
        "WHERE a.round = 'baseline' AND substr(a.text, 1, ?) = ?",
        (len(start), start),
    )
    return {tuple(row.values()) for row in rows}  # type: ignore[misc]


def codings(folder: Path, start: str) -> dict[str, tuple[str, str, str]]:
    """Of an answer of the baseline: theme to pole, coder and the words of the excerpt."""
    coded = audit_of(folder).load_round("baseline")
    table = coded.codings[coded.codings["coded"]].merge(coded.responses.answers[["answer", "text"]], on="answer")
    table = table[table["text"].str.startswith(start)].merge(
        coded.excerpts[["excerpt", "text"]].rename(columns={"text": "words"}), on="excerpt", how="left"
    )
    return {row.theme: (row.pole, row.coder, row.words) for row in table.itertuples()}


def everything(folder: Path) -> list[Any]:
    """All that an import may change, in the audit and beside it."""
    store = audit_of(folder).store
    tables = ("decisions", "spans", "log", "runs")
    rows = [store.rows(f"SELECT * FROM {table}") for table in tables]
    return [*rows, (folder / "audit" / "codebook.xlsx").read_bytes()]


# what another program finds


def test_every_answer_is_a_text_with_what_is_known_of_it(small: Path) -> None:
    project = export(small)
    answers = [
        row
        for name in ("baseline", "repeat")
        for row in audit_of(small).load_round(name).responses.answers.itertuples()
    ]
    assert len(project.sources) == len(answers) == 23
    assert sorted(project.text(one) for one in project.sources) == sorted(row.text for row in answers)
    names = [one.get("name") for one in project.sources]
    assert len({str(name).casefold() for name in names}) == 23
    source = project.source("I can rely on him")
    assert source.get("name") == "baseline ward-2 b2 question 2"
    assert source.findtext(f"{NS}Description") == "What works well?"
    told = {name: project.value(source, name) for name in ("Round", "Pair", "Respondent", "Role", "Question")}
    assert told == {
        "Round": "baseline",
        "Pair": "ward-2",
        "Respondent": "b2",
        "Role": "manager",
        "Question": "What works well?",
    }


def test_themes_are_codes_with_their_poles_below(small: Path) -> None:
    project = export(small)
    top = [code.get("name") for code in project.all("CodeBook/Codes/Code")]
    assert top == [*(theme.label for theme in codebook.default().accepted), "none"]
    trust = project.codes["Trust"]
    below = [code.get("name") for code in trust.findall(f"{NS}Code")]
    assert below == ["Trust (works well)", "Trust (problem)", "Trust (both)"]
    told = str(trust.findtext(f"{NS}Description"))
    theme = codebook.default().accepted[0]
    assert told == f"{theme.definition}\n\nInclude: {theme.include}\n\nExclude: {theme.exclude}"
    assert len(project.codes) == 12 * 4 + 1, "no name stands there twice: QualCoder could not hold it"


def test_what_the_software_suggests_is_set_by_it_on_its_sentence(small: Path) -> None:
    project = export(small)
    coded = audit_of(small).load_round("baseline")
    found = project.set_codes(project.source("I can rely on him"))
    assert ("Trust (works well)", SOFTWARE, "I can rely on him, always.") in found
    words = {row.excerpt: row.text for row in coded.excerpts.itertuples()}
    table = coded.codings[coded.codings["coded"]].merge(coded.responses.answers[["answer", "text"]], on="answer")
    for row in table.itertuples():
        label = coded.codebook.by_id(row.theme).label
        pole = {"good": " (works well)", "poor": " (problem)", "mixed": " (both)", "": ""}[row.pole]
        same = [one for one in project.sources if project.text(one) == row.text]
        assert any((label + pole, SOFTWARE, words[row.excerpt]) in project.set_codes(one) for one in same)


def test_what_people_decided_is_theirs_and_what_they_rejected_is_gone(small: Path) -> None:
    decide(small, {"I can rely": "Respect (problem)", "She keeps": "none"}, "Zoë Ñandú")
    project = export(small)
    assert project.set_codes(project.source("I can rely")) == {
        ("Respect (problem)", "Zoë Ñandú", "I can rely on him, always.")
    }
    assert project.set_codes(project.source("She keeps")) == {("none", "Zoë Ñandú", "She keeps her promises.")}
    assert list(project.users.values()) == ["Zoë Ñandú", SOFTWARE]
    suggested = [one for one in project.sources if any(who == SOFTWARE for _, who, _ in project.set_codes(one))]
    assert suggested
    only = export(small, "only.qdpx", decided=True)
    assert {who for one in only.sources for _, who, _ in only.set_codes(one)} == {"Zoë Ñandú"}
    assert sum(len(only.set_codes(one)) for one in only.sources) == 2
    assert len(only.sources) == 23


def test_pairs_and_people_are_cases_with_role_and_ratings(small: Path) -> None:
    project = export(small)
    cases = {case.get("name"): case for case in project.all("Cases/Case")}
    assert list(cases) == ["ward-1", "ward-2", "ward-3", "a1", "a2", "b1", "b2", "c1", "c2"]
    by_guid = {one.get("guid"): one for one in project.sources}

    def texts(name: str) -> list[str]:
        refs = cases[name].findall(f"{NS}SourceRef")
        return sorted(project.text(by_guid[ref.get("targetGUID")]) for ref in refs)

    assert texts("b2") == sorted(
        ["I can rely on him, always."] * 2 + ["He decides alone and I hear it last.", "The board does not back us."]
    )
    assert texts("ward-2") == sorted([*texts("b1"), *texts("b2")])
    person = cases["b2"]
    wanted = ("Person's pair", "Person's role", "baseline: COM1", "repeat: COM1", "baseline: TRU1")
    assert [project.value(person, name) for name in wanted] == ["ward-2", "manager", "2", "3", "2"]
    kinds = {one.get("name"): one.get("typeOfVariable") for one in project.all("Variables/Variable")}
    assert (kinds["Round"], kinds["baseline: COM1"]) == ("Text", "Float")
    used = [
        {v[0].get("targetGUID") for one in found for v in one.findall(f"{NS}VariableValue")}
        for found in (
            project.sources,
            list(cases.values()),
        )
    ]
    assert not used[0] & used[1], "a variable is of answers or of cases, not of both"


def schema() -> Any:
    etree = pytest.importorskip("lxml.etree")
    if not REFI.exists():
        pytest.skip("the schema is not here")
    return etree.XMLSchema(etree.parse(str(REFI / "schema" / "Project.xsd")))


def valid(path: Path) -> bool:
    from lxml import etree

    with zipfile.ZipFile(path) as archive:
        return bool(schema().validate(etree.fromstring(archive.read("project.qde"))))


def test_a_project_is_valid_against_the_schema_of_refi_qda(small: Path) -> None:
    schema()
    export(small)
    assert valid(small / "out.qdpx")
    decide(small, {"I can rely": "Trust (problem); Respect", "She keeps": "none"}, 'A "B" & <C>')
    export(small)
    assert valid(small / "out.qdpx")


def test_the_check_against_the_schema_can_fail(small: Path) -> None:
    schema()
    project = export(small)
    project.codes["Trust"].attrib.pop("isCodable")
    assert not valid(project.save(small / "broken.qdpx"))


def test_offsets_count_code_points_of_the_text_in_the_zip(small: Path) -> None:
    text = "First 😀 line.\r\nWe talk.\rÅsa keeps 🤝 promises."
    coded = audit_of(small).load_round("baseline")
    answers = coded.responses.answers.head(1).assign(text=text)
    split = excerpts.split(answers)
    row = coded.codings.head(1).iloc[0].to_dict()
    codes = coded.codings.head(0).copy()
    for number, (excerpt, theme) in enumerate(zip(split["excerpt"], ("T01", "T02", "T03"), strict=True)):
        codes.loc[number] = row | {"answer": answers["answer"].iat[0], "excerpt": excerpt, "theme": theme}
    changed = dataclasses.replace(
        coded,
        responses=dataclasses.replace(coded.responses, answers=answers),
        excerpts=split,
        codings=codes.astype({"coded": bool}),
    )
    made = qda_project.build(audit_of(small), [changed], decided_only=False)
    qda_writer.write_project(small / "signs.qdpx", made)
    project = Qdpx(small / "signs.qdpx")
    (source,) = project.sources
    assert project.text(source) == "First 😀 line.\nWe talk.\nÅsa keeps 🤝 promises."
    assert {words for _, _, words in project.set_codes(source)} == set(split["text"])
    assert len(split) == 3


def test_an_export_repeats_byte_by_byte_and_keeps_its_ids(small: Path) -> None:
    first = export(small)
    data = (small / "out.qdpx").read_bytes()
    export(small)
    assert (small / "out.qdpx").read_bytes() == data
    decide(small, {"I can rely": "Trust"})
    again = export(small)
    for path in ("Sources/TextSource", "CodeBook/Codes/Code", "Cases/Case", "Variables/Variable"):
        assert [one.get("guid") for one in again.all(path)] == [one.get("guid") for one in first.all(path)]
    audit = audit_of(small)
    assert qda_project.source_guid("another", "x") != qda_project.source_guid(audit.id, "x")


def test_parents_become_codes_above_and_circles_do_no_harm(small: Path) -> None:
    themes = {theme.id: theme for theme in codebook.default().themes}
    for id, parent in (("T02", "Trust"), ("T03", "T02"), ("T04", "Culture"), ("T05", "T06"), ("T06", "Role clarity")):
        themes[id] = dataclasses.replace(themes[id], parent=parent)
    book = dataclasses.replace(codebook.default(), themes=tuple(themes.values()))
    found = {code.name: [one.name for one in above] for code, above in qda.every_code(qda_project.codes("x", book))}
    assert found["Communication"] == ["Trust"]
    assert found["Shared goals"] == ["Trust", "Communication"]
    assert found["Knowing each other"] == ["Culture"]
    assert sorted(len(found[name]) for name in ("Role clarity", "Joint decisions")) == [0, 1]
    assert len(found) == 12 * 4 + 2


def test_an_export_never_writes_over_somebodys_project(small: Path) -> None:
    project = export(small)
    project.root.set("origin", "NVivo for Windows 12.6")
    project.save(small / "theirs.qdpx")
    before = (small / "theirs.qdpx").read_bytes()
    with pytest.raises(AuditkitError, match="no project that auditkit wrote"):
        export(small, "theirs.qdpx")
    assert (small / "theirs.qdpx").read_bytes() == before
    (small / "notes.qdpx").write_text("my notes")
    with pytest.raises(AuditkitError, match="no project that auditkit wrote"):
        export(small, "notes.qdpx")
    with pytest.raises(AuditkitError, match=r"does not end in \.qdpx"):
        export(small, "out.zip")


def test_an_export_is_refused_beside_names(small: Path) -> None:
    names = small / "names"
    names.mkdir()
    roster = names / "roster.csv"
    roster.write_text("code,name\na1,Åsa Quilt\n", encoding="utf-8")
    audit = audit_of(small)
    with audit.store.step():
        audit.store.connection.execute("INSERT OR REPLACE INTO audit VALUES ('roster', ?)", (str(roster),))
    with pytest.raises(Refused, match="roster"):
        interchange.hand_out(audit_of(small), names / "out.qdpx", decided_only=False)
    assert sorted(path.name for path in names.iterdir()) == ["roster.csv"]


# there and back


def test_an_export_that_comes_back_unchanged_changes_nothing(small: Path) -> None:
    decide(small, {"I can rely": "Trust (problem); Respect", "She keeps": "none", "We want": "Shared goals"}, "AB")
    decide(small, {"There is never": "Time together (both)"}, "CD")
    export(small)
    before = everything(small)
    done = take(small, small / "out.qdpx")
    assert (done.taken.answers, done.taken.same, done.taken.open, done.changes) == (0, 4, 19, ())
    assert not done.is_done
    assert everything(small) == before
    assert done.taken.dropped == {}
    only = export(small, "only.qdpx", decided=True)
    assert take(small, only).taken.same == 4
    assert everything(small) == before


def test_a_persons_code_decides_the_answer(small: Path) -> None:
    project = export(small)
    source = project.source("I can rely")
    project.add_coding(source, "Respect (problem)", "EF", "rely on him")
    done = take(small, project)
    assert done.is_done
    assert (done.taken.answers, done.taken.by_coder, done.taken.open) == (1, {"EF": 1}, 22)
    assert held(small) >= {("T09", "poor", "added", "EF"), ("T01", "good", "rejected", "EF")}
    assert set(codings(small, "I can rely")) == {"T09"}
    assert held(small, "She keeps") == set()
    assert take(small, small / "back.qdpx").taken.same == 1, "again changes nothing"
    report = (small / "audit" / "out" / "analyst" / "report-baseline.html").read_text(encoding="utf-8")
    assert "EF" in report


def test_codes_on_several_sentences_and_by_several_people_are_one_decision(small: Path) -> None:
    project = export(small)
    source = project.source("I can rely")
    project.add_coding(source, "Trust (works well)", "EF")
    project.add_coding(source, "Trust (problem)", "EF", "always")
    project.add_coding(source, "Respect (works well)", "GH")
    project.add_coding(source, "Respect (works well)", "GH", "rely")
    done = take(small, project)
    assert done.taken.by_coder == {"EF": 1}
    found = codings(small, "I can rely")
    assert {theme: mark[:2] for theme, mark in found.items()} == {"T01": ("mixed", "EF"), "T09": ("good", "GH")}


def test_a_theme_without_its_pole_takes_the_suggested_one(small: Path) -> None:
    project = export(small)
    project.add_coding(project.source("I can rely"), "Trust", "EF")
    take(small, project)
    assert codings(small, "I can rely")["T01"][0] == "good"
    assert ("T01", "good", "confirmed", "EF") in held(small, "I can rely")
    again = export(small)
    source = again.source("I can rely")
    again.remove(source)
    again.add_coding(source, "Trust", "EF")
    take(small, again)
    assert codings(small, "I can rely")["T01"][0] == "", "the pole that it had was taken away"


def test_codes_taken_away(small: Path) -> None:
    decide(small, {"I can rely": "Trust; Respect", "She keeps": "Trust", "We want": "Shared goals"}, "AB")
    project = export(small)
    project.remove(project.source("I can rely"), "Respect (works well)")
    project.remove(project.source("She keeps"))
    done = take(small, project)
    assert (done.taken.answers, done.taken.without_theme, done.taken.same) == (2, 1, 1)
    assert set(codings(small, "I can rely")) == {"T01"}
    assert codings(small, "She keeps") == {}
    assert ("none", "", "changed", "AB") in held(small, "She keeps")


def test_a_program_that_loses_all_codes_takes_none_away(small: Path) -> None:
    decide(small, {"I can rely": "Trust; Respect", "She keeps": "Trust"}, "AB")
    project = export(small)
    for source in project.sources:
        project.remove(source)
    before = everything(small)
    assert take(small, project).taken.answers == 0
    assert everything(small) == before


@pytest.mark.slow
def test_a_moved_selection_is_the_excerpt_where_it_is_one(small: Path) -> None:
    rows = "a1,ward-1,doctor,2025-01-10,2,3,She keeps her promises. We meet on Mondays. All is well.,None"
    sheet = small / "baseline.csv"
    header = sheet.read_text(encoding="utf-8").splitlines()[0]
    sheet.write_text(f"{header}\n{rows}\n", encoding="utf-8")
    from auditkit import intake

    runs.analyse(audit_of(small), [sheet], intake.Options(round="baseline"), lambda *_: None)
    project = export(small)
    project.add_coding(project.source("She keeps"), "Trust (works well)", "EF", " We meet on Mondays. ")
    take(small, project)
    assert codings(small, "She keeps")["T01"] == ("good", "EF", "We meet on Mondays.")
    moved = export(small)
    source = moved.source("She keeps")
    assert moved.set_codes(source) == {("Trust (works well)", "EF", "We meet on Mondays.")}
    moved.remove(source)
    moved.add_coding(source, "Trust (works well)", "EF", "All is well.")
    assert take(small, moved).taken.answers == 1
    assert codings(small, "She keeps")["T01"] == ("good", "EF", "All is well.")
    half = export(small)
    source = half.source("She keeps")
    half.remove(source)
    half.add_coding(source, "Trust (works well)", "EF", "is well")
    before = everything(small)
    assert take(small, half).taken.same == 1, "half a sentence is no excerpt; the theme is as it was"
    assert everything(small) == before


@pytest.mark.slow
def test_a_renamed_code_is_a_renamed_theme(small: Path) -> None:
    decide(small, {"I can rely": "Trust; Respect"})
    project = export(small)
    project.codes["Trust"].set("name", "Confidence; in each other")
    project.codes["Respect"].set("name", "Communication")
    done = take(small, project)
    assert done.changes == ('T01 "Trust" is now called "Confidence, in each other".',)
    assert done.taken.not_renamed == ("Respect",)
    book = codebook.read(small / "audit" / "codebook.xlsx")
    assert [theme.label for theme in book.accepted][:2] == ["Confidence, in each other", "Communication"]
    assert book.by_id("T01").statements_good, "all else stays"
    assert set(codings(small, "I can rely")) == {"T01", "T09"}


def test_two_codes_may_change_names(small: Path) -> None:
    project = export(small)
    one, other = project.codes["Trust"], project.codes["Respect"]
    one.set("name", "Respect")
    other.set("name", "Trust")
    assert len(take(small, project).changes) == 2


def test_a_code_that_a_person_made_and_used_is_a_theme(small: Path) -> None:
    project = export(small)
    project.add_code("Rota; weekends", "Time together", "Who works when.\n\nInclude: swaps")
    project.add_code("problem", "Rota; weekends")
    project.add_code("Never used")
    source = project.source("There is never")
    project.add_coding(source, "problem", "EF")
    shown = take(small, project, preview=True)
    assert shown.changes == ('T13 "Rota, weekends" is new.',)
    assert not shown.is_done
    assert held(small) == set()
    done = take(small, project)
    theme = codebook.read(small / "audit" / "codebook.xlsx").by_id("T13")
    assert (theme.label, theme.status, theme.set_by, theme.parent) == (
        "Rota, weekends",
        "accepted",
        "EF",
        "Time together",
    )
    assert (theme.definition, theme.include) == ("Who works when.", "swaps")
    assert codings(small, "There is never")["T13"][:2] == ("poor", "EF")
    assert done.taken.dropped == {"codes that nobody used on an answer": 1}
    assert take(small, small / "back.qdpx").taken.same == 1
    again = export(small)
    assert [code.get("name") for code in again.codes["Time together"].findall(f"{NS}Code")][-1] == "Rota, weekends"


def test_new_codes_of_one_name_are_told_apart_and_old_ids_are_not_used_again(small: Path) -> None:
    audit = audit_of(small)
    answer = audit.load_round("repeat").responses.answers["answer"].iat[0]
    with audit.store.step():
        audit.store.connection.execute("INSERT INTO scores (answer, theme, score) VALUES (?, 'T40', 0)", (answer,))
    project = export(small)
    for above in ("Trust", "Respect"):
        guid = project.add_code("other", above)
        selection = project.add_coding(project.source("There is never"), "Trust", "EF")
        selection[0][0].set("targetGUID", guid)
    done = take(small, project)
    assert done.changes == ('T41 "Trust: other" is new.', 'T42 "Respect: other" is new.')


def test_none_is_a_code(small: Path) -> None:
    project = export(small)
    project.add_coding(project.source("I can rely"), "none", "EF")
    both = project.source("She keeps")
    project.add_coding(both, "none", "EF")
    project.add_coding(both, "Trust", "EF")
    done = take(small, project)
    assert (done.taken.answers, done.taken.without_theme) == (1, 1)
    assert done.taken.dropped == {'answers with the code "none" beside a theme': 1}
    assert codings(small, "I can rely") == {}
    assert held(small, "She keeps") == set()


@pytest.mark.slow
def test_what_was_decided_after_the_export_is_not_undone_by_it(small: Path) -> None:
    decide(small, {"I can rely": "Trust", "She keeps": "Trust"}, "AB")
    project = export(small)
    decide(small, {"I can rely": "Respect", "She keeps": "Respect"}, "AB")
    project.add_coding(project.source("She keeps"), "Communication (works well)", "EF")
    done = take(small, project)
    assert set(codings(small, "I can rely")) == {"T09"}, "nobody touched it in the project"
    assert set(codings(small, "She keeps")) == {"T01", "T02"}, "somebody did: the later decision counts"
    assert (done.taken.answers, done.taken.changed_since) == (1, 1)


SENTENCE = "Nobody tells me about decisions in time."


@pytest.mark.parametrize("where", ["name", "description", "the code above"])
def test_a_code_in_a_respondents_words_is_not_taken_over(small: Path, where: str) -> None:
    project = export(small)
    project.add_code(SENTENCE if where == "name" else "News", description=SENTENCE if where == "description" else "")
    if where == "the code above":
        project.add_code(SENTENCE.upper())
        project.add_code("Rota", SENTENCE.upper())
    code = {"name": SENTENCE, "description": "News"}.get(where, "Rota")
    project.add_coding(project.source("Nobody tells"), code, "EF")
    project.add_coding(project.source("Nobody tells"), "Trust", "EF")
    project.add_coding(project.source("I can rely"), "Respect", "EF")
    result = run("qda", "import", project.save(small / "back.qdpx"), "--audit", small / "audit")
    assert result.exit_code == 0, result.output
    assert "in time" not in result.output.casefold()
    assert set(codings(small, "I can rely")) == {"T09"}, "the rest is taken over"
    store = audit_of(small).store
    kept = [*store.rows("SELECT codebook FROM codebook_versions"), *store.rows("SELECT label FROM theme_ids")]
    assert SENTENCE.casefold() not in str(kept).casefold()
    if where == "the code above":
        assert audit_of(small).codebook.by_id("T13").parent == ""
        return
    said = " ".join(result.stdout.split())
    assert "a respondent's own words; rename that code in the other program" in said
    assert "answers left as they are, as a coding on them cannot be read: 1" in said
    assert held(small, "Nobody tells") == set(), "not decided by half of what was set on it"


@pytest.mark.parametrize("name", ["T44", "x" * 81, "ok"])
def test_a_code_that_cannot_be_a_label_is_not_taken_over(small: Path, name: str) -> None:
    project = export(small)
    project.add_code(name)
    project.add_coding(project.source("I can rely"), name, "EF")
    project.codes["Respect"].set("name", "S03")
    done = take(small, project)
    assert (done.taken.answers, done.changes) == (0, ())
    assert any("cannot be a label" in words for words in done.taken.dropped)
    assert done.taken.dropped["new names of themes that cannot be labels, or are a respondent's own words"] == 1


def test_a_new_code_with_a_pole_in_its_name_is_a_theme_with_that_pole(small: Path) -> None:
    project = export(small)
    project.add_code("Rota (problem)")
    project.add_coding(project.source("I can rely"), "Rota (problem)", "EF")
    assert take(small, project).changes == ('T13 "Rota" is new.',)
    assert codings(small, "I can rely")["T13"][:2] == ("poor", "EF")


@pytest.mark.parametrize("broken", ["beyond", "dangling"])
def test_an_answer_with_a_coding_that_cannot_be_read_stays_as_it_is(small: Path, broken: str) -> None:
    decide(small, {"I can rely": "Trust (problem)", "She keeps": "Trust (problem); Respect"})
    project = export(small)
    for start in ("I can rely", "She keeps"):
        source = project.source(start)
        for selection in source.findall(f"{NS}PlainTextSelection")[:1]:
            if broken == "beyond":
                selection.set("endPosition", "4000")
            else:
                selection[0][0].set("targetGUID", "00000000-0000-4000-8000-000000000009")
    before = held(small)
    done = take(small, project)
    assert held(small) == before
    assert done.taken.answers == 0
    assert done.taken.dropped["answers left as they are, as a coding on them cannot be read"] == 2


def edit(folder: Path, make: Any) -> None:
    """A change of the codebook in the audit, after the export."""
    audit = audit_of(folder)
    plan = codebook_edits.propose(audit, make, "CD", quiet)
    codebook_edits.apply(audit, plan, "", quiet)


CHANGES = {
    "merge": [lambda book, taken: codebook_changes.merge(book, "Trust", "Respect")],
    "rename": [lambda book, taken: codebook_changes.rename(book, "Trust", "Faith")],
    "split": [lambda book, taken: codebook_changes.split(book, "Trust", ["Promises", "Openness"], taken)],
    "retire": [lambda book, taken: codebook_changes.retire(book, "Trust")],
    "restore": [
        lambda book, taken: codebook_changes.retire(book, "Trust"),
        lambda book, taken: codebook_changes.restore(book, "Trust"),
    ],
    "merge and rename": [
        lambda book, taken: codebook_changes.merge(book, "Trust", "Respect"),
        lambda book, taken: codebook_changes.rename(book, "Respect", "Esteem"),
    ],
    "other definition": [
        lambda book, taken: codebook_imports.take(
            book, codebook.Codebook((codebook.Theme("T01", "Trust", "Whether one relies on another."),), (), "x"), taken
        )
    ],
}


@pytest.mark.parametrize("ids", ["its own", "lost"])
@pytest.mark.parametrize("name", CHANGES)
def test_an_untouched_project_changes_nothing_whatever_the_codebook_has_become(
    small: Path, name: str, ids: str
) -> None:
    decide(small, {"I can rely": "Trust (problem); Respect", "She keeps": "Trust", "We want": "none"}, "AB")
    project = export(small)
    if ids == "lost":
        without_guids(project)
    for change in CHANGES[name]:
        edit(small, change)
    before = everything(small)
    done = take(small, project, "EF")
    assert (done.taken.rows, done.changes) == ((), ())
    assert everything(small) == before


def test_after_a_rename_only_what_was_touched_comes_back(small: Path) -> None:
    decide(small, {"I can rely": "Trust (problem)", "She keeps": "Trust"}, "AB")
    project = export(small)
    edit(small, CHANGES["rename"][0])
    project.add_coding(project.source("She keeps"), "Respect", "EF")
    before = held(small, "I can rely")
    done = take(small, project)
    assert (done.taken.answers, done.changes) == (1, ())
    assert held(small, "I can rely") == before
    assert set(codings(small, "She keeps")) == {"T01", "T09"}
    assert audit_of(small).codebook.by_id("T01").label == "Faith"


def test_a_theme_that_was_merged_since_is_the_one_that_it_went_into(small: Path) -> None:
    decide(small, {"I can rely": "Trust (problem)"}, "AB")
    project = export(small)
    edit(small, CHANGES["merge"][0])
    project.add_coding(project.source("She keeps"), "Trust (works well)", "EF")
    project.add_coding(project.source("I can rely"), "Communication", "EF")
    done = take(small, project)
    assert done.taken.dropped == {}
    assert codings(small, "She keeps")["T09"][:2] == ("good", "EF")
    assert set(codings(small, "I can rely")) == {"T02", "T09"}


def test_a_theme_that_was_split_since_is_for_a_person_to_tell(small: Path) -> None:
    project = export(small)
    edit(small, CHANGES["split"][0])
    project.add_coding(project.source("She keeps"), "Trust", "EF")
    done = take(small, project)
    assert (done.taken.answers, done.taken.dropped["codings with a theme that was split since"]) == (0, 1)


# programs differ


def without_guids(project: Qdpx) -> None:
    """Every guid changed, and the codes' and variables' with it, as a program does that has its own."""
    import uuid

    new: dict[str, str] = {}
    for element in project.root.iter():
        for name in ("guid", "targetGUID", "creatingUser", "modifyingUser"):
            if element.get(name):
                element.set(name, new.setdefault(str(element.get(name)), str(uuid.uuid4())))


def test_without_its_ids_an_answer_is_known_by_its_words_and_its_name(small: Path) -> None:
    project = export(small)
    project.add_coding(project.source("He decides"), "Trust (problem)", "EF")
    project.add_coding(project.source("I can rely"), "Trust (works well)", "EF")  # the same words in both rounds
    without_guids(project)
    for source in project.sources:
        source.set("name", f"{source.get('name')}.TXT")
    done = take(small, project)
    assert done.taken.answers == 2
    assert done.changes == ()
    assert codings(small, "He decides")["T01"][:2] == ("poor", "EF")
    assert codings(small, "I can rely")["T01"][:2] == ("good", "EF")
    assert done.taken.software > 0


def test_texts_that_nobody_knows_are_counted(small: Path) -> None:
    project = export(small)
    rely, decides = project.source("I can rely"), project.source("He decides")
    for source in (rely, decides):
        project.add_coding(source, "Trust", "EF")
        source.set("guid", "00000000-0000-4000-8000-000000000001")
        source.set("name", "Interview")
    path = str(decides.get("plainTextPath")).removeprefix("internal://")
    project.files[f"sources/{path}"] = b"Something else."
    done = take(small, project)
    assert done.taken.answers == 0
    assert done.taken.dropped == {
        "texts that several answers of this audit share": 1,
        "texts that are no answers of this audit": 1,
    }


def test_spellings_of_guids_namespaces_encodings_and_names(small: Path) -> None:
    from xml.etree import ElementTree

    project = export(small)
    project.add_coding(project.source("I can rely"), "Respect (problem)", "EF")
    for element in project.root.iter():
        for name in ("guid", "targetGUID", "creatingUser"):
            if element.get(name):
                element.set(name, f"{{{str(element.get(name)).upper()}}}")
    project.files = {
        name.replace("sources/", "Sources/"): b"\xef\xbb\xbf" + data for name, data in project.files.items()
    }
    text = ElementTree.tostring(project.root, encoding="unicode")
    bare = text.replace("ns0:", "").replace(' xmlns:ns0="urn:QDA-XML:project:1.0"', "")
    other = text.replace("urn:QDA-XML:project:1.0", "urn:QDA-XML:project:1.5")
    declared = '<?xml version="1.0" encoding="utf-16"?>'
    for qde, xml in (
        ("Project.QDE", bare.encode("utf-8")),
        ("My audit.qde", b"\xef\xbb\xbf" + other.encode("utf-8")),
        ("project.qde", (declared + bare).encode("utf-16")),
        ("project.qde", (declared + bare).encode("utf-8")),
        ("inner/project.qde", bare.replace("\n", "\r\n").encode("utf-8")),
    ):
        done = take(small, project, preview=True, qde=qde, xml=xml)
        assert (done.taken.answers, done.taken.open) == (1, 22), qde
        assert done.taken.dropped == {}


def test_nvivo_counts_in_its_own_way(tmp_path: Path) -> None:
    from auditkit import qda_files

    raw = "One 😀.\r\nTwo.\r\nThree."
    xml = (
        '<Project name="x" origin="{}"><Sources><TextSource guid="a" plainTextPath="internal://a.txt">'
        '<PlainTextSelection guid="b" startPosition="{}" endPosition="{}"/></TextSource></Sources></Project>'
    )

    def words(origin: str, start: int, end: int) -> str:
        with zipfile.ZipFile(tmp_path / "a.qdpx", "w") as archive:
            archive.writestr("project.qde", xml.format(origin, start, end))
            archive.writestr("Sources/a.txt", b"\xef\xbb\xbf" + raw.encode("utf-8"))
        (source,) = qda_files.read_project(tmp_path / "a.qdpx").sources
        assert source.text == "One 😀.\nTwo.\nThree."
        (selection,) = source.selections
        assert selection.inside
        return source.text[selection.start : selection.end]

    assert words("NVivo for Windows 12.6", 9, 13) == "Two."
    assert words("NVivo for Windows 12.6", 15, 21) == "Three."
    assert words("ATLAS.ti 23", 7, 11) == "Two."
    assert words("", 12, 18) == "Three."


def test_selections_beyond_the_text_and_codes_that_are_not_there_are_counted(small: Path) -> None:
    project = export(small)
    source = project.source("I can rely")
    for start, end in ((5, 400), (-1, 4), (6, 6), (9, 2)):
        selection = project.add_coding(source, "Trust", "EF")
        selection.set("startPosition", str(start))
        selection.set("endPosition", str(end))
    lost = project.add_coding(source, "Trust", "EF")
    lost[0][0].set("targetGUID", "00000000-0000-4000-8000-000000000009")
    comment = project.add_coding(source, "Trust", "EF")
    comment.remove(comment[0])
    done = take(small, project)
    assert done.taken.answers == 0
    assert done.taken.dropped == {
        "codings of a span that is not in its text": 4,
        "codings whose code is not in the project, or has no name": 1,
        "spans without a code (comments)": 1,
        "answers left as they are, as a coding on them cannot be read": 1,
    }


def test_a_missing_text_is_known_by_its_id(small: Path) -> None:
    project = export(small)
    project.add_coding(project.source("I can rely"), "Respect", "EF")
    project.files.clear()
    assert take(small, project).taken.answers == 1


def test_an_answer_coded_on_other_words_is_marked(small: Path) -> None:
    project = export(small)
    source = project.source("I can rely")
    project.add_coding(source, "Respect", "EF")
    path = str(source.get("plainTextPath")).removeprefix("internal://")
    project.files[f"sources/{path}"] = b"I could rely on him, once."
    done = take(small, project)
    assert done.taken.other_text == 1
    coded = audit_of(small).load_round("baseline")
    assert len(coded.changed) == 1


def test_who_set_a_code_must_be_known(small: Path) -> None:
    project = export(small)
    project.add_coding(project.source("I can rely"), "Respect", "")
    before = everything(small)
    with pytest.raises(AuditkitError, match="1 codings do not say who") as told:
        take(small, project)
    assert "--coder" in told.value.fix
    assert everything(small) == before
    assert take(small, project, "  G  H ").taken.by_coder == {"G H": 1}
    for name in ("machine", "Auditkit", "x" * 41):
        with pytest.raises(AuditkitError, match="cannot be a coder"):
            take(small, project, name)


def test_the_placeholder_of_an_export_is_whoever_is_named(small: Path) -> None:
    project = export(small)
    assert list(project.users.values()) == ["analyst", SOFTWARE]
    project.add_coding(project.source("I can rely"), "Respect", "analyst")
    assert take(small, project, preview=True).taken.by_coder == {"analyst": 1}
    assert take(small, project, "EF").taken.by_coder == {"EF": 1}


def test_suggestions_that_come_back_as_a_persons_are_refused(small: Path) -> None:
    project = export(small)
    (software,) = [guid for guid, name in project.users.items() if name == SOFTWARE]
    person = project.add_user("EF")
    for element in project.root.iter():
        for name in ("creatingUser", "modifyingUser"):
            if element.get(name) == software:
                element.set(name, person)
    before = everything(small)
    with pytest.raises(AuditkitError, match="just what the software suggests") as told:
        take(small, project)
    assert "--decided" in told.value.fix
    assert everything(small) == before
    assert take(small, project, "EF").taken.answers >= 10, "a person vouches for it"


def test_retired_and_suggested_themes(small: Path) -> None:
    project = export(small)
    audit = audit_of(small)
    status = {"T01": "retired", "T09": "suggested"}
    themes = [dataclasses.replace(t, status=status.get(t.id, t.status)) for t in audit.codebook.themes]
    codebook.write(audit.codebook_path, dataclasses.replace(audit.codebook, themes=tuple(themes)))
    project.add_coding(project.source("I can rely"), "Trust", "EF")
    project.add_coding(project.source("She keeps"), "Respect", "EF")
    done = take(small, project)
    assert done.taken.dropped["codings with a theme that is retired"] == 1
    assert done.changes == ('T09 "Respect" is now accepted; it was suggested.',)
    assert held(small, "I can rely") == set()
    assert set(codings(small, "She keeps")) == {"T09"}


def test_merged_codes_are_told(small: Path) -> None:
    project = export(small)
    codes = project.all("CodeBook/Codes")[0]
    codes.remove(project.codes["Respect"])
    project.codes["Trust"].find(f"{NS}Description").text = "Cut off by the other prog"  # type: ignore[union-attr]
    done = take(small, project, preview=True)
    assert done.taken.missing == ("Respect",)
    assert done.taken.dropped["descriptions of themes that were changed"] == 1
    assert done.changes == ()


def test_nothing_is_applied_by_halves(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = export(small)
    project.add_code("Rota")
    project.add_coding(project.source("I can rely"), "Rota", "EF")
    before = everything(small)

    def refuse(path: Path, *_: object) -> None:
        path.write_bytes(b"half of a workbook")
        raise AuditkitError("codebook.xlsx cannot be written.", "Close it in other programs.")

    monkeypatch.setattr(codebook, "write", refuse)
    with pytest.raises(AuditkitError, match="cannot be written"):
        take(small, project)
    assert everything(small) == before


@pytest.mark.parametrize("after_writing", [False, True])
def test_an_import_that_is_killed_leaves_neither_its_themes_nor_its_decisions(
    small: Path, monkeypatch: pytest.MonkeyPatch, after_writing: bool
) -> None:
    project = export(small)
    project.add_code("Rota")
    project.add_coding(project.source("I can rely"), "Rota", "EF")
    before, real = held(small), holdings.save_codebook

    def die(audit: Audit) -> None:
        if after_writing:
            real(audit)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:  # nothing is put right on the way out, as where the process has ended
        patched.setattr(holdings, "save_codebook", die)
        patched.setattr(codebook_history, "replacing", None)
        patched.setattr(codebook_history, "_forget", None)
        with pytest.raises((KeyboardInterrupt, TypeError)):
            take(small, project)
    assert held(small) == before
    runs.compare(audit_of(small), [], intake.Options(), quiet)
    assert "Rota" not in [theme.label for theme in audit_of(small).codebook.themes]
    assert [one.version for one in codebook_history.versions(audit_of(small))] == [1]
    assert take(small, project).changes == ('T13 "Rota" is new.',)
    assert codings(small, "I can rely")["T13"][1] == "EF"
    assert codebook_history.versions(audit_of(small))[-1].reason == "from back.qdpx"


# projects that nobody here made


@needs_refi
def test_a_project_of_nvivo_has_nothing_on_this_audit_and_says_so(small: Path) -> None:
    before = everything(small)
    done = take(small, NVIVO)
    assert done.taken.answers == 0
    assert done.taken.dropped == {
        "texts that are no answers of this audit": 2,
        "codes that nobody used on an answer": 151,
    }
    assert len(done.taken.missing) == 12
    assert everything(small) == before


@needs_refi
@pytest.mark.parametrize("name", ["TestProject.qdpx", "Project.qde"])
def test_a_project_of_atlas_without_its_texts(small: Path, name: str) -> None:
    done = take(small, ATLAS / name)
    assert done.taken.answers == 0
    assert done.taken.dropped == {
        "texts that are no answers of this audit": 6,
        "codes that nobody used on an answer": 14,
        "pictures": 1,
        "PDF files": 2,
        "sound files": 1,
        "videos": 2,
        "codings in these": 9,
        "notes (memos)": 2,
        "links": 1,
        "sets": 16,
        "graphs": 1,
    }


@needs_refi
def test_selections_of_nvivo_begin_and_end_at_words() -> None:
    from auditkit import qda_files

    source = next(one for one in qda_files.read_project(NVIVO).sources if one.selections)
    assert source.text is not None
    text = f" {source.text} "
    whole = sum(
        not (text[one.start].isalnum() and text[one.start + 1].isalnum())
        and not (text[one.end].isalnum() and text[one.end + 1].isalnum())
        for one in source.selections
    )
    assert len(source.selections) == 330
    assert whole >= 325
    assert all(one.inside for one in source.selections)


# the commands


def run(*words: str | Path) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_commands_say_what_happened(small: Path) -> None:
    where = ("--audit", small / "audit")
    out = run("qda", "export", small / "out.qdpx", *where)
    assert out.exit_code == 0, out.output
    assert "23 answers, " in out.output
    assert "0 decided by people" in out.output
    project = Qdpx(small / "out.qdpx")
    project.add_code("Rota")
    project.add_coding(project.source("I can rely"), "Rota", "EF")
    project.save(small / "back.qdpx")
    shown = run("qda", "import", small / "back.qdpx", "--preview", *where)
    assert "1 answer would be decided (EF 1)." in shown.output
    assert "Nothing was changed." in shown.output
    assert held(small) == set()
    done = run("qda", "import", small / "back.qdpx", *where)
    assert done.exit_code == 0, done.output
    assert "1 answer decided (EF 1)." in done.output
    assert 'T13 "Rota" is new.' in done.output
    again = run("qda", "import", small / "back.qdpx", *where)
    assert "Nothing was changed: the audit has all of it." in again.output
    for result in (out, shown, done, again):
        assert all(len(line) <= 80 for line in result.output.splitlines() if "/" not in line)
        assert "rely on him" not in result.output
    runs_made = audit_of(small).store.rows("SELECT * FROM runs WHERE command = 'qda import'")
    assert len(runs_made) == 1


def test_import_without_an_audit(tmp_path: Path) -> None:
    result = run("qda", "import", tmp_path / "x.qdpx", "--audit", tmp_path)
    assert result.exit_code == 2
    assert "There is no audit" in result.output
