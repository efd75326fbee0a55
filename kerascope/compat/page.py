"""The page `docs/compat.md`, made from the tables: `python -m kerascope.compat.page > docs/compat.md`. A test holds them together."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from kerascope.compat import backend_functions, tables, wandb_tables

_HEAD = """# Old scripts

    kerascope run train.py --epochs 3        # also -m package.module, and notebooks
    kerascope upgrade train.py               # prints the edit to today's names; --write makes it

`kerascope run` runs a script written for Keras 1, Keras 2, `tf.keras` or `wandb` as it is: `wandb` is kerascope, old names of Keras
work on Keras 3 with any backend, and at the end the names that were translated are listed with today's spelling. `--data-dir FOLDER`
says where the files of `keras.datasets` are, packed or not; `--no-report` leaves the list out. With neither `KERAS_BACKEND` nor a Keras configuration,
the first installed one of JAX, PyTorch and TensorFlow is used, TensorFlow first if the script uses it beyond `tf.keras`.
A script that cannot come to use Keras, by its own imports and those of its modules, starts without it, seconds sooner.

A notebook runs cell by cell; an error names its cell. Shell lines (`!ls`, `x = !ls`, `%%bash`) run, with `{name}` and `$name` filled in, a
`!python script.py` among them as this command runs it. `%run`, `%cd`, `%env`, `%time`, `%%time`, `%%capture`, `%%writefile`, `%%wandb` and
`%pylab` do what they say; `%matplotlib`, `%load_ext`, `%config` and their like need nothing. What installs packages, logs in, or is in
another language (`!pip install`, `!wandb login`, `%%R`) is left out with one sentence. So do the calls of `get_ipython()` in a script
that was made from a notebook.

In Python, for notebooks and tests:

    import kerascope.compat

    kerascope.compat.install()               # wandb=True, keras=True, old_accuracy=False, defaults="3"
    kerascope.compat.uninstall()             # everything is as before

Constructors take old arguments, and models get the classic methods (`fit_generator` and friends) at their first use of one. A history
answers to `acc` and `accuracy` alike; a script that only ever reads `acc` also gets it logged under that name. `decay` of an optimizer
divides its rate by `1 + decay * updates`, and the rate itself can still be set. `Conv2D(32, 3, 3)` is read as Keras 1 meant it where
both numbers are equal or another argument of Keras 1 is beside them; where stride is meant, write `strides=3`.
A history also answers to `lr`. Class weights that are no dict ("auto", an array) are left out with a note, since Keras 2 took no notice
of them. `EarlyStopping(baseline=...)` starts from the baseline, and `CSVLogger` writes no columns for a validation that does not take place.

**Random numbers.** After `np.random.seed(n)`, weights, dropout and the order of rows are the same in every run, as they were before
Keras 3: what has no seed of its own draws one from NumPy's generator. `tf.set_random_seed(n)` and `tf.random.set_seed(n)` do the same
with a generator of their own, and `keras.utils.set_random_seed(n)` gives the numbers of plain Keras 3. A `Sequence` is shuffled by
Python's `random`, as ever. `uninstall` gives all of it back.

**Defaults.** Where Keras 3 has other default values, those of the script's age count: its imports, names and arguments say which. A
script with a sign of Keras 3 (`keras.ops`, a `.keras` file) or of no age gets today's; one of `tf.keras` those of 2.15; others those of
2.3, or of 2.2 where they use arguments of Keras 1 or the metric `acc`. In Python, `install(defaults="2.3")` says it. `hard_sigmoid` is
saved as `kerascope>hard_sigmoid` where it is the old one: such a file needs `kerascope.compat.backend` imported to be read elsewhere.
`kerascope upgrade` writes these values into the calls that rely on them.

**Files.** HDF5 models and JSON of Keras 1 and 2 are read with the defaults and formulas of the version that the file names, layers of
cuDNN as layers for every device, kernels of Theano turned, gates of Keras 1 joined. The optimizer goes on where it was: `decay` and the
number of updates are kept; moments only if Keras 3 wrote the file.

**PyTorch.** `a += b` and the like on a tensor that a gradient goes through make a new tensor, which the name then stands for: other names
of the old one do not see the change. `tensor.numpy()` of such a tensor gives its values without the gradient.

`K.function`, `K.gradients` and `K.placeholder` work on symbolic tensors, `Merge([a, b])` begins a `Sequential` of several inputs, and
`model.add_loss(tensor)` and `add_metric` take symbolic values. Where TensorFlow is not installed, or not needed, `import tensorflow` gives
`tf.keras`, plain operations, and the sessions and device settings that scripts begin with, which have no effect.

Not here: locally connected layers, gradients with respect to weights (`K.gradients(loss, model.weights)`), running sessions (each raises a
sentence that says what to write), and child processes started by `spawn`, which read the script again without the aliases.

This page is made from `kerascope/compat/tables.py` and `wandb_tables.py`.
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
        _table("Default values that changed", ("old", "up to Keras"), _defaults()),
        _table(
            "Arguments of callbacks",
            ("old", "today"),
            ((f"{kind}({old})", new or "left out") for kind, names in tables.CALLBACK_ARGUMENTS.items() for old, new in names.items()),
        ),
        _table("Arguments of training methods", ("old", "today"), tables.METHOD_ARGUMENTS.items()),
        _table("Methods of models", ("old", "today"), tables.METHODS.items()),
        _table("Functions of keras.backend", ("old", "today"), _functions()),
        _table("Modules of wandb", ("old", "names are those of"), ((old, ", ".join(new) or "its parts") for old, new in wandb_tables.MODULES.items())),
        _table("Names of wandb that stand elsewhere", ("old", "today"), ((f"wandb.{old}", new.replace(":", ".")) for old, new in wandb_tables.NAMES.items())),
        _table("Parts of wandb that are not here", ("part", "use instead"), wandb_tables.MISSING.items()),
    ]  # fmt: skip
    return "\n".join(parts)


def _defaults() -> Iterable[tuple[str, str]]:
    for kinds, argument, value, last in tables.DEFAULTS:
        for kind in kinds.split():
            yield f"{kind}({argument}={value!r})", last
    yield "activation='hard_sigmoid': 0.2 x + 0.5 between 0 and 1", "2.15"


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
