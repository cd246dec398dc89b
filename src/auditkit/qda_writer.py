"""Writing REFI-QDA files, valid against its schema: projects (.qdpx) and codebooks (.qdc)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit import __version__, safe_xml
from auditkit.files import replacing
from auditkit.qda import Code, Coding, Project, Source

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PROJECT, CODEBOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"
ORIGIN = f"auditkit {__version__}"
FOLDER = "sources"  # as the standard spells it; some programs find no other
WHEN = (1980, 1, 1, 0, 0, 0)  # of every file in the zip, so that bytes repeat


def write_project(path: Path, project: Project) -> None:
    """Write a project as .qdpx, valid against the schema of REFI-QDA, whole or not at all; the same bytes again.

    Every source has a text. It goes into the zip as UTF-8 without a mark and with one newline a line end, as
    most programs count; codings of a source as a whole are written as they are.
    """
    xml = _written(_project_xml(project))
    with replacing(path) as temporary:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            _add(archive, "project.qde", xml)
            for source in project.sources:
                _add(archive, f"{FOLDER}/{source.guid}.txt", (source.text or "").encode("utf-8", "replace"))
        temporary.write_bytes(content.getvalue())


def write_codes(path: Path, codes: Sequence[Code]) -> None:
    """Write a codebook as .qdc, whole or not at all."""
    from xml.etree.ElementTree import Element

    root = Element("CodeBook", {"xmlns": CODEBOOK, "origin": ORIGIN})
    _codes_xml(_child(root, "Codes"), codes)
    with replacing(path) as temporary:
        temporary.write_bytes(_written(root))


def _written(root: Element) -> bytes:
    from xml.etree import ElementTree

    ElementTree.indent(root, " ")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, WHEN)
    info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
    archive.writestr(info, data)


def _project_xml(project: Project) -> Element:
    from xml.etree.ElementTree import Element

    root = Element("Project", {"xmlns": PROJECT, "name": _one_line(project.name), "origin": project.origin})
    if project.at:
        root.set("creationDateTime", _utc(project.at))
    for user in project.users:
        _child(_under(root, "Users"), "User", guid=user.guid, name=user.name)
    if project.codes:
        _codes_xml(_child(_child(root, "CodeBook"), "Codes"), project.codes)
    kinds = {one.guid: one.kind for one in project.variables}
    for one in project.variables:
        _child(_under(root, "Variables"), "Variable", guid=one.guid, name=one.name, typeOfVariable=one.kind)
    for case in project.cases:
        element = _child(_under(root, "Cases"), "Case", guid=case.guid, name=case.name)
        _values_xml(element, case.values, kinds)
        for guid in case.sources:
            _child(element, "SourceRef", targetGUID=guid)
    for source in project.sources:
        _source_xml(_under(root, "Sources"), source, kinds)
    return root


def _codes_xml(parent: Element, codes: Sequence[Code]) -> None:
    for code in codes:
        codable = "true" if code.is_codable else "false"
        element = _child(parent, "Code", guid=code.guid, name=code.name, isCodable=codable)
        if code.description:
            _child(element, "Description").text = safe_xml.writable(code.description)
        _codes_xml(element, code.codes)


def _source_xml(parent: Element, source: Source, kinds: Mapping[str, str]) -> None:
    path = f"internal://{source.guid}.txt"
    element = _child(parent, "TextSource", guid=source.guid, name=source.name, plainTextPath=path)
    _signed(element, source.changed_by, source.at)
    if source.changed_by:
        element.set("modifyingUser", source.changed_by)
    if source.description:
        _child(element, "Description").text = safe_xml.writable(source.description)
    for one in source.selections:
        place = {"startPosition": str(one.start), "endPosition": str(one.end)}
        selection = _child(element, "PlainTextSelection", guid=one.guid, name="", **place)
        if one.codings:  # QualCoder hears from the selection alone who set its codes
            _signed(selection, one.codings[0].user, one.codings[0].at)
        _codings_xml(selection, one.codings)
    _codings_xml(element, source.codings)
    _values_xml(element, source.values, kinds)


def _codings_xml(parent: Element, codings: Sequence[Coding]) -> None:
    for coding in codings:
        element = _child(parent, "Coding", guid=coding.guid)
        _signed(element, coding.user, coding.at)
        _child(element, "CodeRef", targetGUID=coding.code)


def _values_xml(parent: Element, values: Mapping[str, str], kinds: Mapping[str, str]) -> None:
    for variable, value in values.items():
        element = _child(parent, "VariableValue")
        _child(element, "VariableRef", targetGUID=variable)
        _child(element, f"{kinds[variable]}Value").text = safe_xml.writable(value)


def _signed(element: Element, user: str, at: str) -> None:
    for name, value in (("creatingUser", user), ("creationDateTime", _utc(at))):
        if value:
            element.set(name, value)


def _utc(at: str) -> str:
    """A time as these programs write it, with a Z."""
    return at.replace("+00:00", "Z")


def _under(root: Element, tag: str) -> Element:
    """The element of this name below the root, made where there is none."""
    found = root.find(tag)
    return _child(root, tag) if found is None else found


def _child(parent: Element, tag: str, **attributes: str) -> Element:
    from xml.etree.ElementTree import SubElement

    return SubElement(parent, tag, {name: _one_line(value) for name, value in attributes.items()})


def _one_line(text: str) -> str:
    return " ".join(safe_xml.writable(text).split())
