"""Reading REFI-QDA files of any program: projects (.qdpx, .qde) and codebooks (.qdc).

A .qdpx is a zip with the project's XML and, under ``sources``, a file a text. Nothing of it is ever unpacked to
the disk, and no path outside it is followed.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from auditkit import safe_xml
from auditkit.errors import AuditkitError
from auditkit.qda import Case, Code, Coding, Project, Selection, Source, User, Variable, derived, one_newline, same_guid

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_FILES = 200_000
LARGEST_TEXT = 20_000_000  # bytes of one text
LARGEST_TEXTS = 200_000_000  # of all
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    IndexError,
)
TEXT_VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")
MEDIA = {"PictureSource": "pictures", "PDFSource": "PDF files", "AudioSource": "sound files", "VideoSource": "videos"}
BESIDES = {"Note": "notes (memos)", "Link": "links", "Set": "sets", "Graph": "graphs"}


def read_project(path: Path) -> Project:
    """A project with its texts, from .qdpx, or from a .qde alone, which has none.

    Raises AuditkitError, naming the file, where it is missing, is no such project, is broken, or holds more than
    the limits above.
    """
    if not path.is_file():
        raise AuditkitError(f"There is no file {path}.", "Check the name and the folder.")
    if not zipfile.is_zipfile(path):
        return _project(_root(_bytes(path), path.name, "Project"), {})
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, path.name)
            name = _qde(members, path.name)
            xml = _member(archive, members[name], f"{name} in {path.name}", safe_xml.LARGEST)
            root = _root(xml, f"{name} in {path.name}", "Project")
            return _project(root, _texts(archive, members, root, path.name))
    except UNREADABLE as error:
        raise _damaged(path.name, error) from None


def read_codes(path: Path) -> tuple[Code, ...]:
    """The codes of a codebook (.qdc) or project. Raises AuditkitError as ``read_project`` does."""
    if path.suffix.casefold() != ".qdc":
        return read_project(path).codes
    return _codes(_root(_bytes(path), path.name, "CodeBook"))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(safe_xml.LARGEST + 1)
    except OSError as error:
        raise AuditkitError(f"{path} cannot be read: {error.strerror}.", "Close it in other programs.") from None
    if not data.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<"):
        raise AuditkitError(
            f"{path.name} is no REFI-QDA file: neither a zip nor XML.",
            "Export the project as REFI-QDA (.qdpx), or the codebook as .qdc.",
        )
    return data


def _root(data: bytes, name: str, wanted: str) -> Element:
    root = safe_xml.read(data, name)
    if (root.tag, wanted) == ("CodeBook", "Project"):
        raise AuditkitError(
            f"{name} is a codebook and no project.", f"Use it as one: auditkit analyse FILE --codebook {name}"
        )
    if root.tag != wanted:
        raise AuditkitError(
            f"{name} is XML, but no <{wanted}>.",
            "Export the project as REFI-QDA (.qdpx), or the codebook as .qdc.",
        )
    return root


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """The files in a zip by their path with "/", without those that lead out of it."""
    found = archive.infolist()
    if len(found) > MOST_FILES:
        raise AuditkitError(f"{name} holds more than {MOST_FILES:,} files.", "Take a part of it.")
    members: dict[str, zipfile.ZipInfo] = {}
    for info in found:
        path = info.filename.replace("\\", "/")
        parts = PurePosixPath(path).parts
        if not info.is_dir() and ".." not in parts and not path.startswith("/") and ":" not in parts[0]:
            members.setdefault(path, info)
    return members


def _qde(members: Iterable[str], name: str) -> str:
    """The project's XML: project.qde in any case, else the only .qde there is."""
    found = [path for path in members if path.casefold().endswith(".qde") and "__MACOSX" not in path]
    top = [path for path in found if path.casefold() == "project.qde"] or [path for path in found if "/" not in path]
    chosen = top or found
    if not chosen:
        raise AuditkitError(f"{name} is a zip without project.qde.", "Export the project as REFI-QDA (.qdpx).")
    if len(chosen) > 1:
        raise AuditkitError(f"{name} holds {len(chosen)} projects.", "Export each project to a file of its own.")
    return chosen[0]


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limit: int) -> bytes:
    """The bytes of a file in a zip; what its header says of their number is not believed."""
    with archive.open(info) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise safe_xml.too_large(name, limit)
    return data


def _texts(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], root: Element, name: str
) -> dict[str, str]:
    """What the texts hold that the project names, by their "internal://" path; those that are missing left out."""
    by_name = {PurePosixPath(path).name.casefold(): info for path, info in members.items()}
    found: dict[str, str] = {}
    room = LARGEST_TEXTS
    for source in root.iterfind("Sources/TextSource"):
        path = source.get("plainTextPath", "")
        info = by_name.get(PurePosixPath(path.replace("\\", "/")).name.casefold())
        if path.casefold().startswith("internal:") and info is not None and path not in found:
            data = _member(archive, info, f"A text in {name}", LARGEST_TEXT)
            room -= len(data)
            if room < 0:
                raise safe_xml.too_large(f"What {name} holds as text", LARGEST_TEXTS)
            found[path] = _decoded(data)
    return found


