"""Text: is a line prose or program? Trained on Python's own standard library, whose docstrings are prose and whose rest is not.

`labels` name the classes; the row processors turn numbers back into text, so that the evaluation table can be read.

python examples/prose_or_code.py        then: kerascope ui
"""

import ast
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

import kerascope as wandb
from kerascope.keras import WandbCallback

EPOCHS = int(os.environ.get("EXAMPLE_EPOCHS", "8"))
LABELS = ["code", "prose"]
LENGTH = 64
LIBRARY = Path(os.__file__).parent


def lines_of(path):
    """Yields (line, 1 for prose or 0 for code) of one file."""
    source = path.read_text(encoding="utf-8")
    prose = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            prose.update(range(node.body[0].lineno + 1, node.body[0].end_lineno))
    for number, line in enumerate(source.splitlines(), 1):
        text = line.strip()
        if len(text) > 20 and not text.startswith("#"):
            yield text[:LENGTH], int(number in prose)


names = ["argparse", "ast", "datetime", "doctest", "inspect", "optparse", "pdb", "statistics", "subprocess", "typing"]
rows = [row for name in names for row in lines_of(LIBRARY / f"{name}.py")]
rng = np.random.default_rng(0)
prose, code = ([row for row in rows if row[1] == kind] for kind in (1, 0))
rows = [*prose, *(code[at] for at in rng.permutation(len(code))[: len(prose)])]
rows = [rows[at] for at in rng.permutation(len(rows))]

text = np.zeros((len(rows), LENGTH), "int32")  # characters by number, 0 behind the end
for number, (line, _) in enumerate(rows):
    numbers = np.frombuffer(line.encode("ascii", "replace"), "uint8")
    text[number, : len(numbers)] = numbers
kinds = keras.utils.to_categorical([kind for _, kind in rows], 2)
split = len(rows) * 4 // 5

wandb.init(project="examples", name="prose or code", config={"epochs": EPOCHS, "lines": len(rows)})
model = keras.Sequential(
    [
        keras.Input((LENGTH,), dtype="int32"),
        keras.layers.Embedding(128, 16),
        keras.layers.Conv1D(32, 5, activation="relu"),
        keras.layers.GlobalMaxPooling1D(),
        keras.layers.Dense(2, activation="softmax"),
    ]
)
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
model.fit(
    text[:split],
    kinds[:split],
    validation_data=(text[split:], kinds[split:]),
    epochs=EPOCHS,
    verbose=0,
    callbacks=[
        WandbCallback(
            labels=LABELS,
            save_model=False,
            log_weights=True,
            log_evaluation=True,
            validation_row_processor=lambda number, row: {
                "line": bytes(row["input"][row["input"] > 0].astype("uint8")).decode(),
                "is": LABELS[int(np.argmax(row["target"]))],
            },
            prediction_row_processor=lambda number, row: {
                "seems": LABELS[int(np.argmax(row["output"]))],
                "certainty": float(np.max(row["output"])),
            },
        )
    ],
)
print(f"accuracy {wandb.run.summary['val_accuracy']:.3f}")
wandb.finish()
