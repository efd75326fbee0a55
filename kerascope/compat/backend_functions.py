"""The functions of `keras.backend` before Keras 3, on `keras.ops`: for every backend.

Names that `keras.ops` has with the same meaning are listed in `SAME`; the others are functions here. What needs the sessions and
graphs of TensorFlow 1 raises an error that says what to write.
"""

from __future__ import annotations

import builtins
import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import keras
import numpy as np
from keras import ops

from kerascope.compat import graphs
from kerascope.compat.report import note
from kerascope.errors import Error

# Name in `keras.backend`: name in `keras.ops`; argument order is the same.
SAME: dict[str, str] = {
    **{name: name for name in (
        "abs", "all", "any", "cos", "elu", "equal", "exp", "eye", "greater",
        "greater_equal", "less", "less_equal", "log", "logsumexp", "max", "maximum", "mean", "min", "minimum",
        "not_equal", "ones_like", "prod", "repeat", "reshape", "round", "sigmoid", "sign", "sin", "softmax", "softplus",
        "softsign", "sqrt", "square", "squeeze", "stack", "std", "stop_gradient", "sum", "tanh", "tile", "var", "zeros_like",
        "cast", "one_hot",
    )},
    "pow": "power",
    "gather": "take",
    "permute_dimensions": "transpose",
    "arange": "arange",
    "foldl": "scan",
}  # fmt: skip
del SAME["foldl"], SAME["gather"]
# These reduce booleans and whole numbers too, which old backends cast first.
_AS_FLOAT = {"mean", "std", "var"}

# Names that need what is gone: what to write instead.
GONE: dict[str, str] = {
    "get_session": "There are no sessions; values are there at once: use keras.ops.convert_to_numpy(x).",
    "tf": "Import tensorflow itself.",
    "get_uid_prefix": "Use keras.backend.get_uid.",
}


def functions() -> dict[str, Any]:
    """Returns every function by its name in `keras.backend`."""
    made = {name: _same(name, target) for name, target in SAME.items()}
    made.update({name: _gone(name, way_out) for name, way_out in GONE.items()})
    made.update({name: value for name, value in globals().items() if name in _HERE})
    made.update(placeholder=graphs.placeholder, function=graphs.function, gradients=graphs.gradients)
    return made


