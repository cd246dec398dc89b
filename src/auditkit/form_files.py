"""Forms as files: Word for paper or e-mail, plain text to paste into Microsoft Forms or Google Forms."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.forms import Form, Question, Section

if TYPE_CHECKING:
    from docx.document import Document

FONT = "Arial"
HEAD, PALE, GREY, LINE = "0F4C81", "E8F0F7", "5A6670", "A9B6C0"
TEXT_WIDTH = 16.8  # cm, on A4 with margins of 2 cm
THANKS = "We know that your time is short, and are grateful for your answers."
CELL_MARGIN = 108  # twentieths of a point, Word's own: without it a table's line stands left of the text
BOX = "\u2610"
TICKED = "\u2612"


def word(path: Path, form: Form) -> None:
    """Write a form as a Word document: A4, British English, boxes to click or to tick with a pen."""
    import docx

    document = docx.Document()
    _set_up(document, form)
    document.add_paragraph(form.title, style="Title")
    document.add_paragraph(form.subtitle, style="Subtitle")
    for heading, paragraphs in form.about:
        document.add_heading(heading, level=2)
        for text in paragraphs:
            _runs(document.add_paragraph(), text)
    for number, section in enumerate(form.sections, start=1):
        document.add_heading(f"{number}. {section.title}", level=1)
        for text in filter(None, section.intro.split("\n")):
            _together(document.add_paragraph(text))
        if section.stem:
            _grid(document, section)
        else:
            _list(document, section.questions)
    document.add_heading("Thank you", level=1)
    for text in filter(None, (THANKS, form.note)):
        document.add_paragraph(text)
    document.save(str(path))


def text(form: Form) -> str:
    """A form as plain text: numbered questions with their type, rows and options, ready to be pasted."""
    lines = [form.title, form.subtitle, "=" * 78, *textwrap.wrap(_HOW_TO_PASTE, 78), ""]
    lines += ["TEXT ABOVE THE QUESTIONS", "-" * 78]
    for heading, paragraphs in form.about:
        lines += [heading, *paragraphs, ""]
    number = 0
    for section in form.sections:
        lines += [f"SECTION: {section.title}", "-" * 78]
        lines += filter(None, section.intro.split("\n"))
        lines += [""] if section.intro else []
        if section.stem:
            number += 1
            lines += _likert(number, section)
            continue
        for question in section.questions:
            if question.code == "answered_on":
                continue  # the tool notes when it was answered
            number += 1
            lines += _numbered(number, question)
    lines += ["TEXT AFTER THE QUESTIONS", "-" * 78, *filter(None, (THANKS, form.note))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


_HOW_TO_PASTE = (
    "For the organiser. Make a new form in Microsoft Forms or Google Forms and paste the questions below one by one. "
    "Keep the wording of questions, rows and options exactly as it is: auditkit knows the columns of the export by "
    "it. Leave out the number before a question; the tool sets its own. Turn off the recording of names and e-mail "
    "addresses (Microsoft Forms: Settings, Record name; Google Forms: Settings, Collect email addresses). Fill in what "
    "stands in [square brackets]. Export the answers as Excel or CSV, one form a file."
)


def _likert(number: int, section: Section) -> list[str]:
    return [
        f"{number}. {section.stem}",
        "   Type: Likert (Microsoft Forms) or Multiple choice grid (Google Forms)",
        "   Required: no",
        "   Options (columns):",
        *(f"     {option}" for option in section.questions[0].options),
        "   Rows (statements):",
        *(f"     {question.text}" for question in section.questions),
        "",
    ]


def _numbered(number: int, question: Question) -> list[str]:
    limit = f" from 0 to {question.limit}" if question.limit else ""
    kind = {"open": "Long answer", "fact": f"Short answer, a number{limit}"}.get(question.kind, "Short answer")
    lines = [f"{number}. {question.text}", f"   Type: {'Choice, one answer' if question.options else kind}"]
    lines.append(f"   Required: {'yes' if question.required else 'no'}")
    if question.help:
        lines.append(f"   Subtitle: {question.help}")
    if question.options:
        lines += ["   Options:", *(f"     {option}" for option in question.options)]
    return [*lines, ""]


def _set_up(document: Document, form: Form) -> None:
    import datetime

    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    properties = document.core_properties
    properties.title = f"{form.title}: {form.subtitle}"
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.language = "en-GB"
    properties.created = properties.modified = datetime.datetime(2026, 1, 1)  # the same file each time it is made
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2)
    language = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    language.set(qn("w:val"), "en-GB")
    for name, size, before, after in (
        ("Normal", 11, 0, 6),
        ("Title", 22, 0, 2),
        ("Subtitle", 13, 0, 12),
        ("Heading 1", 15, 18, 6),
        ("Heading 2", 11.5, 8, 2),
    ):
        style: Any = document.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            del fonts.attrib[attribute]
        for script in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{script}"), FONT)
        style.font.size, style.font.italic = Pt(size), False
        style.font.color.rgb = RGBColor.from_string("000000" if name == "Normal" else HEAD)
        for spacing in list(style.element.rPr.iter(qn("w:spacing"))):
            spacing.getparent().remove(spacing)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    for border in document.styles["Title"].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        break
    foot = page.footer.paragraphs[0]
    _small(foot.add_run(f"{form.subtitle}   |   Page "))
    _field(foot, "PAGE")
    _small(foot.add_run(" of "))
    _field(foot, "NUMPAGES")


def _runs(paragraph: Any, text: str) -> None:
    """Text with what the organiser has to fill in marked."""
    from docx.enum.text import WD_COLOR_INDEX

    for part in re.split(r"(\[[^\]]+\])", text):
        run = paragraph.add_run(part)
        if part.startswith("["):
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _small(run: Any) -> Any:
    from docx.shared import Pt, RGBColor

    run.font.size, run.font.color.rgb = Pt(9), RGBColor.from_string(GREY)
    return run


def _field(paragraph: Any, name: str) -> None:
    """A field that the reading program fills in, such as the number of the page."""
    for tag, value in (
        ("fldChar", "begin"),
        ("instrText", name),
        ("fldChar", "separate"),
        ("t", "1"),
        ("fldChar", "end"),
    ):
        element = _element(f"w:{tag}")
        if tag == "fldChar":
            _set(element, "w:fldCharType", value)
        else:
            element.text = value
        _small(paragraph.add_run())._r.append(element)


def _grid(document: Document, section: Section) -> None:
    options = section.questions[0].options
    first, other = TEXT_WIDTH - 1.6 * len(options), 1.6
    table = _table(document, len(section.questions) + 1, [first, *[other] * len(options)])
    _repeat(table.rows[0])
    for place, (cell, option) in enumerate(zip(table.rows[0].cells, ("", *options), strict=True)):
        number = f"\n{place}" if 0 < place < len(options) and not option[:1].isdigit() else ""
        _head(cell, option + number).alignment = 1 if option else 0
        _narrow(cell)
    for row, question in zip(table.rows[1:], section.questions, strict=True):
        cells = row.cells
        cells[0].paragraphs[0].add_run(question.text)
        _small(cells[0].paragraphs[0].add_run(f" \u00a0{question.code}"))
        for cell in cells[1:]:
            cell.paragraphs[0].alignment = 1
            _tick_box(cell.paragraphs[0])
    _finish(table)


def _list(document: Document, questions: Sequence[Question]) -> None:
    for question in questions:
        asked = _together(document.add_paragraph())
        asked.paragraph_format.space_before = _points(8)
        asked.paragraph_format.space_after = _points(2)
        asked.add_run(question.text).bold = True
        if question.kind not in ("about", "consent"):
            _small(asked.add_run(f"  {question.code}"))
        if question.help:
            helped = _together(document.add_paragraph())
            helped.paragraph_format.space_after = _points(3)
            _small(helped.add_run(question.help))
        if question.options:
            _choices(document, question)
        else:
            _room(document, question)


def _choices(document: Document, question: Question) -> None:
    """The options one under another where they are long, else side by side."""
    side_by_side = sum(map(len, question.options)) + 6 * len(question.options) <= 75
    options = list(question.options)
    if question.kind == "rating" and not options[0][:1].isdigit():
        options = [*(f"{place} {option}" for place, option in enumerate(options[:-1], start=1)), options[-1]]
    groups = [options] if side_by_side else [[option] for option in options]
    for position, group in enumerate(groups):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = _points(2)
        paragraph.paragraph_format.keep_with_next = position < len(groups) - 1
        paragraph.paragraph_format.keep_together = True
        for option in group:
            _tick_box(paragraph)
            paragraph.add_run(f"\u00a0{option}".replace(" ", "\u00a0") + ("      " if side_by_side else ""))


def _room(document: Document, question: Question) -> None:
    """A box to write into: a line, or the height of a few sentences."""
    width, height = (TEXT_WIDTH, 3.2) if question.kind == "open" else (5.0, 0.8)
    table = _table(document, 1, [width])
    table.rows[0].height = round(height * 360_000)
    table.rows[0].height_rule = 1  # at least
    _finish(table)


def _table(document: Document, rows: int, widths: Sequence[float]) -> Any:
    """An empty table with thin lines, columns of these widths in cm, rows that do not split.

    Word takes a table's properties in one order only: indent, borders, layout.
    """
    from docx.oxml.ns import qn
    from docx.shared import Cm

    table = document.add_table(rows, len(widths))
    table.style = "Table Grid"
    table.autofit = False
    indent, borders = _element("w:tblInd"), _element("w:tblBorders")
    _set(indent, "w:w", str(CELL_MARGIN))
    _set(indent, "w:type", "dxa")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = _element(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            _set(line, f"w:{name}", value)
        borders.append(line)
    layout = table._tbl.tblPr.find(qn("w:tblLayout"))
    layout.addprevious(indent)
    layout.addprevious(borders)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)
            cell.vertical_alignment = 1
    return table


def _finish(table: Any) -> None:
    """Space inside the cells, and rows that stay with the next so that no row stands alone on a page."""
    last = len(table.rows) - 1
    for number, row in enumerate(table.rows):
        for cell in row.cells:
            spacing = cell.paragraphs[0].paragraph_format
            spacing.space_before = spacing.space_after = _points(3)
            spacing.keep_with_next = number in (0, last - 1) and number != last


def _head(cell: Any, text: str) -> Any:
    from docx.oxml.ns import qn

    shade = _element("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", PALE)):
        _set(shade, f"w:{name}", value)
    cell._tc.get_or_add_tcPr().find(qn("w:vAlign")).addprevious(shade)
    run = cell.paragraphs[0].add_run(text)
    run.bold, run.font.size = True, _points(8.5)
    return cell.paragraphs[0]


def _narrow(cell: Any) -> None:
    """Little space at the sides, so that a long word such as "disagree" stays whole."""
    from docx.oxml.ns import qn

    margins = _element("w:tcMar")
    for side in ("left", "right"):
        margin = _element(f"w:{side}")
        _set(margin, "w:w", "30")
        _set(margin, "w:type", "dxa")
        margins.append(margin)
    cell._tc.tcPr.find(qn("w:vAlign")).addprevious(margins)


def _repeat(row: Any) -> None:
    """Print a row again at the top of every page that the table reaches."""
    row._tr.get_or_add_trPr().append(_element("w:tblHeader"))


def _tick_box(paragraph: Any) -> None:
    """A box that a click ticks in Word and that a pen can tick on paper."""
    from docx.oxml import parse_xml

    spaces = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
    )
    font = '<w:rFonts w:ascii="MS Gothic" w:hAnsi="MS Gothic" w:eastAsia="MS Gothic" w:hint="eastAsia"/>'
    paragraph._p.append(
        parse_xml(
            f'<w:sdt {spaces}><w:sdtPr><w14:checkbox><w14:checked w14:val="0"/>'
            f'<w14:checkedState w14:val="{ord(TICKED):04X}" w14:font="MS Gothic"/>'
            f'<w14:uncheckedState w14:val="{ord(BOX):04X}" w14:font="MS Gothic"/></w14:checkbox></w:sdtPr>'
            f'<w:sdtContent><w:r><w:rPr>{font}<w:sz w:val="24"/></w:rPr><w:t>{BOX}</w:t></w:r></w:sdtContent></w:sdt>'
        )
    )


def _together(paragraph: Any) -> Any:
    paragraph.paragraph_format.keep_with_next = True
    return paragraph


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)


def _element(tag: str) -> Any:
    from docx.oxml import OxmlElement

    return OxmlElement(tag)


def _set(element: Any, name: str, value: str) -> None:
    from docx.oxml.ns import qn

    element.set(qn(name), value)
