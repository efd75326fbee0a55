"""The page `docs/compat.md`, made from the tables: `python -m kerascope.compat.page > docs/compat.md`. A test holds them together."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from kerascope.compat import backend_functions, tables

_HEAD = """# Old scripts

    kerascope run train.py --epochs 3        # also -m package.module, and notebooks
    kerascope upgrade train.py               # prints the edit to today's names; --write makes it

`kerascope run` runs a script written for Keras 1, Keras 2, `tf.keras` or `wandb` as it is: `wandb` is kerascope, old names of Keras
work on Keras 3 with any backend, and at the end the names that were translated are listed with today's spelling. A notebook's magics
are left out, with a note. `--data-dir FOLDER` says where the files of `keras.datasets` are; `--no-report` leaves the list out. With
neither `KERAS_BACKEND` nor a Keras configuration, the first installed one of JAX, PyTorch and TensorFlow is used, TensorFlow first if
the script uses it beyond `tf.keras`.

In Python, for notebooks and tests:

    import kerascope.compat

    kerascope.compat.install()               # wandb=True, keras=True, old_accuracy=False
    kerascope.compat.uninstall()             # everything is as before

Constructors take old arguments, and models get the classic methods (`fit_generator` and friends) at their first use of one. A history
answers to `acc` and `accuracy` alike; a script that only ever reads `acc` also gets it logged under that name. `decay` of an optimizer
divides its rate by `1 + decay * updates`, and the rate itself can still be set. `Conv2D(32, 3, 3)` is read as Keras 1 meant it where
both numbers are equal or another argument of Keras 1 is beside them; where stride is meant, write `strides=3`.

`K.function`, `K.gradients` and `K.placeholder` work on symbolic tensors, `Merge([a, b])` begins a `Sequential` of several inputs, and
`model.add_loss(tensor)` and `add_metric` take symbolic values. Where TensorFlow is not installed, or not needed, `import tensorflow` gives
`tf.keras`, plain operations, and the sessions and device settings that scripts begin with, which have no effect.

Not here: locally connected layers, gradients with respect to weights (`K.gradients(loss, model.weights)`), running sessions (each raises a
sentence that says what to write), and child processes started by `spawn`, which read the script again without the aliases.

This page is made from `kerascope/compat/tables.py`.
"""


def page() -> str:
    """Returns the text of the page."""
    parts = [
        _HEAD,
        _table("Modules of Keras", ("old", "today"), ((old, ", ".join(new)) for old, new in tables.KERAS_MODULES.items())),
        _table("Packages", ("old", "today"), tables.PACKAGES.items()),
        _table(
            "Names of Keras",
            ("old", "today"),
            ((f"{home}.{name}", new.replace(":", ".")) for home, names in tables.KERAS_NAMES.items() for name, new in names.items()),
        ),
        _table("Arguments of layers", ("old", "today"), ((old, " or ".join(new)) for old, new in tables.LAYER_ARGUMENTS.items())),
        _table("Arguments of layers that are left out", ("old", "why"), tables.DROPPED_ARGUMENTS.items()),
        _table(
            "Arguments of optimizers",
            ("old", "today"),
            [*tables.OPTIMIZER_ARGUMENTS.items(), ("decay", "a schedule: InverseTimeDecay(rate, 1, decay)"), ("epsilon=None", "left out")],
        ),
        _table(
            "Arguments of callbacks",
            ("old", "today"),
            ((f"{kind}({old})", new or "left out") for kind, names in tables.CALLBACK_ARGUMENTS.items() for old, new in names.items()),
        ),
        _table("Arguments of training methods", ("old", "today"), tables.METHOD_ARGUMENTS.items()),
        _table("Methods of models", ("old", "today"), tables.METHODS.items()),
        _table("Functions of keras.backend", ("old", "today"), _functions()),
        _table("Modules of wandb", ("old", "names are those of"), ((old, ", ".join(new) or "its parts") for old, new in tables.WANDB_MODULES.items())),
        _table("Names of wandb that stand elsewhere", ("old", "today"), ((f"wandb.{old}", new.replace(":", ".")) for old, new in tables.WANDB_NAMES.items())),
        _table("Parts of wandb that are not here", ("part", "use instead"), tables.WANDB_MISSING.items()),
    ]  # fmt: skip
    return "\n".join(parts)


def _functions() -> Iterable[tuple[str, str]]:
    gone = backend_functions.GONE
    for name in sorted(backend_functions.functions()):
        today = backend_functions.SAME.get(name)
        yield f"K.{name}", gone.get(name, f"keras.ops.{today}" if today else "works as before")


def _table(title: str, heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"\n## {title}\n", f"| {heads[0]} | {heads[1]} |", "|---|---|"]
    lines += [f"| `{old}` | {_code(new)} |" for old, new in rows]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{text}`" if " " not in text else text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
