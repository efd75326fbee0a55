"""Functions of `keras.backend` that networks are made of: activations, losses, normalisation, convolutions and pooling."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    """Returns the rectified values."""
    return keras.activations.relu(x, negative_slope=alpha, max_value=max_value, threshold=threshold)


def classic_hard_sigmoid(x: Any) -> Any:
    """Returns `0.2 x + 0.5`, kept between 0 and 1: the formula before Keras 3.

    Its own name is not `hard_sigmoid`, as Keras would save that as its activation of today.
    """
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


hard_sigmoid = keras.saving.register_keras_serializable("kerascope", "hard_sigmoid")(classic_hard_sigmoid)


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
    """Returns the convolution, in as many dimensions as the kernel has."""
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


conv2d = conv3d = conv1d


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
