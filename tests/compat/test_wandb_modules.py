"""Every line of the tables of wandb leads somewhere, and what reads runs is loaded only when it is asked for."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

import kerascope.compat
from kerascope.compat import wandb_tables as tables
from kerascope.errors import CommError, Error, UsageError
from kerascope.media.table import Table


@pytest.fixture(autouse=True)
def aliases() -> Iterator[None]:
    kerascope.compat.install(keras=False)
    yield
    kerascope.compat.uninstall()


def test_every_module_and_name_of_the_tables_is_there() -> None:
    for name in tables.MODULES:
        assert importlib.import_module(name).__name__ == name
    wandb = importlib.import_module("wandb")
    for name in tables.NAMES:
        assert getattr(wandb, name) is not None, name


@pytest.mark.parametrize(
    ("module", "name", "kind"),
    [
        ("wandb.errors", "AuthenticationError", CommError),
        ("wandb.errors.errors", "UnsupportedError", UsageError),
        ("wandb.errors", "Error", Error),
        ("wandb.data_types", "Table", Table),
        ("wandb.sdk.lib.config_util", "ConfigError", UsageError),
    ],
)
def test_names_of_the_insides_are_those_of_kerascope(module: str, name: str, kind: type) -> None:
    assert issubclass(getattr(importlib.import_module(module), name), kind)


def test_unknown_name_says_what_is_near_or_where_to_look() -> None:
    wandb = importlib.import_module("wandb")
    with pytest.raises(
        AttributeError, match=r"wandb\.log_artefact is not part of kerascope.*Did you mean 'log_artifact'"
    ):
        _ = wandb.log_artefact
    with pytest.raises(ImportError, match=r"Use kerascope\.Run"):
        importlib.import_module("wandb.sdk.internal.internal_api")


def test_small_helpers_do_what_scripts_expect() -> None:
    util = importlib.import_module("wandb.util")
    assert len(util.generate_id()) == 8
    assert len(util.generate_id(12)) == 12
    assert util.make_artifact_name_safe("a b/c") == "a_b_c"
    assert util.get_module("no_such_module") is None
    with pytest.raises(Error, match="install it"):
        util.get_module("no_such_module", required="install it")


def test_names_of_the_package_load_no_sql() -> None:
    code = (
        "import sys, kerascope.compat; kerascope.compat.install(keras=False)\n"
        "import wandb, wandb.util; from wandb.errors import CommError, AuthenticationError\n"
        "wandb.util.generate_id(); wandb.__version__; wandb.api.api_key; wandb.Error\n"
        "assert 'sqlalchemy' not in sys.modules and 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
