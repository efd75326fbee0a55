"""Which values a trial gets: by chance, by the grid, or by what earlier trials gave (`bayes`, with Optuna).

Promises: the same sweep, trial number and results give the same values; no random state of the user's is consumed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kerascope.errors import Error, UsageError
from kerascope.sweeps.space import Parameter

METHODS = ("random", "grid", "bayes")

Values = dict[tuple[str, ...], Any]


@dataclass(frozen=True)
class Told:
    """An earlier trial as `bayes` sees it.

    Args:
        places: by parameter name, the number in [0, 1) that its value came from.
        value: of the metric; None while it runs or if it failed.
        is_running: whether it is still running.
    """

    places: dict[str, float]
    value: float | None
    is_running: bool


@dataclass(frozen=True)
class Choice:
    """What a trial gets: its values, and the numbers in [0, 1) they came from."""

    values: Values
    places: dict[str, float]


def choose(
    method: str, parameters: Sequence[Parameter], seed: str, number: int, told: Sequence[Told], maximize: bool
) -> Choice | None:
    """Returns the values of a trial, or None if every combination of a grid is taken.

    Args:
        method: one of `METHODS`.
        parameters: what is chosen.
        seed: text that is different for each sweep.
        number: of the trial, from 0.
        told: earlier trials.
        maximize: whether more of the metric is better.
    """
    if method == "grid":
        return _from_grid(parameters, number)
    if method == "bayes":
        places = _from_optuna(parameters, f"{seed}/{number}", told, maximize)
    else:
        draw = random.Random(f"{seed}/{number}")  # of its own: the user's generator stays as it is
        places = {one.name: draw.random() for one in parameters}
    return Choice({one.path: one.at(places[one.name]) for one in parameters}, places)


def check(method: str, parameters: Sequence[Parameter]) -> None:
    """Checks that a method can choose from the parameters.

    Raises:
        UsageError: if not.
    """
    if method not in METHODS:
        raise UsageError(f"`method` must be one of {', '.join(METHODS)}. Received: method={method!r}.")
    endless = [one.name for one in parameters if one.choices is None]
    if method == "grid" and endless:
        raise UsageError(
            f"The method 'grid' needs parameters with countable values. Received: {endless[0]!r}. "
            "Give it `values`, or use the method 'random'."
        )


def _from_grid(parameters: Sequence[Parameter], number: int) -> Choice | None:
    values: Values = {}
    for one in reversed(parameters):
        choices = one.choices or ()
        values[one.path] = choices[number % len(choices)]
        number //= len(choices)
    return Choice(values, {}) if number == 0 else None


def _from_optuna(parameters: Sequence[Parameter], seed: str, told: Sequence[Told], maximize: bool) -> dict[str, float]:
    try:
        import optuna
    except ImportError:
        raise Error(
            "The method 'bayes' needs Optuna, which is not installed. Use `pip install 'kerascope[sweep]'`, or method 'random'."
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    free = [one for one in parameters if one.choices is None or len(one.choices) > 1]
    space = {one.name: _distribution(optuna, one) for one in free}
    sampler = optuna.samplers.TPESampler(seed=random.Random(seed).getrandbits(31), n_startup_trials=5)
    study = optuna.create_study(direction="maximize" if maximize else "minimize", sampler=sampler)
    for earlier in told:
        study.add_trial(_known(optuna, free, space, earlier))
    asked = study.ask(space).params if space else {}
    places = {one.name: 0.0 for one in parameters}
    for one in free:
        number = asked[one.name]
        places[one.name] = number if one.choices is None else (number + 0.5) / len(one.choices)
    return places


def _distribution(optuna: Any, parameter: Parameter) -> Any:
    """Of the place in [0, 1), which is as natural for a logarithm or a bell curve as for a line; of the number, for few choices."""
    if parameter.choices is None:
        return optuna.distributions.FloatDistribution(0.0, 1.0 - 1e-9)
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in parameter.choices):
        return optuna.distributions.IntDistribution(0, len(parameter.choices) - 1)
    return optuna.distributions.CategoricalDistribution(list(range(len(parameter.choices))))


def _known(optuna: Any, free: Sequence[Parameter], space: dict[str, Any], told: Told) -> Any:
    states = optuna.trial.TrialState
    places = {
        one.name: told.places[one.name] if one.choices is None else int(told.places[one.name] * len(one.choices))
        for one in free
    }
    state = states.COMPLETE if told.value is not None else states.RUNNING if told.is_running else states.FAIL
    return optuna.trial.create_trial(state=state, params=places, distributions=space, value=told.value)
