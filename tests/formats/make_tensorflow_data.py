"""Writes tests/formats/data/tensorflow with TensorFlow itself: run it by hand where ``tensorflow-cpu`` is installed.

    python tests/formats/make_tensorflow_data.py

The numbers follow from each variable's name, so that tests know them without TensorFlow.
"""

import json
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data" / "tensorflow"
HPARAMS = {"n_vocab": 40, "n_ctx": 12, "n_embd": 8, "n_head": 2, "n_layer": 2}


def numbers(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The numbers of the variable of that name."""
    return np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape).astype(np.float32)


def variables() -> dict[str, tuple[int, ...]]:
    """Names and shapes of a small GPT-2's variables, as OpenAI's program makes them."""
    wide, layers = HPARAMS["n_embd"], HPARAMS["n_layer"]
    shapes: dict[str, tuple[int, ...]] = {
        "model/wpe": (HPARAMS["n_ctx"], wide),
        "model/wte": (HPARAMS["n_vocab"], wide),
    }
    products = {
        "attn/c_attn": (wide, 3 * wide),
        "attn/c_proj": (wide, wide),
        "mlp/c_fc": (wide, 4 * wide),
        "mlp/c_proj": (4 * wide, wide),
    }
    for layer in range(layers):
        for norm in ("ln_1", "ln_2"):
            shapes[f"model/h{layer}/{norm}/g"] = (wide,)
            shapes[f"model/h{layer}/{norm}/b"] = (wide,)
        for product, (rows, columns) in products.items():
            shapes[f"model/h{layer}/{product}/w"] = (1, rows, columns)
            shapes[f"model/h{layer}/{product}/b"] = (columns,)
    return shapes | {"model/ln_f/g": (wide,), "model/ln_f/b": (wide,)}


def main() -> None:
    """Write the plain model, a run with an optimizer's slots, and one in several files."""
    import tensorflow as tf

    v1 = tf.compat.v1
    v1.disable_eager_execution()
    for name, slots, shards in (("plain", False, 1), ("slots", True, 1), ("sharded", True, 3)):
        folder = DATA / name
        folder.mkdir(parents=True, exist_ok=True)
        with tf.Graph().as_default(), v1.Session(config=v1.ConfigProto(device_count={"CPU": shards})) as session:
            for number, (variable, shape) in enumerate(variables().items()):
                with tf.device(f"/cpu:{number % shards}"):
                    weight = v1.Variable(numbers(variable, shape), name=variable)
                    if slots:
                        for slot in ("Adam", "Adam_1"):
                            v1.Variable(np.zeros(shape, np.float32), name=f"{weight.op.name}/{slot}")
            if slots:
                v1.Variable(np.int64(7), name="global_step")
                v1.Variable(np.float32(0.9), name="beta1_power")
            session.run(v1.global_variables_initializer())
            saver = v1.train.Saver(sharded=shards > 1)
            if name == "plain":
                saver.save(session, str(folder / "model.ckpt"), write_meta_graph=False)
                (folder / "hparams.json").write_text(json.dumps(HPARAMS))
            else:
                saver.save(session, str(folder / "model"), global_step=7, write_meta_graph=False)
                (folder / "counter").write_text("7\n")
        # The note has an absolute path: leave that of a machine that is gone, as downloaded runs have.
        note = folder / "checkpoint"
        note.write_text(note.read_text().replace(str(folder), "/content/checkpoint/run1"))


if __name__ == "__main__":
    main()
