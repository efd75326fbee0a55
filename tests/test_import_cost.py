from __future__ import annotations

import subprocess
import sys

import pytest

import kerascope


def modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {
        "keras",
        "jax",
        "tensorflow",
        "torch",
        "numpy",
        "msgspec",
        "PIL",
        "psutil",
        "sqlalchemy",
        "starlette",
        "rich",
    }
    assert not heavy & modules_after("import kerascope")


def test_beginning_a_run_loads_no_keras_backend_sql_or_server() -> None:
    heavy = {
        "keras",
        "jax",
        "tensorflow",
        "torch",
        "PIL",
        "pandas",
        "sqlalchemy",
        "alembic",
        "starlette",
        "uvicorn",
        "rich",
    }
    assert not heavy & modules_after("import kerascope; kerascope.init(mode='disabled').log({'a': 1})")


@pytest.mark.parametrize("name", [name for name in kerascope.__all__ if name not in {"config", "summary", "run"}])
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(kerascope, name) is not None
    assert name in dir(kerascope)


def test_unknown_names_raise_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        kerascope.no_such_name  # noqa: B018


def test_the_run_cannot_be_replaced() -> None:
    with pytest.raises(kerascope.UsageError, match="cannot be replaced"):
        kerascope.run = 3  # type: ignore[assignment]
