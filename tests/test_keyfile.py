from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from auditkit.errors import AuditkitError, Refused
from auditkit.keyfile import KeyFile, default_path


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
