"""`keras.datasets` reads the files of a folder of one's own; a missing one is named with the places that were searched."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

import kerascope.compat
from kerascope.compat import datasets
from kerascope.errors import NotFoundError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of data files, and no network."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there
    made = tmp_path / "data"
    made.mkdir()
    kerascope.compat.install()
    datasets.use_folder(made)
    yield made
    datasets.use_folder(None)
    kerascope.compat.uninstall()


def test_files_of_the_folder_are_read_as_they_are(folder: Path) -> None:
    pictures, labels = np.arange(2 * 28 * 28).reshape(2, 28, 28).astype("uint8"), np.array([3, 4])
    np.savez(folder / "mnist.npz", x_train=pictures, y_train=labels, x_test=pictures[:1], y_test=labels[:1])
    (x, y), (test, _) = keras.datasets.mnist.load_data()
    assert np.array_equal(x, pictures)
    assert y.tolist() == [3, 4]
    assert test.shape == (1, 28, 28)
    rows = np.arange(20.0).reshape(10, 2)
    np.savez(folder / "boston_housing.npz", x=rows, y=rows[:, 0])
    (x, y), _ = keras.datasets.boston_housing.load_data(test_split=0.2)
    assert x.shape == (8, 2)
    assert np.array_equal(x[:, 0], y)


def test_words_and_their_numbers_are_read(folder: Path) -> None:
    texts = np.empty(2, dtype=object)
    texts[:] = [[1, 2, 30], [4, 1]]
    np.savez(folder / "imdb.npz", x_train=texts, y_train=np.array([0, 1]), x_test=texts, y_test=np.array([1, 0]))
    (folder / "imdb_word_index.json").write_text(json.dumps({"the": 1}))
    (x, y), _ = keras.datasets.imdb.load_data(num_words=10)
    assert sorted(len(one) for one in x) == [3, 4]  # a start sign more
    assert max(max(one) for one in x) < 10
    assert sorted(y) == [0, 1]
    assert keras.datasets.imdb.get_word_index() == {"the": 1}


def test_archives_are_unpacked_and_unpacked_folders_are_taken(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "batches").mkdir()
    (tmp_path / "batches" / "meta").write_text("one")
    origin = "https://example.invalid/batches-1.tar.gz"
    with tarfile.open(folder / "batches-1.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "batches", arcname="batches")
    found = keras.utils.get_file("batches-target", origin, extract=True)  # as the pictures of CIFAR are asked for
    assert Path(found, "batches", "meta").read_text() == "one"
    (folder / "batches-1.tar.gz").unlink()
    shutil.copytree(tmp_path / "batches", folder / "batches")
    found = keras.utils.get_file("batches-target", origin, extract=True)
    assert Path(found) == folder
    shutil.make_archive(str(folder / "texts"), "zip", tmp_path / "batches")
    found = keras.utils.get_file(origin="https://example.invalid/texts.zip", fname="texts.zip", extract=True)
    assert Path(found, "meta").read_text() == "one"


def test_a_missing_file_is_one_sentence_with_both_places(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(
        NotFoundError, match=r"Received: 'mnist\.npz', not found in .*data and .*home.*--data-dir FOLDER"
    ):
        keras.datasets.mnist.load_data()
