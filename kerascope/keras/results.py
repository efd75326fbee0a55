"""The table of results per example that the first versions of `log_evaluation` kept in summary key `results`.

Classes: `wandb_example_id`, `image` (if inputs are pictures), `true_class`, `true_prob` (predicted probability of the true class),
`pred_class`, `pred_prob`, `correct`, `prob_<label>`. Masks: `label`, `prediction`, for two classes also `prediction_discrete`, then
`incorrect_prediction`, `accuracy`, `iou` and for more than two `iou_<label>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from kerascope.keras.batches import Batch, Structure, leaves
from kerascope.keras.captions import class_name
from kerascope.keras.masks import class_count, class_numbers, mask_pixels, to_bytes
from kerascope.media.image import Image
from kerascope.media.table import Table

Array = np.ndarray[Any, Any]


def results_table(
    parts: Iterable[tuple[Batch, Structure]],
    labels: Sequence[str],
    colors: Array | None,
    tell: Callable[[str], None],
    blobs: Any = None,
) -> Table | None:
    """Returns the table; None, with a word to `tell`, if data of this kind has no such table.

    Args:
        parts: batches with the model's outputs for them.
        labels: class names by class number; needed for classes that have no number otherwise.
        colors: class colours for masks.
        tell: takes one message.
        blobs: takes the pictures of a batch, so that they leave memory; None: they stay until the table is stored.
    """
    table: Table | None = None
    for batch, outputs in parts:
        arrays = [leaves(structure) for structure in (batch.x, batch.y, outputs) if structure is not None]
        if len(arrays) != 3 or any(len(part) != 1 for part in arrays):
            tell("log_evaluation='results' needs one input, one target and one output. The table is left out.")
            return None
        x, y, output = (part[0] for part in arrays)
        if output.ndim == 2:
            rows = [_class_row(*row, labels) for row in zip(x, y, output, strict=True)]
        elif output.ndim == 4 or output.ndim == 3:
            rows = [_mask_row(*row, labels, colors) for row in zip(x, y, output, strict=True)]
        else:
            tell(f"log_evaluation='results' knows classes and masks. Received: outputs of shape {output.shape}.")
            return None
        if table is None:
            table = Table(columns=["wandb_example_id", *rows[0]])
        for row in rows:
            table.add_data(f"example_{len(table.data)}", *row.values())
        if blobs is not None:
            table.offload(blobs)
    return table


def _class_row(x: Array, y: Array, output: Array, labels: Sequence[str]) -> dict[str, Any]:
    scores = np.array([1 - output[0], output[0]]) if output.shape == (1,) else output
    flat = np.asarray(y).reshape(-1)
    true = int(flat.argmax()) if len(flat) > 1 else round(float(flat[0]))
    predicted = int(scores.argmax())
    names = [class_name(k, labels) for k in range(len(scores))]
    row = {"image": _picture(x)} if _is_picture(x) else {}
    return row | {
        "true_class": names[true] if true < len(names) else str(true),
        "true_prob": float(scores[true]) if true < len(scores) else None,
        "pred_class": names[predicted],
        "pred_prob": float(scores[predicted]),
        "correct": predicted == true,
        **{f"prob_{name}": float(score) for name, score in zip(names, scores, strict=True)},
    }


def _mask_row(x: Array, y: Array, output: Array, labels: Sequence[str], colors: Array | None) -> dict[str, Any]:
    true, predicted = class_numbers(np.asarray(y)), class_numbers(output)
    count = class_count(output)
    row = {"image": _picture(x)} if _is_picture(x) else {}
    row |= {"label": Image(mask_pixels(y, count, colors)), "prediction": Image(mask_pixels(output, count, colors))}
    wrong = (true != predicted).astype(np.uint8) * 255
    facts = {"incorrect_prediction": Image(wrong), "accuracy": float((true == predicted).mean())}
    if count == 1:
        row["prediction_discrete"] = Image(predicted * np.uint8(255))
        return row | facts | {"iou": _iou(true == 1, predicted == 1)}
    by_class = [_iou(true == k, predicted == k) for k in range(count)]
    known = [value for value in by_class if value is not None]
    return (
        row
        | facts
        | {"iou": float(np.mean(known)) if known else None}
        | {f"iou_{class_name(k, labels)}": value for k, value in enumerate(by_class)}
    )


def _iou(true: Array, predicted: Array) -> float | None:
    """Intersection over union; None where neither has the class."""
    union = int((true | predicted).sum())
    return int((true & predicted).sum()) / union if union else None


def _is_picture(x: Array) -> bool:
    return x.ndim == 2 or (x.ndim == 3 and x.shape[2] in (1, 3, 4))


def _picture(x: Array) -> Image:
    return Image(to_bytes(x, x))
