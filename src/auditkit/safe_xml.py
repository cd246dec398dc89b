"""XML from somebody else: read without entities, without a network, and no deeper or larger than a person needs."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from auditkit.errors import AuditkitError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST = 100_000_000  # bytes
DEEPEST = 100  # levels
MOST = 2_000_000  # elements
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAYS_UTF_16 = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=[\"']utf-?16", re.IGNORECASE)


def read(data: bytes, name: str) -> Element:
    """The root element of a document; tags and attributes without their namespaces.

    ``name`` is what the file is called in an error. Raises AuditkitError where it is no XML, breaks off, brings
    a DOCTYPE (entities can blow up a small file and reach for others), or is larger than the limits above.
    """
    from xml.etree.ElementTree import TreeBuilder
    from xml.parsers import expat

    if len(data) > LARGEST:
        raise too_large(name, LARGEST)
    encoding = None
    if data.startswith(UTF_16):
        data, encoding = _decoded(data, name).encode("utf-8"), "utf-8"
    elif SAYS_UTF_16.match(data):  # as some programs write over what is UTF-8
        encoding = "utf-8"
    parser = expat.ParserCreate(encoding, namespace_separator="}")
    parser.buffer_text = True
    builder = TreeBuilder()
    depth = count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > DEEPEST:
            raise AuditkitError(
                f"{name}, line {parser.CurrentLineNumber}: nested deeper than {DEEPEST} levels.",
                f"Move codes up, so that none lies below more than {DEEPEST - 10} others; then save the file again.",
            )
        if count > MOST:
            raise AuditkitError(f"{name} has more than {MOST:,} elements.", "Take a part of it.")
        own_last = sorted(attributes, key=lambda key: "}" not in key)
        builder.start(_local(tag), {_local(key): attributes[key] for key in own_last})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(tag))

    def refuse(*_: object) -> None:
        raise AuditkitError(
            f"{name} has a DOCTYPE, which no such file needs and which can do harm.",
            "Export it again from the program that it comes from.",
        )

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise AuditkitError(
            f"{name}, line {error.lineno}: the XML is broken or breaks off there.",
            "Export it again from the program that it comes from.",
        ) from None
    except (LookupError, ValueError):
        raise _unknown_letters(name) from None
    return builder.close()


def writable(text: str) -> str:
    """A text without the signs that XML cannot hold."""
    return UNWRITABLE.sub("", text)


def too_large(name: str, limit: int) -> AuditkitError:
    """What is said of a file that is larger than it may be."""
    return AuditkitError(f"{name} is larger than {limit // 1_000_000:,} MB.", "Take a part of it.")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError:
        raise _unknown_letters(name) from None


def _unknown_letters(name: str) -> AuditkitError:
    return AuditkitError(f"{name}: its letters are in no encoding that can be read.", "Save it again in UTF-8.")
