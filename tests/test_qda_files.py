"""REFI-QDA files that are broken, meant to do harm, or a codebook alone."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit import codebook, intake, qda, qda_files, runs, safe_xml
from auditkit.audit import Audit
from auditkit.errors import AuditkitError

REFI = Path(__file__).resolve().parents[2] / "shared" / "data" / "refi-qda"
needs_refi = pytest.mark.skipif(not REFI.exists(), reason="the real projects and codebooks are not here")

PROJECT = """<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="x" origin="somebody">
 <Users><User guid="U1" name="EF"/></Users>
 <CodeBook><Codes>
  <Code guid="C1" name="Trust" isCodable="true"><Code guid="C2" name="Promises" isCodable="true"/></Code>
 </Codes></CodeBook>
 <Sources><TextSource guid="S1" name="one" plainTextPath="internal://s1.txt">
  <PlainTextSelection guid="P1" startPosition="0" endPosition="4">
   <Coding guid="K1" creatingUser="U1"><CodeRef targetGUID="C2"/></Coding>
  </PlainTextSelection></TextSource></Sources>
</Project>
"""


def qdpx(path: Path, xml: str | bytes = PROJECT, files: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", xml)
        for name, data in (files or {"sources/s1.txt": b"We talk."}).items():
            archive.writestr(name, data)
    return path


def test_a_small_project_of_somebody(tmp_path: Path) -> None:
    project = qda_files.read_project(qdpx(tmp_path / "a.qdpx"))
    (source,) = project.sources
    assert (source.text, source.selections[0].codings[0].code) == ("We talk.", "c2")
    assert [(code.name, [one.name for one in above]) for code, above in qda.every_code(project.codes)] == [
        ("Trust", []),
        ("Promises", ["Trust"]),
    ]
    assert project.users == (qda.User("u1", "EF"),)


@pytest.mark.parametrize("levels", [2_000, 100_000])
@pytest.mark.parametrize("name", ["deep.qdc", "deep.qdpx"])
def test_codes_below_one_another_without_end(tmp_path: Path, levels: int, name: str) -> None:
    codes = '<Code guid="A" name="a" isCodable="true">' * levels + "</Code>" * levels
    if name.endswith(".qdc"):
        (tmp_path / name).write_text(f"<CodeBook><Codes>{codes}</Codes></CodeBook>")
    else:
        qdpx(tmp_path / name, f"<Project><CodeBook><Codes>{codes}</Codes></CodeBook></Project>")
    with pytest.raises(AuditkitError, match="nested deeper than 100 levels"):
        codebook.read(tmp_path / name)


def test_as_many_levels_as_may_be(tmp_path: Path) -> None:
    levels = safe_xml.DEEPEST - 2
    codes = "".join(f'<Code guid="{n}" name="code {n}" isCodable="true">' for n in range(levels)) + "</Code>" * levels
    (tmp_path / "a.qdc").write_text(f"<CodeBook><Codes>{codes}</Codes></CodeBook>")
    assert len(codebook.read(tmp_path / "a.qdc").themes) == levels


BOMB = '<!DOCTYPE p [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
REACHING = '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE p SYSTEM "http://127.0.0.1:9/x.dtd">'


@pytest.mark.parametrize("doctype", [BOMB, REACHING, REMOTE])
def test_entities_are_refused_before_they_are_read(tmp_path: Path, doctype: str) -> None:
    xml = f'<?xml version="1.0"?>{doctype}<Project name="&a;"/>'
    (tmp_path / "a.qdc").write_text(xml.replace("Project", "CodeBook"))
    for path in (qdpx(tmp_path / "a.qdpx", xml), tmp_path / "a.qdc"):
        with pytest.raises(AuditkitError, match="has a DOCTYPE"):
            qda_files.read_codes(path)


def test_a_zip_that_blows_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qda_files, "LARGEST_TEXT", 1_000_000)
    monkeypatch.setattr(safe_xml, "LARGEST", 1_000_000)
    zeros = b" " * 5_000_000
    with pytest.raises(AuditkitError, match=r"A text in a\.qdpx is larger than 1 MB"):
        qda_files.read_project(qdpx(tmp_path / "a.qdpx", files={"sources/s1.txt": zeros}))
    with pytest.raises(AuditkitError, match=r"project\.qde in b\.qdpx is larger than 1 MB"):
        qda_files.read_project(qdpx(tmp_path / "b.qdpx", zeros))
    (tmp_path / "c.qdc").write_bytes(b"<CodeBook>" + zeros)
    with pytest.raises(AuditkitError, match=r"c\.qdc is larger than 1 MB"):
        qda_files.read_codes(tmp_path / "c.qdc")
    monkeypatch.setattr(qda_files, "LARGEST_TEXTS", 5)
    with pytest.raises(AuditkitError, match="is larger than"):
        qda_files.read_project(qdpx(tmp_path / "d.qdpx"))


def test_the_size_that_a_zip_claims_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qda_files, "LARGEST_TEXT", 1_000)
    path = qdpx(tmp_path / "a.qdpx", files={"sources/s1.txt": b"x" * 5_000})
    size = (5_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(AuditkitError, match=r"damaged|larger than"):
        qda_files.read_project(path)


def test_more_elements_than_anybody_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_xml, "MOST", 20)
    with pytest.raises(AuditkitError, match="more than 20 elements"):
        qda_files.read_project(qdpx(tmp_path / "a.qdpx", f"<Project><Sources>{'<X/>' * 30}</Sources></Project>"))
    monkeypatch.setattr(qda_files, "MOST_FILES", 1)
    with pytest.raises(AuditkitError, match="more than 1 files"):
        qda_files.read_project(qdpx(tmp_path / "b.qdpx"))


@pytest.mark.parametrize(
    "name", ["../s1.txt", "sources/../../s1.txt", "/s1.txt", "C:/s1.txt", "..\\s1.txt", "sources/x/../s1.txt"]
)
def test_paths_that_lead_out_of_a_zip_are_not_there(tmp_path: Path, name: str) -> None:
    (tmp_path / "s1.txt").write_text("Outside.")
    folder = tmp_path / "in"
    folder.mkdir()
    path = qdpx(folder / "a.qdpx", files={name: b"We talk."})
    assert qda_files.read_project(path).sources[0].text is None
    assert sorted(folder.iterdir()) == [path], "nothing is ever unpacked"


@pytest.mark.parametrize(
    "path", ["absolute:///etc/passwd", "relative:///s1.txt", "file:///etc/passwd", "http://127.0.0.1/s1.txt"]
)
def test_texts_outside_of_the_zip_are_not_read(tmp_path: Path, path: str) -> None:
    project = qdpx(tmp_path / "a.qdpx", PROJECT.replace("internal://s1.txt", path))
    assert qda_files.read_project(project).sources[0].text is None


def broken(name: str) -> tuple[bytes, str]:
    good = io.BytesIO()
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("project.qde", PROJECT)
    many, no_project, locked = io.BytesIO(), io.BytesIO(), bytearray(good.getvalue())
    with zipfile.ZipFile(many, "w") as archive:
        archive.writestr("a.qde", PROJECT)
        archive.writestr("b.qde", PROJECT)
    with zipfile.ZipFile(no_project, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    for place in (locked.index(b"PK\x03\x04") + 6, locked.index(b"PK\x01\x02") + 8):
        locked[place] |= 1
    kinds = {
        "empty": (b"", "no REFI-QDA file"),
        "text": (b"We talk.", "no REFI-QDA file"),
        "picture": (b"\x89PNG\r\n\x1a\n" + bytes(500), "no REFI-QDA file"),
        "a page": (b"<html><body>Sign in</body></html>", "no <Project>"),
        "cut-off zip": (good.getvalue()[:-30], "no REFI-QDA file"),
        "cut-off xml": (PROJECT[:-40].encode(), "line 10: the XML is broken or breaks off"),
        "two projects": (many.getvalue(), "holds 2 projects"),
        "a Word file": (no_project.getvalue(), "without project.qde"),
        "a password": (bytes(locked), "has a password"),
        "strange letters": (b"<?xml version='1.0' encoding='utf-7'?><Project/>", "in no encoding"),
        "half of UTF-16": (b"\xff\xfe<\x00P\xd8", "in no encoding"),
    }
    return kinds[name]


KINDS = ["empty", "text", "picture", "a page", "cut-off zip", "cut-off xml", "two projects", "a Word file"]


@pytest.mark.parametrize("kind", [*KINDS, "a password", "strange letters", "half of UTF-16"])
def test_what_is_no_project(tmp_path: Path, kind: str) -> None:
    data, said = broken(kind)
    path = tmp_path / "a.qdpx"
    path.write_bytes(data)
    with pytest.raises(AuditkitError, match=said) as told:
        qda_files.read_project(path)
    assert "a.qdpx" in told.value.message
    assert told.value.fix


def test_an_entry_of_the_zip_without_a_name_is_refused(tmp_path: Path) -> None:
    path = qdpx(tmp_path / "a.qdpx")
    with zipfile.ZipFile(path) as archive:
        name = archive.namelist()[0].encode()
    data = bytearray(path.read_bytes())
    data[data.rindex(name)] = 0
    path.write_bytes(data)
    with pytest.raises(AuditkitError, match=r"a\.qdpx"):
        qda_files.read_project(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), byte=st.integers(0, 255), cut=st.booleans(), raw=st.booleans())
def test_a_file_with_a_wrong_byte_is_read_or_refused(
    tmp_path: Path, place: float, byte: int, cut: bool, raw: bool
) -> None:
    whole = qdpx(tmp_path / "a.qdpx")
    data = bytearray(PROJECT.encode() if raw else whole.read_bytes())
    number = int(place * (len(data) - 1))
    data[number] = byte
    broken_one = tmp_path / "b.qdpx"
    broken_one.write_bytes(data[:number] if cut else data)
    with contextlib.suppress(AuditkitError):  # and nothing else
        qda_files.read_project(broken_one)


# codebooks


QDC = """<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="urn:QDA-XML:codebook:0:4" origin="ATLAS.ti Win 9.0.19"><Codes>
 <Code guid="{A1}" name="Culture" isCodable="false">
  <Code guid="A2" name="Trust; in each other" isCodable="true">
   <Description>Relying on each other.\r\n\r\nIncludes: promises\r\nExcluded: respect</Description>
   <Code guid="A3" name="other" isCodable="true"/>
   <Code guid="A7" name="trust; in each other (Problem)" isCodable="true"/>
  </Code>
  <Code guid="A4" name="Talk"/>
 </Code>
 <Code guid="A5" name="other" isCodable="1"/>
 <Code guid="A6" name="none" isCodable="true"/>
