"""A REFI-QDA project opened and edited with nothing but zipfile and ElementTree, as another program would."""

from __future__ import annotations

import uuid
import zipfile
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

NS = "{urn:QDA-XML:project:1.0}"


class Qdpx:
    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}
        self.root = ElementTree.fromstring(self.files.pop("project.qde"))

    def save(self, path: Path, *, qde: str = "project.qde", xml: bytes | None = None) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(qde, ElementTree.tostring(self.root) if xml is None else xml)
            for name, data in self.files.items():
                archive.writestr(name, data)
        return path

    def all(self, path: str) -> list[Element]:
        return self.root.findall("/".join(NS + part for part in path.split("/")))

    @property
    def sources(self) -> list[Element]:
        return self.all("Sources/TextSource")

    def text(self, source: Element) -> str:
        return self.files[f"sources/{source.get('plainTextPath', '').removeprefix('internal://')}"].decode("utf-8")

    def source(self, start: str, round_name: str = "baseline") -> Element:
        """The text that begins so, of a round."""
        (found,) = [
            one
            for one in self.sources
            if self.text(one).startswith(start) and one.get("name", "")[:4] == round_name[:4]
        ]
        return found

    @property
    def codes(self) -> dict[str, Element]:
        """All codes by their names."""
        return {str(code.get("name")): code for code in self.root.iter(f"{NS}Code")}

    @property
    def users(self) -> dict[str, str]:
        """Guid to name."""
        return {str(user.get("guid")): str(user.get("name")) for user in self.all("Users/User")}

    def set_codes(self, source: Element) -> set[tuple[str, str, str]]:
        """Name of the code, name of who set it, words of the selection."""
        names = {code.get("guid"): str(name) for name, code in self.codes.items()}
        text = self.text(source)
        return {
            (
                names[coding.find(f"{NS}CodeRef").get("targetGUID")],  # type: ignore[union-attr]
                self.users[str(coding.get("creatingUser"))],
                text[int(str(one.get("startPosition"))) : int(str(one.get("endPosition")))],
            )
            for one in source.findall(f"{NS}PlainTextSelection")
            for coding in one.findall(f"{NS}Coding")
        }

    def add_user(self, name: str) -> str:
        known = {known: guid for guid, known in self.users.items()}
        if name not in known:
            known[name] = str(uuid.uuid4())
            SubElement(self.all("Users")[0], f"{NS}User", guid=known[name], name=name)
        return known[name]

    def add_code(self, name: str, above: str = "", description: str = "") -> str:
        parent = self.codes[above] if above else self.all("CodeBook/Codes")[0]
        guid = str(uuid.uuid4())
        code = SubElement(parent, f"{NS}Code", guid=guid, name=name, isCodable="true")
        if description:
            SubElement(code, f"{NS}Description").text = description
        return guid

    def add_coding(self, source: Element, code: str, user: str, words: str = "") -> Element:
        """Set a code by name; on some words, else on the whole text."""
        text = self.text(source)
        start = text.index(words)
        place = {"startPosition": str(start), "endPosition": str(start + len(words or text))}
        selection = Element(f"{NS}PlainTextSelection", guid=str(uuid.uuid4()), **place)
        who = {"creatingUser": self.add_user(user)} if user else {}
        coding = SubElement(selection, f"{NS}Coding", guid=str(uuid.uuid4()), **who)
        SubElement(coding, f"{NS}CodeRef", targetGUID=str(self.codes[code].get("guid")))
        source.insert(1, selection)
        return selection

    def remove(self, source: Element, code: str = "", user: str = "") -> None:
        """Take codings away: of a code, of a user, or all."""
        guid = self.codes[code].get("guid") if code else ""
        for selection in source.findall(f"{NS}PlainTextSelection"):
            for coding in selection.findall(f"{NS}Coding"):
                is_code = not guid or coding.find(f"{NS}CodeRef").get("targetGUID") == guid  # type: ignore[union-attr]
                if is_code and (not user or self.users[str(coding.get("creatingUser"))] == user):
                    selection.remove(coding)
            if selection.find(f"{NS}Coding") is None:
                source.remove(selection)

    def value(self, element: Element, name: str) -> str:
        """The value that a case or source has of a variable."""
        guids = {variable.get("guid"): variable.get("name") for variable in self.all("Variables/Variable")}
        for value in element.findall(f"{NS}VariableValue"):
            if guids[value[0].get("targetGUID")] == name:
                return str(value[1].text)
        return ""
