"""What a sweep may choose from: its `parameters`, each as a function from a number in [0, 1) to a value.

Promises: pure; wrong parameters raise when the sweep is made. The names and meanings are those of wandb's sweep configuration.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from kerascope.errors import UsageError
from kerascope.ids import did_you_mean

_NEAR_ONE = 1.0 - 2.0**-53
_BETA_STEPS = 2048


@dataclass(frozen=True)
class Parameter:
    """One setting that a sweep chooses.

    Args:
        path: its keys in the config, outermost first.
        choices: every value, if it has countably few: they make up a grid. Else None.
        at: from a number in [0, 1) to a value; equal steps are equally likely.
    """

    path: tuple[str, ...]
    choices: tuple[Any, ...] | None
    at: Callable[[float], Any]

    @property
    def name(self) -> str:
        """The path as text."""
        return ".".join(self.path)


def parse(parameters: Mapping[str, Any]) -> list[Parameter]:
    """Returns the parameters of a sweep, in order of their names.

    Raises:
        UsageError: if one is not understood.
    """
    if not isinstance(parameters, Mapping) or not parameters:
        raise UsageError(f"`parameters` must be a map of settings to choose. Received: parameters={parameters!r}.")
    return sorted(_parse((), parameters), key=lambda one: one.path)


def nested(values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """Returns values by path as nested maps."""
    made: dict[str, Any] = {}
    for path, value in values.items():
        inner = made
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = value
    return made


def _parse(outer: tuple[str, ...], parameters: Mapping[str, Any]) -> list[Parameter]:
    found: list[Parameter] = []
    for name, spec in parameters.items():
        path = (*outer, str(name))
        if isinstance(spec, Mapping) and isinstance(spec.get("parameters"), Mapping):
            found += _parse(path, spec["parameters"])
        else:
            found.append(_parameter(path, spec))
    return found


def _parameter(path: tuple[str, ...], spec: Any) -> Parameter:
    if not isinstance(spec, Mapping):
        raise UsageError(
            f"A parameter must be a map such as {{'values': [1, 2]}}. Received: {'.'.join(path)}={spec!r}. "
            f"Write {{'value': {spec!r}}} for a constant."
        )
    kind = str(spec["distribution"]) if "distribution" in spec else _implied(path, spec)
    if kind not in _KINDS:
        raise UsageError(
            f"`distribution` must be one of {', '.join(_KINDS)}. Received: {'.'.join(path)}: {kind!r}."
            f"{did_you_mean(kind, _KINDS)}"
        )
    try:
        choices, at = _KINDS[kind](spec)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"The distribution {kind!r} must have its numbers in order. Received: {'.'.join(path)}={dict(spec)!r} "
            f"({type(error).__name__}: {error})."
        ) from error
    return Parameter(path, choices, at)


def _implied(path: tuple[str, ...], spec: Mapping[str, Any]) -> str:
    if "value" in spec:
        return "constant"
    if "values" in spec:
        return "categorical"
    if "mu" in spec or "sigma" in spec:
        return "normal"
    ends = [spec.get("min"), spec.get("max")]
    if None in ends:
        raise UsageError(
            f"A parameter must have `value`, `values`, or `min` and `max`. Received: {'.'.join(path)}={dict(spec)!r}."
        )
    return "int_uniform" if all(type(one) is int for one in ends) else "uniform"


Made = tuple[tuple[Any, ...] | None, Callable[[float], Any]]


def _constant(spec: Mapping[str, Any]) -> Made:
    return (spec["value"],), lambda u: spec["value"]


def _categorical(spec: Mapping[str, Any]) -> Made:
    values = tuple(spec["values"])
    if not values:
        raise ValueError("values is empty")
    weights = spec.get("probabilities")
    if weights is None:
        return values, lambda u: values[int(u * len(values))]
    if len(weights) != len(values):
        raise ValueError("as many probabilities as values")
    ends, total = [], 0.0
    for one in weights:
        total += float(one)
        ends.append(total)
    return values, lambda u: values[min(bisect.bisect_right(ends, u * total), len(values) - 1)]


def _integers(spec: Mapping[str, Any]) -> Made:
    low, high = int(spec["min"]), int(spec["max"])
    _ordered(low, high)
    choices = tuple(range(low, high + 1)) if high - low < 10_000 else None
    return choices, lambda u: low + int(u * (high - low + 1))


def _uniform(spec: Mapping[str, Any]) -> Callable[[float], float]:
    low, high = float(spec["min"]), float(spec["max"])
    _ordered(low, high)
    return lambda u: low + u * (high - low)


def _log_uniform(spec: Mapping[str, Any]) -> Callable[[float], float]:
    """`min` and `max` are exponents of e."""
    exponent = _uniform(spec)
    return lambda u: math.exp(exponent(u))


def _log_uniform_values(spec: Mapping[str, Any]) -> Callable[[float], float]:
    low, high = float(spec["min"]), float(spec["max"])
    _ordered(low, high)
    start, width = math.log(low), math.log(high) - math.log(low)
    return lambda u: min(max(math.exp(start + u * width), low), high)


def _inverse_log_uniform_values(spec: Mapping[str, Any]) -> Callable[[float], float]:
    """1 / x is log-uniform between 1 / max and 1 / min, which is log-uniform turned round."""
    at = _log_uniform_values(spec)
    return lambda u: at(1.0 - u)


def _inverse_log_uniform(spec: Mapping[str, Any]) -> Callable[[float], float]:
    """log(1 / x) is uniform between `min` and `max`."""
    exponent = _uniform(spec)
    return lambda u: math.exp(-exponent(u))


def _normal(spec: Mapping[str, Any]) -> Callable[[float], float]:
    at = NormalDist(float(spec.get("mu", 0.0)), float(spec.get("sigma", 1.0))).inv_cdf
    return lambda u: at(min(max(u, 1e-12), _NEAR_ONE))


def _log_normal(spec: Mapping[str, Any]) -> Callable[[float], float]:
    at = _normal(spec)
    return lambda u: math.exp(at(u))


def _beta(spec: Mapping[str, Any]) -> Callable[[float], float]:
    a, b = float(spec["a"]), float(spec["b"])
    _ordered(0.0, min(a, b))
    points = [(i + 0.5) / _BETA_STEPS for i in range(_BETA_STEPS)]
    ends, total = [], 0.0
    for x in points:
        total += x ** (a - 1) * (1 - x) ** (b - 1)
        ends.append(total)
    return lambda u: points[min(bisect.bisect_right(ends, u * total), _BETA_STEPS - 1)]


def _free(at: Callable[[Mapping[str, Any]], Callable[[float], float]]) -> Callable[[Mapping[str, Any]], Made]:
    return lambda spec: (None, at(spec))


def _stepped(
    at: Callable[[Mapping[str, Any]], Callable[[float], float]], linear: bool = False
) -> Callable[[Mapping[str, Any]], Made]:
    """Values rounded to multiples of `q`."""

    def make(spec: Mapping[str, Any]) -> Made:
        q, draw = spec.get("q", 1), at(spec)
        _ordered(0, q)

        def rounded(u: float) -> Any:
            value = round(draw(u) / q) * q
            return value if isinstance(q, float) else int(value)

        if not linear:
            return None, rounded
        count = round((float(spec["max"]) - float(spec["min"])) / q)
        choices = tuple(dict.fromkeys(rounded(i / max(count, 1)) for i in range(count + 1)))
        return choices, rounded

    return make


def _ordered(low: float, high: float) -> None:
    if not low <= high:
        raise ValueError(f"{low} is above {high}")


_KINDS: dict[str, Callable[[Mapping[str, Any]], Made]] = {
    "constant": _constant,
    "categorical": _categorical,
    "categorical_w_probabilities": _categorical,
    "int_uniform": _integers,
    "uniform": _free(_uniform),
    "q_uniform": _stepped(_uniform, linear=True),
    "log_uniform": _free(_log_uniform),
    "log_uniform_values": _free(_log_uniform_values),
    "q_log_uniform": _stepped(_log_uniform),
    "q_log_uniform_values": _stepped(_log_uniform_values),
    "inv_log_uniform": _free(_inverse_log_uniform),
    "inv_log_uniform_values": _free(_inverse_log_uniform_values),
    "normal": _free(_normal),
    "q_normal": _stepped(_normal),
    "log_normal": _free(_log_normal),
    "q_log_normal": _stepped(_log_normal),
    "beta": _free(_beta),
    "q_beta": _stepped(_beta),
}
