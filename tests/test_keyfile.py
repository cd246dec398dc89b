from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from auditkit.errors import AuditkitError, Refused
from auditkit.keyfile import KeyFile, default_path, refuse_beside


def test_codes_are_kept_and_tell_nothing_of_the_name(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "keys" / "key.csv")
    code = key.code("Dr  Ada Byron")
    assert key.code("dr ada BYRON") == code
    assert key.code("Grace Hopper") != code
    assert key.save(tmp_path / "audit")
    again = KeyFile(tmp_path / "keys" / "key.csv", must_exist=True)
    assert again.code("Dr Ada Byron") == code
    assert not again.save(tmp_path / "audit")
    assert KeyFile(tmp_path / "other.csv").code("Dr Ada Byron") != code
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "keys" / "key.csv").stat().st_mode) == 0o600


@pytest.mark.parametrize("inside", ["key.csv", "out/key.csv", "../audit/key.csv"])
def test_never_beside_the_answers(tmp_path: Path, inside: str) -> None:
    (tmp_path / "audit" / "out").mkdir(parents=True)
    key = KeyFile(tmp_path / "audit" / inside)
    key.code("Ada Byron")
    with pytest.raises(Refused) as caught:
        key.save(tmp_path / "audit")
    assert caught.value.exit_code == 3
    assert "--key" in caught.value.fix
    assert not list((tmp_path / "audit").rglob("*.csv"))


def test_a_link_into_the_audit_does_not_help(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    try:
        (tmp_path / "elsewhere").symlink_to(tmp_path / "audit", target_is_directory=True)
    except OSError:
        pytest.skip("no symbolic links here")
    with pytest.raises(Refused):
        KeyFile(tmp_path / "elsewhere" / "key.csv").refuse_inside(tmp_path / "audit")


def test_a_lost_key_is_an_error_only_where_names_are_met(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "gone.csv", must_exist=True)
    assert not key.save(tmp_path / "audit")
    with pytest.raises(AuditkitError, match="is missing") as caught:
        key.code("Ada Byron")
    assert "Ada" not in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.csv").write_bytes(content)
    with pytest.raises(AuditkitError, match="cannot be read as a key file"):
        KeyFile(tmp_path / "key.csv")


@pytest.mark.parametrize(
    ("system", "part"), [("linux", ".local/share"), ("darwin", "Application Support"), ("win32", "Roaming")]
)
def test_the_key_lies_in_the_users_data_folder(system: str, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", system)
    path = default_path("abcd")
    assert part in path.as_posix()
    assert path.name == "key-abcd.csv"


def test_an_output_is_not_written_beside_the_key(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "keys" / "key.csv")
    audit = tmp_path / "audit"
    key.refuse_inside(audit, audit / "out" / "themes.csv", tmp_path / "elsewhere.csv")
    with pytest.raises(Refused, match=r"folder into which themes\.csv"):
        key.refuse_inside(audit, tmp_path / "keys" / "themes.csv")


def test_a_key_that_is_a_link_counts_in_both_places(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "key.csv").write_text("code,original\n", encoding="utf-8")
    try:
        (tmp_path / "audit" / "key.csv").symlink_to(tmp_path / "far" / "key.csv")
        (tmp_path / "near.csv").symlink_to(tmp_path / "audit" / "key.csv")
    except OSError:
        pytest.skip("no symbolic links here")
    with pytest.raises(Refused):
        refuse_beside(tmp_path / "audit" / "key.csv", tmp_path / "audit", what="The key file", fix="")
    refuse_beside(tmp_path / "near.csv", tmp_path / "audit", what="The key file", fix="")
    with pytest.raises(Refused):
        refuse_beside(tmp_path / "near.csv", tmp_path / "far", what="The key file", fix="")


def test_relative_paths_and_other_case_are_seen_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for audit, key in (("audit", "./audit/key.csv"), ("Audit", "audit/KEYS/key.csv"), (".", "x/../key.csv")):
        with pytest.raises(Refused):
            refuse_beside(Path(key), Path(audit), what="The key file", fix="")


def test_folders_that_differ_in_case_only_are_two_where_the_system_says_so(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "AUDIT").mkdir(exist_ok=True)
    if (tmp_path / "audit").samefile(tmp_path / "AUDIT"):
        pytest.skip("one folder here")
    refuse_beside(tmp_path / "AUDIT" / "roster.xlsx", tmp_path / "audit", what="The roster", fix="")


def test_the_rosters_code_wins_in_every_spelling_and_its_names_are_not_written(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "key.csv")
    key.know([("P-07-D", ["Ada Byron", "ada@x.uk", "Liz"]), ("", ["Grace Hopper", "grace@x.uk"]), ("P-9", ["Liz"])])
    assert {key.code(name) for name in ("Dr Ada Byron", "BYRON, Ada", "ada@x.uk")} == {"P-07-D"}
    code = key.code("grace@x.uk")
    assert code.startswith("R-")
    assert key.code("grace hopper") == key.known("Prof Grace Hopper") == code
    assert key.known("Liz") == ""  # two people are called so
    assert key.code("Liz") not in ("P-07-D", "P-9")
    other = KeyFile(tmp_path / "other.csv")
    other.know([("P-07-D", ["Ada Byron", "ada@x.uk"]), ("P-07-M", ["Alan Turing"])])
    other.code("ada@x.uk")
    other.save(tmp_path / "audit")
    assert (tmp_path / "other.csv").read_text(encoding="utf-8") == "code,original,replaces\nP-07-D,ada@x.uk,\n"
    assert KeyFile(tmp_path / "other.csv").code("ada@x.uk") == "P-07-D"  # also without the roster


def test_a_code_given_before_the_roster_is_known_to_be_the_same_person(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "key.csv")
    old, by_mail = key.code("Ada Byron"), key.code("ada@x.uk")
    key.save(tmp_path / "audit")
    key = KeyFile(tmp_path / "key.csv")
    assert key.same() == {}
    key.know([("P-07-D", ["Ada Byron", "ada@x.uk"])])
    assert key.same() == dict(sorted({old: "P-07-D", by_mail: "P-07-D"}.items()))
    key.save(tmp_path / "audit")
    assert KeyFile(tmp_path / "key.csv").same() == key.same()
    key.know([("P-07-D", ["Ada Byron"]), (old, ["Alan Turing"])])  # the old code is somebody else's now
    assert old not in key.same()


def test_two_codes_of_one_person_without_a_code_in_the_roster_become_one(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "key.csv")
    codes = {name: key.code(name) for name in ("ada@x.uk", "Ada Byron")}
    key.know([("", ["Ada Byron", "ada@x.uk"])])
    kept, gone = codes["Ada Byron"], codes["ada@x.uk"]
    assert (key.code("ada@x.uk"), key.same()) == (kept, {gone: kept})


def test_near_codes_tell_nothing_of_the_names(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "key.csv")
    before = [key.code(name) for name in ("j.smith@trust.uk", "jane.smith@trust.uk")]
    after = [key.code(name) for name in ("john.smith@trust.uk", "Jane Smith", "ada@x.uk")]
    found = key.near(before, [*after, "Z-99"])
    fits = "a name and an e-mail address that fits it"
    assert {(one.before, one.after): one.why for one in found} == {
        (before[0], after[0]): "an initial or a short form for a first name",
        (before[0], after[1]): fits,
        (before[1], after[1]): fits,
    }
    likeness = {(one.before, one.after): one.likeness for one in found}
    assert likeness[before[1], after[1]] > likeness[before[0], after[1]]
    assert not any(word in repr(found).casefold() for word in ("smith", "jane", "john", "trust"))
