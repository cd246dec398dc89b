from __future__ import annotations

from pathlib import Path

import pytest

from auditkit import config
from auditkit.config import Config
from auditkit.errors import AuditkitError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "audit.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert config.load(tmp_path / "audit.toml") == Config()


def test_saving_keeps_comments_and_every_other_line(tmp_path: Path) -> None:
    path = written(tmp_path, '# ours\n[compare]\nsesoi = 0.4  # agreed in May\n\n[columns]\n"My code" = "pair"\n')
    config.save(path, {"columns": {"Q1": "open"}, "ratings": {"low": 0, "high": 10}})
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ours\n[compare]\nsesoi = 0.4  # agreed in May\n")
    loaded = config.load(path)
    assert loaded.columns == {"My code": "pair", "Q1": "open"}
    assert (loaded.ratings.high, loaded.compare.sesoi) == (10, 0.4)


def test_saving_the_same_again_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    config.save(path, {"columns": {"Q1": "open"}})
    before = path.stat().st_mtime_ns
    config.save(path, {"columns": {"Q1": "open"}, "ratings": {}})
    assert path.stat().st_mtime_ns == before


def test_points_that_nobody_set_are_stretched_to_the_answer_scale() -> None:
    ten = Config().with_scale(0, 10)
    assert (ten.ratings.low, ten.ratings.high) == (0, 10)
    assert (ten.compare.sesoi, ten.compare.sd, ten.compare.gap_growth) == (1.25, 2.0, 2.5)
    assert ten.compare.low_mean == 5.0  # the middle, as 3 is of 1 to 5
    assert ten.compare.reliability == 0.8  # no points
    assert Config().compare.sesoi == 0.5


def test_points_that_somebody_set_stay_as_they_are() -> None:
    own = Config.model_validate({"ratings": {"reversed": ["Q9"]}, "compare": {"sesoi": 0.8}}).with_scale(1, 7)
    assert own.ratings.reversed == ["Q9"]
    assert own.compare.sesoi == 0.8
    assert own.compare.sd == pytest.approx(1.2)


def test_the_scale_written_down_gives_the_same_settings(tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    config.save(path, {"ratings": {"low": 0, "high": 10}})
    assert config.load(path).fingerprint() == Config().with_scale(0, 10).fingerprint()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[ratings]\nhihg = 5\n", 'ratings.hihg: there is no such setting. Did you mean "high"?'),
        ("[ratings]\nlow = 5\n", "ratings: low = 5 is not below high = 5"),
        (
            '[topics]\nengine = "top2vec"\n',
            'topics.engine: there is no engine "top2vec"; write auditkit, bertopic or module:function',
        ),
        ("[compare]\nreliability = 1\n", "compare.reliability: Input should be less than 1"),
    ],
)
def test_settings_that_cannot_be_used(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(AuditkitError, match="holds 1 setting that cannot be used") as error:
        config.load(written(tmp_path, text))
    assert error.value.details == (found,)


def test_settings_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    (tmp_path / "audit.toml").mkdir()
    with pytest.raises(AuditkitError, match=r"audit\.toml cannot be read: Is a directory"):
        config.load(tmp_path / "audit.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes('[programme]\nname = "Zoë"\n'.encode("latin-1"))
    for read in (config.load, config.unconfirmed, lambda path: config.save(path, {"columns": {"Q1": "open"}})):
        with pytest.raises(AuditkitError, match=r"latin\.toml cannot be read: it is no UTF-8 text"):
            read(latin)
