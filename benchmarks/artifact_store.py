"""How long does it take to keep a big file, and how much disk? Budget: 0.8 of the speed of `sha256sum`; no second copy where links work;
a second version of a checkpoint with a frozen backbone adds at most 1 % of its size.

The file (1 GB of noise) lies in the page cache. "linked" is `add_file(policy="immutable")`, "copied" the default. Bytes are what the blob
folder grew by; hard links count nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import _report

from kerascope.artifacts import Artifact, ArtifactStore
from kerascope.paths import StorePaths

SIZE = 1 << 30
TIMES = 5


def write_noise(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(SIZE >> 22):
            file.write(os.urandom(1 << 22))
    os.sync()


def digest(path: Path) -> str:
    """Some builds of `sha256sum` do not use the processor's own instructions, Python's does."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def commit(store: ArtifactStore, path: Path, policy: str, name: str = "model.bin") -> float:
    def log() -> None:
        artifact = Artifact("model", "model")
        artifact.add_file(path, name, policy=policy)  # type: ignore[arg-type]
        store.commit(artifact, project="bench")

    return _report.timed(log)


def own_bytes(store: ArtifactStore) -> int:
    files = (path.stat() for path in store.paths.blobs.rglob("*") if path.is_file())
    return sum(state.st_size for state in files if state.st_nlink == 1)


def first_version(folder: Path, path: Path, policy: str) -> tuple[list[float], int]:
    """Seconds of each repetition in a fresh store, and the bytes the last one took."""
    seconds, grown = [], 0
    for number in range(TIMES):
        store = ArtifactStore(StorePaths(folder / f"{policy}-{number}"))
        seconds.append(commit(store, path, policy))
        grown = own_bytes(store)
        shutil.rmtree(store.paths.root)
        path.chmod(0o644)
    return seconds, grown


def frozen_backbone(folder: Path) -> tuple[int, int]:
    """Size of a checkpoint whose head alone was changed, and what its second version added."""
    import keras

    backbone = keras.applications.MobileNetV2((96, 96, 3), include_top=False, pooling="avg", weights=None)
    backbone.trainable = False
    model = keras.Sequential([backbone, keras.layers.Dense(2)])
    model.compile("adam", "mse")
    model.build((None, 96, 96, 3))
    model.optimizer.build(model.trainable_variables)
    store, path = ArtifactStore(StorePaths(folder / "frozen")), folder / "model.keras"
    model.save(path)
    commit(store, path, "mutable", "model.keras")
    head = {variable.shape for variable in model.trainable_variables}
    for variable in (*model.trainable_variables, *model.optimizer.variables):
        if variable.shape in head:  # not the learning rate
            variable.assign(variable + 1)
    model.save(path)
    before = own_bytes(store)
    commit(store, path, "mutable", "model.keras")
    return path.stat().st_size, own_bytes(store) - before


def row(what: str, seconds: list[float], baseline: list[float], grown: str) -> list[str]:
    ratio = sorted(baseline)[len(baseline) // 2] / sorted(seconds)[len(seconds) // 2]
    return [what, _report.spread(seconds, 2, "s"), f"{ratio:.2f}", grown]


def main() -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder, path = Path(name), Path(name) / "big.bin"
        write_noise(path)
        command = ["sha256sum", str(path)]
        baseline = _report.repeat(
            lambda: _report.timed(lambda: subprocess.run(command, check=True, capture_output=True))
        )
        rows = [row("sha256sum", baseline, baseline, "")]
        rows.append(
            row("sha256 of Python alone", _report.repeat(lambda: _report.timed(partial(digest, path))), baseline, "")
        )
        for policy, what in (("immutable", "log, linked"), ("mutable", "log, copied")):
            seconds, grown = first_version(folder, path, policy)
            rows.append(row(f"{what}, first version", seconds, baseline, f"{grown / 1e6:,.0f} MB"))
        size, added = frozen_backbone(folder)
    notes = f"MobileNetV2 with a frozen backbone, head changed: the second version adds {added / size:.2%} of {size / 1e6:.1f} MB."
    text = "How long does it take to keep a file of 1 GB, and how much disk? `python benchmarks/artifact_store.py`"
    _report.write(
        "Artifacts", text, ["what", f"median (spread) of {TIMES}", "speed against sha256sum", "disk"], rows, notes
    )


if __name__ == "__main__":
    main()
