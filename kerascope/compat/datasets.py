"""`keras.datasets.*` without a network: one sentence with the file and the folder, and a folder of one's own to take files from."""

from __future__ import annotations

import functools
import os
import shutil
import tarfile
import urllib.error
from pathlib import Path
from typing import Any

from kerascope.compat.patches import Patches
from kerascope.errors import NotFoundError

_NAMES = ("mnist", "fashion_mnist", "cifar10", "cifar100", "imdb", "reuters", "boston_housing", "california_housing")


class _Folder:
    """Where files are taken from first."""

    path: Path | None = None


def use_folder(path: Path | None) -> None:
    """Sets the folder in which `get_file` looks for a file before it asks the network."""
    _Folder.path = path


def watch(patches: Patches, keras: Any) -> None:
    """Wraps `get_file` where the data sets call it, and on `keras.utils`."""
    import importlib

    homes = [keras.utils]
    homes += [importlib.import_module(f"keras.src.datasets.{name}") for name in _NAMES]
    homes.append(importlib.import_module("keras.src.datasets.cifar10"))
    for home in {id(one): one for one in homes}.values():
        if hasattr(home, "get_file"):
            patches.set(home, "get_file", _found_first(home.get_file))


def _found_first(original: Any) -> Any:
    @functools.wraps(original)
    def get_file(fname: Any = None, origin: Any = None, *args: Any, **kwargs: Any) -> Any:
        name = Path(os.fspath(fname if fname is not None else origin)).name
        asked = _asked_for(name, origin)
        cache = Path(kwargs.get("cache_dir") or Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")))
        folder = cache / str(kwargs.get("cache_subdir", "datasets"))
        given = _given(asked)
        if given is not None:
            return str(_unpacked(given, name, folder) if kwargs.get("extract") or kwargs.get("untar") else given)
        try:
            return original(fname, origin, *args, **kwargs)
        except Exception as error:  # Keras makes a bare one of what the network said
            if isinstance(error, urllib.error.URLError | OSError) or "URL fetch failure" in str(error):
                raise NotFoundError(_sentence(asked[-1], folder)) from None
            raise

    return get_file


def _given(asked: list[str]) -> Path | None:
    """The file, or the unpacked folder, that the user has of one of the names."""
    names = [*asked, *(one.removesuffix("-target") for one in asked)]
    return next((_Folder.path / one for one in names if _Folder.path and (_Folder.path / one).exists()), None)


def _unpacked(given: Path, name: str, folder: Path) -> Path:
    """The folder with what an archive holds, as `get_file` names it; an archive that the user has unpacked is left where it is."""
    if given.is_dir():
        return given.parent
    place = folder / (f"{name.partition('.')[0]}_extracted" if "." in name else name)
    if tarfile.is_tarfile(given):
        with tarfile.open(given) as archive:
            archive.extractall(place, filter="data")
    else:
        shutil.unpack_archive(given, place)
    return place


def _asked_for(name: str, origin: Any) -> list[str]:
    last = str(origin or "").rpartition("/")[2]
    return [name, *([last] if last and last != name else [])]


def _sentence(name: str, folder: Path) -> str:
    looked = f"{_Folder.path} and {folder}" if _Folder.path is not None else str(folder)
    return (
        f"The data file must be on this machine, since it cannot be fetched. Received: {name!r}, not found in {looked}. "
        f"Put it there, or give its folder with `kerascope run --data-dir FOLDER`."
    )
