"""Compute the vectors of all that the shipped codebook says: ``src/auditkit/data/statement_vectors.npz``.

Run after a change of the shipped codebook, its junk texts, the questions in ``poles.py`` or the encoder:

    python scripts/build_statement_vectors.py

The file holds no text. A vector stands under the hash of model and text (``encoder.key_of``), so a text that
changed since is computed where it is needed, and nothing wrong can be read.
"""

from __future__ import annotations

from auditkit import codebook, coding, encoder, files, poles


def shipped_texts() -> list[str]:
    """Everything that coding encodes besides answers and their questions, each once, sorted."""
    shipped = codebook.default()
    said = {text for text, _, _ in coding.codebook_texts(shipped)}
    return sorted(said | {*shipped.junk, *poles.ASKS_GOOD, *poles.ASKS_POOR})


def main() -> None:
    import numpy as np

    texts = shipped_texts()
    vectors: dict[bytes, np.ndarray] = {}
    for positions, batch in encoder.Model(encoder.weights_folder()).batches(texts):
        vectors |= zip((encoder.key_of(texts[position]) for position in positions), batch, strict=True)
    keys = sorted(vectors)
    with files.replacing(encoder.STATEMENTS) as temporary:
        np.savez(
            temporary,
            keys=np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), -1),
            vectors=np.stack([vectors[key] for key in keys]),
        )
    encoder.STATEMENTS.chmod(0o644)  # package data, for every user of the machine
    size = encoder.STATEMENTS.stat().st_size
    print(f"{encoder.STATEMENTS.name}: {len(keys)} texts, {size:,} bytes, model {encoder.MODEL_ID}")


if __name__ == "__main__":
    main()
