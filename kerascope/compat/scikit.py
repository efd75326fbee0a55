"""`keras.wrappers.scikit_learn` of Keras 2: models behind the interface of scikit-learn's estimators, which need not be installed."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

_METHODS = ("fit", "predict", "evaluate")


class BaseWrapper:
    """An estimator around a function that builds a compiled model.

    Args:
        build_fn: returns the model; None if a subclass has `__call__`.
        **sk_params: arguments of `build_fn` and of `fit` and `predict`.
    """

    _estimator_type: str | None = None

    def __init__(self, build_fn: Callable[..., Any] | None = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.model: Any = None

    def get_params(self, deep: bool = True, **_: Any) -> dict[str, Any]:
        """Returns all parameters."""
        return {**copy.deepcopy(self.sk_params), "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> BaseWrapper:
        """Sets parameters and returns the estimator."""
        self.build_fn = params.pop("build_fn", self.build_fn)
        self.sk_params.update(params)
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import (  # scikit-learn asks, so that it is there
            ClassifierTags,
            RegressorTags,
            Tags,
            TargetTags,
        )

        kind = self._estimator_type
        return Tags(
            estimator_type=kind,
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags() if kind == "classifier" else None,
            regressor_tags=RegressorTags() if kind == "regressor" else None,
        )

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Builds the model and trains it; returns its History."""
        build = self.build_fn if self.build_fn is not None else self.__call__  # type: ignore[operator]
        known = inspect.signature(build).parameters
        self.model = build(**{key: value for key, value in self.sk_params.items() if key in known})
        loss = getattr(self.model, "loss", None)
        if loss in ("categorical_crossentropy",) and np.ndim(y) != 2:
            y = keras.utils.to_categorical(y)
        return self.model.fit(x, y, **{**self._of("fit"), **kwargs})

    def _of(self, method: str) -> dict[str, Any]:
        known = inspect.signature(getattr(keras.Model, method)).parameters
        old = {"nb_epoch"} if method == "fit" else set()
        return {key: value for key, value in self.sk_params.items() if key in known or key in old}

    def _evaluated(self, x: Any, y: Any, **kwargs: Any) -> list[Any]:
        result = self.model.evaluate(x, y, **{**self._of("evaluate"), **kwargs})
        return result if isinstance(result, list) else [result]


class KerasClassifier(BaseWrapper):
    """A classifier. Arguments as in `BaseWrapper`."""

    _estimator_type = "classifier"

    classes_: Any = None

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Trains on classes, (samples,), of any values, or on one-hot rows."""
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        else:
            self.classes_, y = np.unique(y, return_inverse=True)
            y = y.reshape(-1)
        return super().fit(x, y, **kwargs)

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Returns the class of each sample."""
        scores = self.model.predict(x, **{**self._of("predict"), **kwargs})
        numbers = scores.argmax(axis=-1) if scores.shape[-1] > 1 else (scores > 0.5).astype("int32")
        return self.classes_[numbers]

    def predict_proba(self, x: Any, **kwargs: Any) -> Any:
        """Returns scores, (samples, classes)."""
        scores = self.model.predict(x, **{**self._of("predict"), **kwargs})
        return np.hstack([1 - scores, scores]) if scores.shape[1] == 1 else scores

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Returns the share of samples whose class is found."""
        y = np.asarray(y)
        truth = self.classes_[y.argmax(axis=1)] if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1)
        return float(np.mean(self.predict(x, **kwargs).reshape(-1) == truth))


class KerasRegressor(BaseWrapper):
    """A regressor. Arguments as in `BaseWrapper`."""

    _estimator_type = "regressor"

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Returns predictions, (samples,) for a single output."""
        return np.squeeze(self.model.predict(x, **{**self._of("predict"), **kwargs}), axis=-1)

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Returns the loss with its sign turned, so that more is better."""
        return -float(self._evaluated(x, y, **kwargs)[0])
