from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import sqlite3
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from auditkit import encoder
from auditkit.encoder import Encoder
from auditkit.errors import AuditkitError

TEXTS = [
    "We meet every week.",
    "We never meet.",
    "He listens to me and we decide together.",
    "She decides alone, and I hear of it in the corridor.",
    "Nothing",
    "Nothing.",
    "",
    "Budget, rota, complaints: we look at the same numbers before the board does, and that helps us both.",
    "Très bien 🙂 — nous décidons ensemble",
]
REFERENCE = {  # first numbers of the vectors of sentence-transformers 6.2.0 on torch 2.13.0
    "We meet every week.": [-0.051926, -0.005603, 0.050867, 0.030258, -0.038319, 0.040711],
    "": [-0.118838, 0.048299, -0.002548, -0.011011, 0.051951, 0.010292],
    "Très bien 🙂 — nous décidons ensemble": [-0.043105, 0.0035, 0.075594, -0.06471, 0.017152, 0.047344],
}


@pytest.fixture(autouse=True)
def nothing_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(encoder, "STATEMENTS", tmp_path / "none.npz")
    encoder.statement_vectors.cache_clear()


@pytest.fixture(scope="module")
def model() -> encoder.Model:
    return encoder.Model(encoder.weights_folder())


@pytest.fixture
def fresh(model: encoder.Model) -> Encoder:
    """An encoder without a cache that shares the loaded model, to keep the tests quick."""
    made = Encoder(None)
    made._model = model
    return made


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(encoder, "Model", refuse)


def test_vectors_are_those_of_sentence_transformers(fresh: Encoder) -> None:
    vectors = fresh.encode(list(REFERENCE))
    assert vectors[:, :6].tolist() == pytest.approx(np.array(list(REFERENCE.values())), abs=2e-6)


def test_vectors_have_length_one_and_near_meanings_are_near(fresh: Encoder) -> None:
    vectors = fresh.encode(["We meet every week.", "We see each other weekly.", "The car park is full."])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert vectors[0] @ vectors[1] > 0.6 > 0.3 > vectors[0] @ vectors[2]


def test_no_texts_give_no_rows(no_model: None) -> None:
    assert Encoder(None).encode([]).shape == (0, 384)


@pytest.mark.parametrize("length", [1, 2, 3, 7, 16, 33, 90])
def test_company_never_touches_a_vector(fresh: Encoder, length: int) -> None:
    words = ["trust", "time", "work", "care", "team", "plan", "good", "need"]
    texts = [" ".join(words[(start + place * place) % 8] for place in range(length)) for start in range(8)]
    texts += [f"{text} {text}" for text in texts]
    together = fresh.encode(texts)
    alone = np.concatenate([fresh.encode([text]) for text in texts])
    pairs = np.concatenate([fresh.encode(texts[start : start + 2]) for start in range(0, len(texts), 2)])
    assert together.tobytes() == alone.tobytes() == pairs.tobytes()


def test_the_number_of_threads_never_touches_a_vector(fresh: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    class OneThread(onnxruntime.SessionOptions):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.intra_op_num_threads = 1

    monkeypatch.setattr(onnxruntime, "SessionOptions", OneThread)
    assert Encoder(None).encode(TEXTS).tobytes() == fresh.encode(TEXTS).tobytes()


def test_order_and_repeats_follow_the_texts(fresh: Encoder) -> None:
    forwards = fresh.encode(TEXTS)
    backwards = fresh.encode([*TEXTS[::-1], TEXTS[0], TEXTS[0]])
    assert backwards[: len(TEXTS)][::-1].tobytes() == forwards.tobytes()
    assert backwards[-1].tobytes() == backwards[-2].tobytes() == forwards[0].tobytes()


def test_each_different_text_is_computed_once_and_progress_ends_at_their_number(fresh: Encoder) -> None:
    told: list[tuple[int, int]] = []
    fresh.encode(TEXTS * 3, lambda done, total: told.append((done, total)))
    assert {total for _, total in told} == {len(TEXTS)}
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1] == (len(TEXTS), len(TEXTS))


def test_what_follows_256_tokens_is_not_read(fresh: Encoder) -> None:
    within = "word " * 254
    vectors = fresh.encode([within, within + "and something quite different", "word " * 253 + "different"])
    assert vectors[0].tobytes() == vectors[1].tobytes() != vectors[2].tobytes()


def test_cached_vectors_equal_fresh_ones_without_a_model(fresh: Encoder, tmp_path: Path, no_model: None) -> None:
    fresh._remembered = encoder.VectorCache(tmp_path)
    computed = fresh.encode(TEXTS)
    told: list[tuple[int, int]] = []
    again = Encoder(tmp_path).encode(TEXTS[::-1], lambda *state: told.append(state))[::-1]
    assert again.tobytes() == computed.tobytes()
    assert told == []


def test_cache_holds_no_text_and_only_its_owner_may_read_it(fresh: Encoder, tmp_path: Path) -> None:
    fresh._remembered = encoder.VectorCache(tmp_path / "cache")
    fresh.encode(TEXTS)
    (file,) = (tmp_path / "cache").iterdir()
    assert b"meet" not in file.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["text", "empty", "cut", "middle", "no table", "folder"])