def _decoded(data: bytes) -> str:
    """A text as it stands, line ends and all, without its byte order mark."""
    if data.startswith(safe_xml.UTF_16):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _project(root: Element, texts: Mapping[str, str]) -> Project:
    origin = root.get("origin", "")
    sources = [_source(one, texts, origin) for one in root.iterfind("Sources/TextSource")]
    return Project(
        name=root.get("name", ""),
        origin=origin,
        users=tuple(
            User(same_guid(user.get("guid", "")), (user.get("name") or user.get("id") or "").strip())
            for user in root.iterfind("Users/User")
        ),
        codes=_codes(root.find("CodeBook")),
        variables=tuple(
            Variable(same_guid(one.get("guid", "")), one.get("name", ""), one.get("typeOfVariable", "Text"))
            for one in root.iterfind("Variables/Variable")
        ),
        cases=tuple(
            Case(
                same_guid(one.get("guid", "")),
                one.get("name", ""),
                _values(one),
                tuple(same_guid(ref.get("targetGUID", "")) for ref in one.iterfind("SourceRef")),
            )
            for one in root.iterfind("Cases/Case")
        ),
        sources=tuple(sources),
        others=_others(root),
        at=root.get("creationDateTime", ""),
    )


def _codes(book: Element | None, above: tuple[str, ...] = ()) -> tuple[Code, ...]:
    """The codes below an element; they are no deeper than the XML may be. One without a guid gets one by its place."""
    found: list[Code] = []
    if book is None:
        return ()
    inside = book.find("Codes")
    for one in (book if inside is None else inside).iterfind("Code"):
        path = (*above, " ".join(one.get("name", "").split()))
        found.append(
            Code(
                guid=same_guid(one.get("guid", "")) or derived("code", *path, str(len(found))),
                name=path[-1],
                description=(one.findtext("Description") or "").strip(),
                is_codable=one.get("isCodable", "true").strip().casefold() not in ("false", "0"),
                codes=_codes(one, path),
            )
        )
    return tuple(found)


def _source(one: Element, texts: Mapping[str, str], origin: str) -> Source:
    content = one.findtext("PlainTextContent")
    raw = texts.get(one.get("plainTextPath", ""), content)
    is_coded = one.find("PlainTextSelection") is not None
    places = _places(raw, origin) if raw is not None and is_coded else None
    return Source(
        guid=same_guid(one.get("guid", "")),
        name=one.get("name", ""),
        text=None if raw is None else one_newline(raw),
        selections=tuple(_selection(found, places) for found in one.iterfind("PlainTextSelection")),
        codings=_codings(one, ""),
        values=_values(one),
        description=(one.findtext("Description") or "").strip(),
        changed_by=same_guid(one.get("modifyingUser", "")),
        at=one.get("creationDateTime", ""),
    )


def _selection(one: Element, places: Sequence[int] | None) -> Selection:
    """A selection with its offsets in code points of the text with single newlines.

    ``places``: for each offset that the program can mean, where that is.
    """
    start, end = (_whole(one.get(name, "")) for name in ("startPosition", "endPosition"))
    inside = True
    if places is not None:
        inside = 0 <= start < end < len(places)
        if inside:
            start, end = places[start], places[end]
    user = same_guid(one.get("creatingUser", "") or one.get("modifyingUser", ""))
    return Selection(same_guid(one.get("guid", "")), start, end, _codings(one, user), inside)


def _places(raw: str, origin: str) -> Sequence[int]:
    """For each offset into a text, as its program counts, the code point in the text with single newlines.

    The standard counts code points, and a line end is one. NVivo counts as Windows does: two for a sign beyond
    the basic plane, two for a line end that is written as two.
    """
    if not origin.casefold().startswith("nvivo"):
        return range(len(one_newline(raw)) + 1)
    places: list[int] = []
    place = 0
    for number, sign in enumerate(raw):
        places += [place] * (2 if ord(sign) > 0xFFFF else 1)
        place += sign != "\r" or raw[number + 1 : number + 2] != "\n"
    return [*places, place]


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


def _codings(one: Element, user: str) -> tuple[Coding, ...]:
    """The codings of a source or selection; who made them, if they do not say so themselves: ``user``."""
    found = []
    for coding in one.iterfind("Coding"):
        ref = coding.find("CodeRef")
        found.append(
            Coding(
                guid=same_guid(coding.get("guid", "")),
                code="" if ref is None else same_guid(ref.get("targetGUID", "")),
                user=same_guid(coding.get("creatingUser", "")) or user,
                at=coding.get("creationDateTime", ""),
            )
        )
    return tuple(found)


def _values(one: Element) -> dict[str, str]:
    found = {}
    for value in one.iterfind("VariableValue"):
        ref = value.find("VariableRef")
        text = next((child.text or "" for child in value if child.tag in TEXT_VALUES), "")
        if ref is not None and text.strip():
            found[same_guid(ref.get("targetGUID", ""))] = text.strip()
    return found


def _others(root: Element) -> dict[str, int]:
    """What is in a project besides, by what it is called, and the codings of what is no text."""
    found = {words: len(root.findall(f"Sources/{tag}")) for tag, words in MEDIA.items()}
    media = [source for tag in MEDIA for source in root.iterfind(f"Sources/{tag}")]
    found["codings in these"] = sum(1 for source in media for _ in source.iter("Coding"))
    found |= {words: len(root.findall(f"{tag}s/{tag}")) for tag, words in BESIDES.items()}
    return {words: number for words, number in found.items() if number}


def _damaged(name: str, error: Exception) -> AuditkitError:
    if isinstance(error, RuntimeError) and "password" in str(error):
        return AuditkitError(f"{name} has a password.", "Export the project without one.")
    return AuditkitError(f"{name} is damaged: its zip cannot be read.", "Export the project again.")
