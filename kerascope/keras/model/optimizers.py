"""Optimizers with the arguments they had in Keras 2: `lr`, `decay`, `epsilon=None`.

    from kerascope.keras.model import optimizers
    model.compile(optimizers.SGD(lr=0.1, decay=1e-6, momentum=0.9), "mse")

What comes back is an ordinary Keras 3 optimizer. `decay` becomes the schedule lr / (1 + decay * step), which is what
Keras 2 computed.
"""

from __future__ import annotations

from typing import Any

import keras

GONE = ("schedule_decay",)


def check_optimizer(optimizer: Any) -> None:
    """Refuses a name that no optimizer has. Other types are judged by Keras.

    Raises:
        ValueError: If there is no such optimizer, or it is None.
    """
    if optimizer is None:
        raise ValueError("`optimizer` must be the name of an optimizer or an instance. Received: optimizer=None.")
    if not isinstance(optimizer, str) or keras.saving.get_registered_object(optimizer) is not None:
        return
    known = sorted(name for name, one in vars(keras.optimizers).items() if isinstance(one, type))
    if optimizer.lower() not in {name.lower() for name in known}:
        raise ValueError(f"Unknown optimizer: {optimizer}. Keras has {', '.join(known)}.")


def SGD(*args: Any, **kwargs: Any) -> Any:
    """Makes `keras.optimizers.SGD`; positional order (lr, momentum, decay, nesterov)."""
    return _make("SGD", ("lr", "momentum", "decay", "nesterov"), args, kwargs)


def RMSprop(*args: Any, **kwargs: Any) -> Any:
    """Makes `keras.optimizers.RMSprop`; positional order (lr, rho, epsilon, decay)."""
    return _make("RMSprop", ("lr", "rho", "epsilon", "decay"), args, kwargs)


def Adagrad(*args: Any, **kwargs: Any) -> Any:
    """Makes `keras.optimizers.Adagrad`; positional order (lr, epsilon, decay)."""
    return _make("Adagrad", ("lr", "epsilon", "decay"), args, {"lr": 0.01, **kwargs} if not args else kwargs)


def Adadelta(*args: Any, **kwargs: Any) -> Any:
    """Makes `keras.optimizers.Adadelta`; positional order (lr, rho, epsilon, decay)."""
    return _make("Adadelta", ("lr", "rho", "epsilon", "decay"), args, {"lr": 1.0, **kwargs} if not args else kwargs)


def Adam(*args: Any, **kwargs: Any) -> Any:
    """Makes `keras.optimizers.Adam`; positional order (lr, beta_1, beta_2, epsilon, decay, amsgrad)."""
    return _make("Adam", ("lr", "beta_1", "beta_2", "epsilon", "decay", "amsgrad"), args, kwargs)


def Adamax(*args: Any, **kwargs: Any) -> Any:
    """Makes `keras.optimizers.Adamax`; positional order (lr, beta_1, beta_2, epsilon, decay)."""
    return _make(
        "Adamax", ("lr", "beta_1", "beta_2", "epsilon", "decay"), args, {"lr": 0.002, **kwargs} if not args else kwargs
    )


def Nadam(*args: Any, **kwargs: Any) -> Any:
    """Makes `keras.optimizers.Nadam`; positional order (lr, beta_1, beta_2, epsilon, schedule_decay)."""
    return _make(
        "Nadam",
        ("lr", "beta_1", "beta_2", "epsilon", "schedule_decay"),
        args,
        {"lr": 0.002, **kwargs} if not args else kwargs,
    )


def _make(name: str, order: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if len(args) > len(order):
        raise TypeError(f"{name} takes at most {len(order)} positional arguments. Received: {len(args)}.")
    given = {**dict(zip(order, args, strict=False)), **kwargs}
    if "learning_rate" in given:
        given.pop("lr", None)
    elif "lr" in given:
        given["learning_rate"] = given.pop("lr")
    decay = given.pop("decay", 0.0)
    for gone in GONE:
        given.pop(gone, None)
    if given.get("epsilon", 0) is None:
        del given["epsilon"]
    kind = getattr(keras.optimizers, name)
    if decay:
        rate = given.get("learning_rate", kind().get_config()["learning_rate"])
        given["learning_rate"] = keras.optimizers.schedules.InverseTimeDecay(rate, 1, decay)
    return kind(**given)
