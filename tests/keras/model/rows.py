"""The fixed data of the recorded answers of Keras 2.3.1, and the ways to ask for them.

A row of a contract table is (what to do, what Keras 2.3.1 answered). Numbers were recorded there with these arrays and
weights; answers that are an exception say which kinds may be caught and a word that the message must hold.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest

from kerascope.keras.model import Model
from tests.keras.model.nets import L, compiled

X = np.arange(30, dtype="float32").reshape(10, 3) / 30
Y = np.arange(20, dtype="float32").reshape(10, 2) / 10
YB = (0.35 + 0.425 * np.arange(10, dtype="float32")).reshape(10, 1)
W = np.arange(10, dtype="float32")

# Recorded: mean squared and absolute errors of output "oa" (and "out"), then of "ob".
MSE, MAE, MSE_B, MAE_B = 0.07375, 0.23, 2.9878125, 1.5375
SQUARES = ((Y - 0.5 * X.sum(1, keepdims=True)) ** 2).mean(1)
SQUARES_B = ((YB - 0.5 * X.sum(1, keepdims=True)) ** 2).mean(1)


@dataclass(frozen=True)
class Raises:
    """An answer that is an exception."""

    kinds: type[BaseException] | tuple[type[BaseException], ...]
    words: str = ""


def single(**kwargs: Any) -> Any:
    a = keras.Input((3,), name="in")
    model = Model(a, L.Dense(2, use_bias=False, name="out")(a))
    model.set_weights([np.full((3, 2), 0.5)])
    return compiled(model, **kwargs) if kwargs.pop("compile", True) else model


def bare() -> Any:
    return single(compile=False)


def double(**kwargs: Any) -> Any:
    ia, ib = keras.Input((3,), name="ia"), keras.Input((3,), name="ib")
    oa, ob = L.Dense(2, use_bias=False, name="oa")(ia), L.Dense(1, use_bias=False, name="ob")(ib)
    model = Model([ia, ib], [oa, ob])
    model.set_weights([np.full((3, 2), 0.5), np.full((3, 1), 0.5)])
    return compiled(model, **kwargs) if kwargs.pop("compile", True) else model


def scalar_model(units: int = 1, **kwargs: Any) -> Any:
    a = keras.Input((3,), name="in")
    model = Model(a, L.Dense(units, use_bias=False, name="out", activation=kwargs.pop("activation", None))(a))
    model.set_weights([np.linspace(-1, 1, 3 * units).reshape(3, units) if units > 1 else np.full((3, 1), 0.5)])
    return compiled(model, **kwargs)


def fitted(model: Any, x: Any = X, y: Any = Y, **kwargs: Any) -> dict[str, float]:
    """The first epoch of the History of a fit."""
    history = model.fit(x, y, verbose=0, **kwargs)
    return {name: values[0] for name, values in history.history.items()}


def both(model: Any, **kwargs: Any) -> dict[str, float]:
    return fitted(model, [X, X], [Y, YB], **kwargs)


def on_both(model: Any, y: Any = None, **kwargs: Any) -> Any:
    return model.test_on_batch([X, X], [Y, YB] if y is None else y, **kwargs)


def printed(call: Callable[[], Any]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        call()
    return out.getvalue()


def check(row: tuple[Callable[[], Any], Any]) -> None:
    """Asks a row and compares; numbers within what float32 allows, containers and keys exactly."""
    ask, wanted = row
    if isinstance(wanted, Raises):
        with pytest.raises(wanted.kinds, match=wanted.words):
            ask()
        return
    alike(ask(), wanted)


def alike(got: Any, wanted: Any) -> None:
    if isinstance(wanted, dict):
        assert list(got) == list(wanted)
        for key, value in wanted.items():
            alike(got[key], value)
    elif isinstance(wanted, list):
        assert isinstance(got, list | tuple)
        assert len(got) == len(wanted), got
        for one, two in zip(got, wanted, strict=True):
            alike(one, two)
    elif isinstance(wanted, float):
        assert float(got) == pytest.approx(wanted, rel=2e-4, abs=2e-6)
    else:
        assert got == wanted