</Codes><Sets><Set guid="B1" name="mine"/></Sets></CodeBook>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_codebook_of_another_program(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "Book.QDC"
    path.write_bytes(QDC.encode(encoding))
    found = codebook.read(path, taken=["T07"])
    told = [(t.id, t.label, t.parent, t.definition, t.include, t.exclude) for t in found.themes]
    assert told == [
        ("T08", "Trust, in each other", "Culture", "Relying on each other.", "promises", "respect"),
        ("T09", "Trust, in each other: other", "Trust, in each other", "", "", ""),
        ("T10", "Talk", "Culture", "", "", ""),
        ("T11", "other", "", "", "", ""),
    ]
    assert {theme.status for theme in found.themes} == {"accepted"}


def test_a_codebook_goes_out_and_comes_back_but_for_its_statements(tmp_path: Path) -> None:
    book = codebook.default()
    themes = [dataclasses.replace(book.themes[0], parent="T02"), *book.themes[1:]]
    themes[4] = dataclasses.replace(themes[4], parent="Culture")
    themes[5] = dataclasses.replace(themes[5], status="retired")
    codebook.write(tmp_path / "a.qdc", dataclasses.replace(book, themes=tuple(themes)))
    found = {theme.id: theme for theme in codebook.read(tmp_path / "a.qdc").themes}
    assert set(found) == {theme.id for theme in book.themes} - {"T06"}
    for theme in (theme for theme in themes if theme.id != "T06"):
        for name in ("label", "definition", "include", "exclude"):
            assert getattr(found[theme.id], name) == getattr(theme, name)
    assert (found["T01"].parent, found["T05"].parent) == ("Communication", "Culture")
    assert not found["T01"].statements_good
    before = (tmp_path / "a.qdc").read_bytes()
    codebook.write(tmp_path / "a.qdc", dataclasses.replace(book, themes=tuple(themes)))
    assert (tmp_path / "a.qdc").read_bytes() == before


def test_what_a_codebook_file_of_codes_cannot_hold(tmp_path: Path) -> None:
    book = codebook.default()
    with pytest.raises(AuditkitError, match="no room for suggested themes"):
        codebook.write(tmp_path / "a.qdc", book, [codebook.Theme("S01", "leave", status="suggested")])
    retired = dataclasses.replace(book, themes=(dataclasses.replace(book.themes[0], status="retired"),))
    with pytest.raises(AuditkitError, match="no accepted theme"):
        codebook.write(tmp_path / "a.qdc", retired)
    (tmp_path / "b.qdc").write_text("<CodeBook><Codes/></CodeBook>")
    with pytest.raises(AuditkitError, match="holds no code"):
        codebook.read(tmp_path / "b.qdc")
    (tmp_path / "c.qdc").write_text('<CodeBook><Codes><Code name="a"/><Code name="A"/></Codes></CodeBook>')
    with pytest.raises(AuditkitError, match='code 2: the label "A" is also in code 1'):
        codebook.read(tmp_path / "c.qdc")


def test_an_audit_is_analysed_with_a_codebook_of_codes(tmp_path: Path) -> None:
    from conftest import write_round

    (tmp_path / "mine.qdc").write_text(QDC, encoding="utf-8")
    sheet = write_round(tmp_path, "baseline")
    audit = Audit(tmp_path / "audit")
    options = intake.Options(codebook=tmp_path / "mine.qdc")
    runs.analyse(audit, [sheet], options, lambda *_: None)
    kept = codebook.read(tmp_path / "audit" / "codebook.xlsx")
    assert kept.accepted[0].label == "Trust, in each other"
    assert set(audit.load_round("baseline").codings["theme"]) <= {"T01", "T02", "T03", "T04"}


@needs_refi
def test_codebooks_that_nobody_here_made() -> None:
    found = codebook.read(REFI / "codebooks" / "portableQDA_Atlasti.qdc")
    assert [(t.label, t.parent) for t in found.themes] == [
        ("code2", ""),
        ("code1", ""),
        ("code1.1", "code1"),
        ("code:3.1", "code3"),
    ]
    with pytest.raises(AuditkitError, match="line 17: the XML is broken or breaks off there"):
        codebook.read(REFI / "codebooks" / "atlasti23_corrupted_xml_from_requal_tests.qdc")


@needs_refi
@pytest.mark.parametrize(
    ("name", "themes", "first"),
    [
        ("nvivo12_covid_vaccine_hu/oltas_teszt_handles_masked.qdpx", 151, "1. Oltás típusa"),
        ("atlasti_standard_project/TestProject.qdpx", 14, "happiness"),
        ("atlasti_standard_project/Project.qde", 14, "happiness"),
    ],
)
def test_codebooks_of_projects_that_nobody_here_made(name: str, themes: int, first: str) -> None:
    found = codebook.read(REFI / name)
    assert (len(found.accepted), found.themes[0].label) == (themes, first)


def test_words_for_poles_are_those_of_review_sheets() -> None:
    from auditkit import poles, theme_cells

    words: dict[str, Any] = {words: pole for pole, words in poles.WORDS.items() if pole}
    assert words == qda.POLES
    assert all(theme_cells.POLES[word] == pole for word, pole in qda.POLES.items())
    assert qda.NONE == theme_cells.NONE
