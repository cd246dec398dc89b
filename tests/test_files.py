from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditkit.errors import AuditkitError
from auditkit.files import replacing, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_is_utf8_with_plain_newlines_and_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"
    write_text(path, "Zoë — 3 ≥ 2\nsecond\n")
    assert path.read_bytes() == "Zoë — 3 ≥ 2\nsecond\n".encode()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_text_again_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_text(path, "one\n")
    os.utime(path, (1, 1))
    write_text(path, "one\n")
    assert path.stat().st_mtime == 1
    write_text(path, "two\n")
    assert path.stat().st_mtime > 1
    assert path.read_text(encoding="utf-8") == "two\n"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_text(path, "old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half of the new")
            raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        fail()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["page.html"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditkitError, match=r"page\.html cannot be written") as caught:
        write_text(tmp_path / "file" / "page.html", "text")
    assert "choose another place" in caught.value.fix


def test_a_file_that_is_open_elsewhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(AuditkitError, match="The process cannot access the file") as caught:
        write_text(tmp_path / "page.html", "text")
    assert "Close it in other programs" in caught.value.fix
    assert names(tmp_path) == []


def test_what_a_killed_process_left_is_cleared_away_later(tmp_path: Path) -> None:
    path = tmp_path / "a[1]*.html"
    left = tmp_path / ".writing-a[1]*.html-abc.html"
    fresh = tmp_path / ".writing-a[1]*.html-def.html"
    other = tmp_path / ".writing-b.html-abc.html"
    for file in (left, fresh, other):
        file.write_text("half")
    for file in (left, other):
        os.utime(file, (time.time() - 3600,) * 2)
    write_text(path, "whole")
    assert names(tmp_path) == sorted([path.name, fresh.name, other.name])


def test_a_disk_that_is_full_is_named_in_few_words(tmp_path: Path) -> None:
    """In a process of its own, whose files may not grow beyond 2 kB."""
    resource = pytest.importorskip("resource", reason="limits of POSIX")
    assert resource.RLIM_INFINITY
    (tmp_path / "old.xlsx").write_text("as it was")
    code = (
        "import resource, secrets, signal, sys; from pathlib import Path; import openpyxl\n"
        "from auditkit.errors import AuditkitError; from auditkit.files import save_book\n"
        "book = openpyxl.Workbook()\n"
        "for _ in range(int(sys.argv[1])): book.worksheets[0].append([secrets.token_hex(30)])\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try: save_book(book, Path('old.xlsx'))\n"
        "except AuditkitError as error: print(error.message)\n"
    )
    for rows in ("1", "5000"):
        done = subprocess.run(
            [sys.executable, "-c", code, rows], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.stdout.startswith("old.xlsx cannot be written: "), done.stderr
        assert done.stderr == ""
        assert (tmp_path / "old.xlsx").read_text() == "as it was"
        assert names(tmp_path) == ["old.xlsx"]
