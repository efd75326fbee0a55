"""`run.config`: the settings of the experiment, by item and by attribute.

Promises: every accepted value is in the log when the call returns; an existing value changes only when that was allowed; values
come back as the plain numbers, texts, lists and dicts that were stored. Not for: kerascope's own settings (see `settings.py`).
"""

from __future__ import annotations

import copy
import math
import os
import sys
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, Sequence, ValuesView
from pathlib import Path
from typing import Any

from kerascope.errors import ConfigError, UsageError, WrongTypeError
from kerascope.events.types import Config as ConfigEvent
from kerascope.jsonable import to_jsonable
from kerascope.terminal import termwarn

DEFAULTS_FILE = "config-defaults.yaml"
_YAML_SUFFIXES = {".yaml", ".yml", ".json"}


class Config:
    """Values of one run, written to its log as they are set.

    Args:
        write: takes each change.
        values: what is set already (a resumed run); not written again.
        allow_val_change: whether an existing value may be replaced without saying so each time.
    """

    def __init__(
        self,
        write: Callable[[ConfigEvent], object],
        values: Mapping[str, Any] | None = None,
        allow_val_change: bool = False,
    ) -> None:
        set_own = object.__setattr__
        set_own(self, "_write", write)
        set_own(self, "_items", dict(values or {}))
        set_own(self, "_written", copy.deepcopy(dict(values or {})))
        set_own(self, "_allow_val_change", allow_val_change)
        set_own(self, "_locked", {})

    _write: Callable[[ConfigEvent], object]
    _items: dict[str, Any]
    _written: dict[str, Any]
    _allow_val_change: bool
    _locked: dict[str, Any]

    def update(self, d: object = None, allow_val_change: bool | None = None, **named: Any) -> None:
        """Sets several values.

        Args:
            d: a mapping, an `argparse.Namespace`, absl flags or the path of a YAML file.
            allow_val_change: whether existing values may be replaced; None: as `init` said.
            named: further values.

        Raises:
            ConfigError: if an existing value would change and that is not allowed. Nothing is set then.
            UsageError: if `d` is none of these, or a value is a media object.
        """
        self._set({**config_values(d), **config_values(named)}, allow_val_change)

    def setdefaults(self, d: object) -> None:
        """Sets those values of `d` whose keys are not set yet."""
        self._set({key: value for key, value in config_values(d).items() if key not in self._items}, True)

    def get(self, key: str, default: Any = None) -> Any:
        """Returns the value of `key`, or `default` if it is not set."""
        return self._items.get(key, default)

    def keys(self) -> KeysView[str]:
        """Returns the keys in the order they were set."""
        return self._items.keys()

    def values(self) -> ValuesView[Any]:
        """Returns the values in the order they were set."""
        return self._items.values()

    def items(self) -> ItemsView[str, Any]:
        """Returns the pairs of key and value in the order they were set."""
        return self._items.items()

    def as_dict(self) -> dict[str, Any]:
        """Returns a copy that can be changed without changing the run."""
        return copy.deepcopy(self._items)

    def flush(self) -> None:
        """Writes what was changed inside nested values (`config["a"]["b"] = 1`). Called at the end of the run."""
        changed = {key: value for key, value in self._items.items() if not same(self._written.get(key), value)}
        if changed:
            self._record({key: to_jsonable(value) for key, value in changed.items()})

    def _lock(self, values: Mapping[str, Any]) -> None:
        """Keeps these values as they are: a sweep chose them, and other values for them are left out with a message."""
        self._locked.update(values)

    def _set(self, values: dict[str, Any], allow_val_change: bool | None) -> None:
        left_out = [key for key in self._locked if key in values and not same(values[key], self._locked[key])]
        for key in left_out:
            termwarn(f"config value {key!r} was chosen by the sweep and stays {self._locked[key]!r}.", repeat=False)
        values = {key: value for key, value in values.items() if key not in left_out}
        allowed = self._allow_val_change if allow_val_change is None else allow_val_change
        for key, value in values.items():
            if key in self._items and not allowed and not same(self._items[key], value):
                raise ConfigError(
                    f"A config value is set once. Received: {key}={value!r}, but it is {self._items[key]!r} already. "
                    f"Use config.update({{{key!r}: ...}}, allow_val_change=True) to change it."
                )
        changed = {
            key: value for key, value in values.items() if key not in self._items or not same(self._items[key], value)
        }
        if changed:
            self._items.update(changed)
            self._record(changed)

    def _record(self, changed: dict[str, Any]) -> None:
        self._written.update(copy.deepcopy(changed))
        self._write(ConfigEvent(set=changed))

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._set(config_values({key: value}), None)

    def __delitem__(self, key: str) -> None:
        del self._items[key]
        self._written.pop(key, None)
        self._write(ConfigEvent(remove=(key,)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._items[name]
        except KeyError:
            raise AttributeError(
                f"The config has no value of this name. Received: {name!r}. Set are: {', '.join(self._items) or 'none'}."
            ) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self._items:
            raise AttributeError(name)
        del self[name]

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._items]

    def __repr__(self) -> str:
        return repr(self._items)


def same(a: Any, b: Any) -> bool:
    """Whether two stored values are equal; NaN equals NaN, and 1 differs from True."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(item, b[key]) for key, item in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)


def config_values(
    source: object, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> dict[str, Any]:
    """Returns the values that a `config` argument holds, as the log can store them.

    Args:
        source: None, a mapping, an `argparse.Namespace`, absl flags, an object with `to_dict()` or the path of a YAML file.
        include: take these keys only.
        exclude: leave these keys out.

    Raises:
        UsageError: if it is none of these, or a value is a media object.
    """
    raw = {str(key).strip("-"): value for key, value in _mapping(source).items()}
    _check_keys(raw, include, exclude)
    if include is not None:
        raw = {key: value for key, value in raw.items() if key in include}
    if exclude is not None:
        raw = {key: value for key, value in raw.items() if key not in exclude}
    for key, value in raw.items():
        _refuse_media(key, value)
    return {key: to_jsonable(value) for key, value in raw.items()}


def default_values(folder: Path) -> dict[str, Any]:
    """Returns the values in `config-defaults.yaml` of `folder`; none if there is no such file."""
    path = folder / DEFAULTS_FILE
    return config_values(path) if path.is_file() else {}


def _mapping(source: object) -> Mapping[Any, Any]:
    if source is None:
        return {}
    if isinstance(source, Config):
        return source.as_dict()
    if isinstance(source, Mapping):
        return source
    if isinstance(source, (str, os.PathLike)):
        return _read_file(Path(source))
    for method in ("flag_values_dict", "to_dict", "as_dict"):  # absl flags; ml_collections, transformers
        convert = getattr(source, method, None)
        values = convert() if callable(convert) and not isinstance(source, type) else None
        if isinstance(values, Mapping):
            return values
    if hasattr(source, "__dict__") and not callable(source) and not isinstance(source, type(sys)):
        return vars(source)
    raise WrongTypeError(
        "`config` must be a dict, a Namespace, absl flags or the path of a YAML file. "
        f"Received: config={source!r} of type {type(source).__name__}."
    )


def _read_file(path: Path) -> Mapping[Any, Any]:
    if path.suffix.lower() not in _YAML_SUFFIXES or not path.is_file():
        raise UsageError(
            f"A `config` given as text must be the path of an existing .yaml, .yml or .json file. Received: config={str(path)!r}."
        )
    values = _parse(path)
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise UsageError(
            f"A config file must hold a mapping of names to values. Received: {path} with a {type(values).__name__}."
        )
    return {
        key: value["value"]
        if isinstance(value, Mapping) and "value" in value and value.keys() <= {"value", "desc"}
        else value
        for key, value in values.items()
        if key not in {"wandb_version", "_wandb"}
    }


def _parse(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix.lower() == ".json":
        import json

        try:
            return json.loads(text)
        except ValueError as error:
            raise UsageError(f"A .json config file must be JSON. Received: {path} ({error}).") from error
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError as error:
        raise UsageError(
            f"Reading a YAML config needs PyYAML. Received: config={str(path)!r}. Use `pip install pyyaml`, a .json file or a dict."
        ) from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"A .yaml config file must be YAML. Received: {path} ({error}).") from error


def _check_keys(raw: Mapping[str, Any], include: Sequence[str] | None, exclude: Sequence[str] | None) -> None:
    for name, keys in (("config_include_keys", include), ("config_exclude_keys", exclude)):
        if keys is not None and (isinstance(keys, str) or not all(isinstance(key, str) for key in keys)):
            raise WrongTypeError(f"`{name}` must be a list of texts. Received: {name}={keys!r}.")
    if include is not None and exclude is not None:
        raise UsageError("`config_include_keys` and `config_exclude_keys` exclude each other. Give one of them.")


def _refuse_media(key: str, value: object) -> None:
    if isinstance(value, Mapping):
        for name, item in value.items():
            _refuse_media(f"{key}.{name}", item)
    elif any(base.__module__.startswith("kerascope.media") for base in type(value).__mro__):
        raise WrongTypeError(
            f"A config holds no media. Received: {key} of type {type(value).__name__}. Use run.log({{{key!r}: ...}})."
        )
