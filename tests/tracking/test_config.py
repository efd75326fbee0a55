from __future__ import annotations

import argparse
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kerascope
from kerascope.errors import ConfigError, UsageError
from kerascope.tracking.config import Config, config_values, same
from tests.tracking.conftest import Store


def new_config(**values: Any) -> tuple[Config, list[Any]]:
    written: list[Any] = []
    return Config(written.append, values), written


def test_values_are_read_by_item_and_by_attribute_and_written_at_once(store: Store) -> None:
    run = kerascope.init(config={"lr": 0.1})
    run.config.epochs = 3
    run.config["batch"] = 32
    assert run.config["lr"] == run.config.lr == 0.1
    assert dict(run.config.items()) == {"lr": 0.1, "epochs": 3, "batch": 32}
    assert store.state(run.id).config == {"lr": 0.1, "epochs": 3, "batch": 32}


def test_missing_values_raise_by_attribute_and_by_item() -> None:
    config, _ = new_config(a=1)
    with pytest.raises(AttributeError, match="Received: 'b'"):
        config.b  # noqa: B018
    with pytest.raises(KeyError):
        config["b"]
    assert config.get("b", 3) == 3
    assert not hasattr(config, "b")
    assert "a" in config


def test_an_existing_value_changes_only_when_that_is_allowed() -> None:
    config, written = new_config(lr=0.1)
    with pytest.raises(ConfigError, match="allow_val_change"):
        config.lr = 0.2
    with pytest.raises(ConfigError):
        config.update({"new": 1, "lr": 0.2})
    assert "new" not in config
    config.update({"lr": 0.1})
    assert written == []
    config.update({"lr": 0.2}, allow_val_change=True)
    assert config.lr == 0.2
    assert written[-1].set == {"lr": 0.2}


def test_setdefaults_keeps_what_is_set() -> None:
    config, _ = new_config(lr=0.1)
    config.setdefaults({"lr": 0.5, "epochs": 3})
    assert config.as_dict() == {"lr": 0.1, "epochs": 3}


def test_init_argument_allows_changes_for_the_whole_run() -> None:
    run = kerascope.init(config={"lr": 0.1}, allow_val_change=True)
    run.config.lr = 0.2
    assert run.config.lr == 0.2


def test_changes_inside_nested_values_are_written_at_the_end(store: Store) -> None:
    run = kerascope.init(config={"model": {"layers": [1, 2]}})
    run.config["model"]["layers"].append(3)
    run.finish()
    assert store.state(run.id).config == {"model": {"layers": [1, 2, 3]}}


def test_as_dict_is_a_copy() -> None:
    config, _ = new_config(a={"b": 1})
    config.as_dict()["a"]["b"] = 2
    assert config["a"] == {"b": 1}


def test_values_can_be_removed(store: Store) -> None:
    run = kerascope.init(config={"a": 1, "b": 2})
    del run.config["a"]
    del run.config.b
    assert store.state(run.id).config == {}


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ((1, 2), [1, 2]),
        ({3, 1}, [1, 3]),
        (np.float32(0.5), 0.5),
        (np.arange(3), [0, 1, 2]),
        (Path("a/b"), "a/b"),
        ({1: "x"}, {"1": "x"}),
        (len, "builtins.len"),
        (None, None),
    ],
)
def test_values_become_what_the_log_can_hold(value: Any, stored: Any) -> None:
    assert config_values({"v": value}) == {"v": stored}


def test_dashes_around_keys_are_stripped() -> None:
    assert config_values({"--lr": 1, "a-b-": 2}) == {"lr": 1, "a-b": 2}


def test_media_are_refused() -> None:
    with pytest.raises(UsageError, match="holds no media"):
        config_values({"a": {"b": kerascope.Histogram([1.0, 2.0])}})


def test_namespaces_flags_and_objects_with_to_dict_are_taken(store: Store) -> None:
    class Flags:
        def flag_values_dict(self) -> dict[str, Any]:
            return {"lr": 1}

    class Settings:
        def to_dict(self) -> dict[str, Any]:
            return {"lr": 2}

    assert config_values(argparse.Namespace(lr=3)) == {"lr": 3}
    assert config_values(SimpleNamespace(lr=4)) == {"lr": 4}
    assert config_values(Flags()) == {"lr": 1}
    assert config_values(Settings()) == {"lr": 2}
    run = kerascope.init()
    run.config.update(argparse.Namespace(lr=5))
    assert run.config.lr == 5


def test_include_and_exclude_choose_keys() -> None:
    values = {"a": 1, "b": 2, "c": 3}
    assert config_values(values, include=["a"]) == {"a": 1}
    assert config_values(values, exclude=["a"]) == {"b": 2, "c": 3}
    with pytest.raises(UsageError, match="exclude each other"):
        config_values(values, ["a"], ["b"])
    with pytest.raises(UsageError, match="list of texts"):
        config_values(values, "a")


def test_yaml_and_json_files_are_read(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    path = tmp_path / "c.yaml"
    path.write_text("lr: 0.1\nepochs:\n  desc: how long\n  value: 3\nwandb_version: 1\n")
    assert config_values(path) == config_values(str(path)) == {"lr": 0.1, "epochs": 3}
    other = tmp_path / "c.json"
    other.write_text(json.dumps({"lr": 0.2}))
    assert config_values(other) == {"lr": 0.2}


def test_defaults_file_of_the_working_folder_lies_beneath_the_argument() -> None:
    pytest.importorskip("yaml")
    Path("config-defaults.yaml").write_text("lr: 0.1\nepochs: 3\n")
    run = kerascope.init(config={"lr": 0.5})
    assert run.config.as_dict() == {"lr": 0.5, "epochs": 3}


@pytest.mark.parametrize("config", [3, [1], "missing.yaml", "no path", print, object()])
def test_wrong_configs_raise_one_sentence(config: Any) -> None:
    with pytest.raises(UsageError, match="Received"):
        kerascope.init(config=config)
    assert kerascope.run is None


def test_broken_files_are_named(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    for name, text in (("a.yaml", "{"), ("b.yaml", "- 1"), ("c.json", "{")):
        (tmp_path / name).write_text(text)
        with pytest.raises(UsageError, match=name):
            config_values(tmp_path / name)


def test_same_tells_one_from_true_and_nan_from_nothing_else() -> None:
    nan = float("nan")
    assert same(nan, nan)
    assert same({"a": [nan]}, {"a": [nan]})
    assert not same(1, True)
    assert same(1, 1.0)
    assert not same([1], [1, 2])


def test_module_assignment_updates_the_config() -> None:
    run = kerascope.init()
    kerascope.config = {"lr": 0.1}  # type: ignore[assignment]
    assert run.config.lr == 0.1


def test_changes_after_finish_raise() -> None:
    run = kerascope.init()
    run.finish()
    with pytest.raises(UsageError, match="after finish"):
        run.config.lr = 1