def test_damaged_cache_is_computed_again(fresh: Encoder, tmp_path: Path, damage: str) -> None:
    expected = fresh.encode(TEXTS)
    fresh._remembered = encoder.VectorCache(tmp_path)
    fresh.encode(TEXTS)
    file = tmp_path / "vectors.sqlite"
    whole = file.read_bytes()
    if damage == "text":
        file.write_bytes(b"not a database " * 400)
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "middle":
        file.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    elif damage == "no table":
        file.unlink()
        sqlite3.connect(file).execute("CREATE TABLE other (x)").connection.close()
    else:
        file.unlink()
        file.mkdir()
    assert fresh.encode(TEXTS).tobytes() == expected.tobytes()
    if damage != "folder":
        remembered = encoder.VectorCache(tmp_path).read([encoder.key_of(text) for text in TEXTS])
        assert len(remembered) == len(TEXTS)


def test_one_flipped_bit_in_a_cached_vector_is_noticed(fresh: Encoder, tmp_path: Path) -> None:
    expected = fresh.encode(TEXTS[:1])
    fresh._remembered = encoder.VectorCache(tmp_path)
    fresh.encode(TEXTS[:1])
    file = tmp_path / "vectors.sqlite"
    whole = file.read_bytes()
    place = whole.index(expected.tobytes()[:64])
    file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    assert encoder.VectorCache(tmp_path).read([encoder.key_of(TEXTS[0])]) == {}
    assert fresh.encode(TEXTS[:1]).tobytes() == expected.tobytes()


def test_cache_that_cannot_be_written_is_no_error(fresh: Encoder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    fresh._remembered = encoder.VectorCache(tmp_path / "file" / "cache")
    assert fresh.encode(TEXTS).shape == (len(TEXTS), 384)


def write_many(folder: Path, first: int) -> None:
    cache = encoder.VectorCache(folder)
    for number in range(first, first + 40):
        cache.write({encoder.key_of(str(number)): np.full(384, number, np.float32)})


def test_processes_share_a_cache(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path, first)) for first in (0, 20, 60)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = encoder.VectorCache(tmp_path).read([encoder.key_of(str(number)) for number in range(100)])
    assert len(found) == 100
    assert all(found[encoder.key_of(str(number))][5] == number for number in range(100))


def write_for_ever(folder: Path) -> None:
    while True:
        write_many(folder, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not there")
def test_killed_writer_leaves_a_sound_cache(tmp_path: Path) -> None:
    writer = multiprocessing.get_context("spawn").Process(target=write_for_ever, args=(tmp_path,))
    writer.start()
    cache, keys = encoder.VectorCache(tmp_path), [encoder.key_of(str(number)) for number in range(40)]
    while not cache.read(keys[:2]):
        writer.join(0.01)
    os.kill(writer.pid or 0, signal.SIGKILL)
    writer.join()
    assert len(cache.read(keys)) >= 1
    cache.write({encoder.key_of("after"): np.ones(384, np.float32)})
    assert len(cache.read([encoder.key_of("after")])) == 1
    with sqlite3.connect(tmp_path / "vectors.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_shipped_statements_need_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_model: None) -> None:
    vector = np.linspace(0, 1, 384, dtype=np.float32)
    key = np.frombuffer(encoder.key_of("We trust each other."), np.uint8)
    np.savez(tmp_path / "some.npz", keys=key[None], vectors=vector[None])
    monkeypatch.setattr(encoder, "STATEMENTS", tmp_path / "some.npz")
    encoder.statement_vectors.cache_clear()
    assert Encoder(None).encode(["We trust each other."] * 2).tobytes() == vector.tobytes() * 2
    encoder.statement_vectors.cache_clear()


def test_missing_weights_are_said_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "WEIGHTS_PACKAGE", "not-installed-here")
    with pytest.raises(AuditkitError, match="not-installed-here is not installed"):
        Encoder(None).encode(["We meet every week."])


@pytest.mark.parametrize("name", ["WEIGHTS_SHA256", "TOKENIZER_SHA256"])
def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(encoder, name, "0" * 64)
    with pytest.raises(AuditkitError, match="not the published file"):
        Encoder(None).encode(["We meet every week."])


def test_graph_is_the_one_that_the_model_id_names() -> None:
    graph = (encoder.DATA / "minilm.onnx").read_bytes()
    assert hashlib.sha256(graph).hexdigest() == encoder.GRAPH_SHA256
    assert len(graph) < 200_000


def test_shipped_statement_vectors_are_complete_and_those_of_the_model(fresh: Encoder) -> None:
    from auditkit import codebook, coding

    shipped = encoder.DATA / "statement_vectors.npz"
    if not shipped.exists():
        pytest.skip("statement_vectors.npz is not built: run scripts/build_statement_vectors.py")
    texts = sorted({text for text, _, _ in coding.codebook_texts(codebook.default())})
    with np.load(shipped) as file:
        found = {key.tobytes(): vector for key, vector in zip(file["keys"], file["vectors"], strict=True)}
    stale = [text for text in texts if encoder.key_of(text) not in found]
    assert stale == [], "run scripts/build_statement_vectors.py"
    some = texts[::25]
    there = np.stack([found[encoder.key_of(text)] for text in some])
    assert np.abs(there - fresh.encode(some)).max() < 1e-5