def _same(name: str, target: str) -> Callable[..., Any]:
    operation = getattr(ops, target)

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("name", None)
        x = getattr(x, "symbol", x)
        if name in _AS_FLOAT and "float" not in keras.backend.standardize_dtype(getattr(x, "dtype", "float32")):
            x = ops.cast(x, keras.backend.floatx())
        return operation(x, *args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"`keras.ops.{target}`."
    return call


def _gone(name: str, way_out: str) -> Callable[..., NoReturn]:
    def call(*args: Any, **kwargs: Any) -> NoReturn:
        raise Error(f"keras.backend.{name} is not part of Keras 3. {way_out}")

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"Raises Error. {way_out}"
    return call


def image_dim_ordering() -> str:
    """Returns "th" or "tf"."""
    return "th" if keras.config.image_data_format() == "channels_first" else "tf"


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Sets the order of image axes: "th" (channels first) or "tf"."""
    note("K.set_image_dim_ordering('th')", "keras.config.set_image_data_format('channels_first')")
    keras.config.set_image_data_format({"th": "channels_first", "tf": "channels_last"}[dim_ordering])


def set_session(session: Any) -> None:
    """Does nothing: there are no sessions."""
    note("K.set_session(...)", "nothing: there are no sessions")


def manual_variable_initialization(value: bool) -> None:
    """Does nothing: variables are there at once."""


def learning_phase() -> int:
    """Returns 0: whether a call is part of training is its argument `training` now."""
    note("K.learning_phase()", "the argument `training` of call")
    return 0


def set_learning_phase(value: Any) -> None:
    """Does nothing: whether a call is part of training is its argument `training` now."""
    note("K.set_learning_phase(...)", "model(x, training=...)")


@contextlib.contextmanager
def learning_phase_scope(value: Any) -> Iterator[None]:
    """Does nothing for as long as it lasts."""
    yield


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Returns `x` (called, if it can be) in training, else `alt`."""
    chosen = x if training else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Returns `alt` (called, if it can be) in training, else `x`."""
    return in_train_phase(alt, x, training)


def _seed(seed: Any) -> Any:
    """What a random function draws from: on JAX a generator kept by the layer that calls it, so that compiled steps advance it."""
    if seed is not None or keras.config.backend() != "jax":
        return seed
    layer = _calling_layer()
    if layer is None:
        return None
    generator = vars(layer).get("_classic_seed")
    if generator is None:
        layer._tracker.unlock()
        generator = layer._classic_seed = keras.random.SeedGenerator()
    return generator


def _calling_layer() -> Any:
    frame = sys._getframe(3)
    while frame is not None:
        owner = frame.f_locals.get("self")
        if isinstance(owner, keras.layers.Layer) and not isinstance(owner, keras.Model):
            return owner
        frame = frame.f_back  # type: ignore[assignment]
    return None


def variable(value: Any, dtype: Any = None, name: Any = None, constraint: Any = None) -> Any:
    """Returns a `keras.Variable` with a value."""
    return keras.Variable(np.asarray(value), dtype=dtype or keras.backend.floatx(), name=name)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> Any:
    """Returns a tensor with a value, repeated to a shape if one is given."""
    made = ops.convert_to_tensor(np.asarray(value), dtype=dtype or keras.backend.floatx())
    return made if shape is None else ops.broadcast_to(made, shape)


def zeros(shape: Any, dtype: Any = None, name: Any = None) -> Any:
    """Returns a variable of zeros."""
    return variable(np.zeros(shape), dtype)


def ones(shape: Any, dtype: Any = None, name: Any = None) -> Any:
    """Returns a variable of ones."""
    return variable(np.ones(shape), dtype)


def get_value(x: Any) -> Any:
    """Returns a variable's or tensor's value as NumPy."""
    return ops.convert_to_numpy(x) if not isinstance(x, float | int) else x


eval = get_value


def set_value(x: Any, value: Any) -> None:
    """Sets the value of a variable."""
    x.assign(np.asarray(value))


def batch_get_value(tensors: Any) -> list[Any]:
    """Returns the values of several variables."""
    return [get_value(one) for one in tensors]


def batch_set_value(tuples: Any) -> None:
    """Sets the values of several variables, given as pairs."""
    for one, value in tuples:
        set_value(one, value)


def update(x: Any, new_x: Any) -> Any:
    """Sets a variable and returns it."""
    x.assign(new_x)
    return x


def update_add(x: Any, increment: Any) -> Any:
    """Adds to a variable and returns it."""
    return update(x, ops.add(x, increment))


def update_sub(x: Any, decrement: Any) -> Any:
    """Subtracts from a variable and returns it."""
    return update(x, ops.subtract(x, decrement))


def moving_average_update(x: Any, value: Any, momentum: float) -> Any:
    """Moves a variable towards a value and returns it."""
    return update(x, ops.add(ops.multiply(x, momentum), ops.multiply(value, 1.0 - momentum)))


def print_tensor(x: Any, message: str = "") -> Any:
    """Returns the tensor; its value is not printed inside compiled steps."""
    return x


def shape(x: Any) -> Any:
    """Returns the shape; of a symbolic tensor with open axes it can be computed with all the same."""
    known = ops.shape(x)
    if None not in known or not isinstance(x, keras.KerasTensor):
        return known
    made = _OpenShape(known)
    made.symbol = _ShapeOf()(x)
    return made


class _OpenShape(tuple[Any, ...]):
    """A shape with None where it is open, and beside it the symbolic tensor that it will be."""

    symbol: Any


class _ShapeOf(keras.Operation):  # type: ignore[misc]
    """The shape of a tensor as a step of a graph."""

    def call(self, x: Any) -> Any:
        return ops.convert_to_tensor(ops.shape(x), dtype="int32")

    def compute_output_spec(self, x: Any) -> Any:
        return keras.KerasTensor((len(x.shape),), dtype="int32")


def int_shape(x: Any) -> Any:
    """Returns the static shape as a tuple, None where it is open."""
    return tuple(x.shape) if hasattr(x, "shape") else None


def ndim(x: Any) -> int:
    """Returns the number of axes."""
    return len(x.shape)


def dtype(x: Any) -> str:
    """Returns the dtype as text."""
    return str(keras.backend.standardize_dtype(x.dtype))


def count_params(x: Any) -> int:
    """Returns the number of entries."""
    return int(np.prod(x.shape))


def is_sparse(tensor: Any) -> bool:
    """Returns whether the tensor is sparse."""
    return bool(getattr(tensor, "sparse", False))


def cast_to_floatx(x: Any) -> Any:
    """Returns the value with the default float dtype; NumPy stays NumPy."""
    if isinstance(x, np.ndarray | list | tuple | float | int):
        return np.asarray(x, dtype=keras.backend.floatx())
    return ops.cast(x, keras.backend.floatx())


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """Returns the values kept between two bounds; None is no bound."""
    low = -np.inf if min_value is None else min_value
    return ops.clip(x, low, np.inf if max_value is None else max_value)


def dot(x: Any, y: Any) -> Any:
    """Returns the product over the last axis of `x` and the one before the last of `y`."""
    return ops.dot(x, y)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Returns the product per sample over an axis of each; with four axes, the second is a batch too, as TensorFlow's form had it."""
    if axes is None:
        axes = (len(x.shape) - 1, 1 if len(y.shape) == 2 else len(y.shape) - 2)
    first, second = (axes, axes) if isinstance(axes, int) else axes
    first, second = first % len(x.shape), second % len(y.shape)
    left, right = "abcdef"[: len(x.shape)], "auvwyz"[: len(y.shape)]
    if max(len(left), len(right)) > 3 and 1 not in (first, second) and x.shape[1] == y.shape[1]:
        right = right[0] + left[1] + right[2:]
    right = right[:second] + left[first] + right[second + 1 :]
    kept = [one for one in left if one != left[first]]
    made = "".join(kept + [one for one in right if one not in kept and one != left[first]])
    result = ops.einsum(f"{left},{right}->{made}", x, y)
    return ops.expand_dims(result, -1) if len(made) == 1 else result


def argmax(x: Any, axis: int = -1) -> Any:
    """Returns where the largest value along an axis is."""
    return ops.argmax(x, axis=axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """Returns where the smallest value along an axis is."""
    return ops.argmin(x, axis=axis)


def concatenate(tensors: Any, axis: int = -1) -> Any:
    """Returns the tensors one after another along an axis."""
    return ops.concatenate(tensors, axis=axis)


def expand_dims(x: Any, axis: int = -1) -> Any:
    """Returns the tensor with an axis of length 1 more."""
    return ops.expand_dims(x, axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    """Returns the running sum along an axis."""
    return ops.cumsum(x, axis=axis)


def cumprod(x: Any, axis: int = 0) -> Any:
    """Returns the running product along an axis."""
    return ops.cumprod(x, axis=axis)


def classic_hard_sigmoid(x: Any) -> Any:
    """Returns `0.2 x + 0.5`, kept between 0 and 1: the formula before Keras 3.

    Its own name is not `hard_sigmoid`, as Keras would save that as its activation of today.
    """
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


hard_sigmoid = keras.saving.register_keras_serializable("kerascope", "hard_sigmoid")(classic_hard_sigmoid)


def transpose(x: Any) -> Any:
    """Returns the tensor with its axes in reverse order."""
    return ops.transpose(x)


def gather(reference: Any, indices: Any) -> Any:
    """Returns rows of a tensor."""
    return ops.take(reference, ops.cast(indices, "int32"), axis=0)


def flatten(x: Any) -> Any:
    """Returns the tensor as one row."""
    return ops.reshape(x, (-1,))


def batch_flatten(x: Any) -> Any:
    """Returns the tensor with all axes but the first joined."""
    return ops.reshape(x, (-1, int(np.prod(x.shape[1:]))))


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Returns the tensor with each entry repeated along an axis."""
    return ops.repeat(x, rep, axis=axis)


def repeat(x: Any, n: int) -> Any:
    """Returns (samples, n, dim) from (samples, dim)."""
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def reverse(x: Any, axes: Any) -> Any:
    """Returns the tensor turned round along axes."""
    return ops.flip(x, axis=axes)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Any:
    """Returns the tensor scaled to length 1."""
    total = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(total, epsilon)))


def relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    """Returns the rectified values."""
    return keras.activations.relu(x, negative_slope=alpha, max_value=max_value, threshold=threshold)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """Returns values of the first where the condition holds, else of the second; both may be functions."""
    first = then_expression() if callable(then_expression) else then_expression
    second = else_expression() if callable(else_expression) else else_expression
    return ops.where(ops.cast(condition, "bool"), first, second)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Returns the tensor with a share of its entries set to 0."""
    return keras.random.dropout(x, level, noise_shape=noise_shape, seed=_seed(seed))


def random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Returns normal random numbers."""
    return keras.random.normal(tuple(shape), mean, stddev, dtype=dtype, seed=_seed(seed))


def random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Returns uniform random numbers."""
    return keras.random.uniform(tuple(shape), minval, maxval, dtype=dtype, seed=_seed(seed))


def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Returns normal random numbers within two deviations."""
    return keras.random.truncated_normal(tuple(shape), mean, stddev, dtype=dtype, seed=_seed(seed))


def random_binomial(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    """Returns 1 with probability `p`, else 0."""
    drawn = keras.random.uniform(tuple(shape), seed=_seed(seed))
    return ops.cast(drawn < p, dtype or keras.backend.floatx())


random_bernoulli = random_binomial


def random_normal_variable(
    shape: Any, mean: float, scale: float, dtype: Any = None, name: Any = None, seed: Any = None
) -> Any:
    """Returns a variable of normal random numbers."""
    return variable(get_value(random_normal(shape, mean, scale, seed=_seed(seed))), dtype)


def random_uniform_variable(
    shape: Any, low: float, high: float, dtype: Any = None, name: Any = None, seed: Any = None
) -> Any:
    """Returns a variable of uniform random numbers."""
    return variable(get_value(random_uniform(shape, low, high, seed=_seed(seed))), dtype)


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Returns the loss per sample of one-hot targets."""
    return ops.categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Returns the loss per sample of class numbers."""
    return ops.sparse_categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Returns the loss per entry of 0 and 1."""
    return ops.binary_crossentropy(target, output, from_logits=from_logits)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Returns whether each target is among the k highest scores."""
    return ops.in_top_k(targets, predictions, k=k)


def bias_add(x: Any, bias: Any, data_format: Any = None) -> Any:
    """Returns the tensor with a bias per channel added."""
    form = data_format or keras.config.image_data_format()
    if form == "channels_first" and len(x.shape) > 2:
        bias = ops.reshape(bias, (1, -1, *([1] * (len(x.shape) - 2))))
    return ops.add(x, bias)


def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3
) -> Any:
    """Returns the tensor normalised with a given mean and variance."""
    return ops.batch_normalization(x, mean, var, axis, offset=beta, scale=gamma, epsilon=epsilon)


def conv1d(
    x: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None, dilation_rate: Any = 1
) -> Any:
    """Returns the 1D convolution."""
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def conv2d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Returns the 2D convolution."""
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


conv3d = conv2d


def depthwise_conv2d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Returns the 2D convolution per channel."""
    return ops.depthwise_conv(x, kernel, strides, padding, data_format, dilation_rate)


def pool2d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    pool_mode: str = "max",
) -> Any:
    """Returns the largest or mean value of each window."""
    pool = ops.max_pool if pool_mode == "max" else ops.average_pool
    return pool(x, pool_size, strides, padding, data_format)


pool3d = pool2d


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Returns (samples, steps, dim) with steps of zeros around."""
    return ops.pad(x, ((0, 0), tuple(padding), (0, 0)))


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
    """Returns images with zeros around."""
    return keras.layers.ZeroPadding2D(padding, data_format=data_format)(x)


def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: Any = None, interpolation: str = "nearest"
) -> Any:
    """Returns images made larger by whole factors."""
    layer = keras.layers.UpSampling2D(
        (height_factor, width_factor), data_format=data_format, interpolation=interpolation
    )
    return layer(x)


def map_fn(fn: Callable[..., Any], elems: Any, name: Any = None, dtype: Any = None) -> Any:
    """Returns a function of each row, stacked."""
    return ops.map(fn, elems)


def foldl(fn: Callable[..., Any], elems: Any, initializer: Any = None, name: Any = None) -> Any:
    """Returns the rows folded by a function, first row first."""
    rows = ops.unstack(elems)
    start = rows.pop(0) if initializer is None else initializer
    for row in rows:
        start = fn(start, row)
    return start


def foldr(fn: Callable[..., Any], elems: Any, initializer: Any = None, name: Any = None) -> Any:
    """Returns the rows folded by a function, last row first."""
    return foldl(fn, ops.flip(elems, axis=0), initializer)


def identity(x: Any, name: Any = None) -> Any:
    """Returns the tensor."""
    return x


def to_dense(tensor: Any) -> Any:
    """Returns the tensor without sparseness."""
    return ops.convert_to_tensor(tensor, sparse=False)


@contextlib.contextmanager
def name_scope(name: str) -> Iterator[None]:
    """Names what is made inside."""
    with keras.name_scope(name):
        yield


def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """Returns the CTC loss per sample, (samples, 1); the blank is the last class."""
    classes = y_pred.shape[-1]
    lengths = ops.cast(ops.squeeze(label_length, -1), "int32"), ops.cast(ops.squeeze(input_length, -1), "int32")
    turned = ops.concatenate([y_pred[..., classes - 1 :], y_pred[..., : classes - 1]], axis=-1)  # ours is class 0
    scores = ops.log(turned + keras.backend.epsilon())
    loss = ops.ctc_loss(ops.cast(y_true, "int32") + 1, scores, *lengths, mask_index=0)
    return ops.expand_dims(loss, -1)


def ctc_decode(
    y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[Any], Any]:
    """Returns the best label sequences of (samples, steps, classes) scores, each (samples, labels) filled up with -1, and their scores."""
    strategy = "greedy" if greedy else "beam_search"
    extra = {} if greedy else {"beam_width": beam_width, "top_paths": top_paths}
    found, scores = ops.ctc_decode(
        ops.log(y_pred + keras.backend.epsilon()),
        ops.cast(ops.reshape(input_length, (-1,)), "int32"),
        strategy,
        mask_index=y_pred.shape[-1] - 1,
        **extra,
    )
    return list(ops.unstack(found, axis=0)), scores


def normalize_data_format(value: Any) -> str:
    """Returns the order of image axes, by default that of the configuration."""
    return str(value or keras.config.image_data_format())


_HERE = {
    name
    for name, value in builtins.dict(globals()).items()
    if callable(value)
    and not name.startswith("_")
    and getattr(value, "__module__", "") == __name__
    and name not in ("functions", "classic_hard_sigmoid")
}
