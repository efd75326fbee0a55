"""The history key `examples`: a fixed sample of the validation data, with what the model makes of it, as pictures.

What a list holds per example, for the types of input and output (I input, O prediction, R reference):

    image or mask -> label           I, captioned by the prediction
    image or mask -> image or mask   I, O, R; masks also lie over an I that is a picture
    image or mask -> anything else   I
    label         -> image or mask   O, R, captioned by the input
    anything else -> image or mask   O, R

The sample is drawn once, with a random generator of our own. O and R are on the scale of R.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerascope.keras.arguments import IMAGE_TYPES
from kerascope.keras.batches import Batch, Source, Structure, leaves, take_rows
from kerascope.keras.captions import class_name, fits_binary_labels, label_captions
from kerascope.keras.inference import predict
from kerascope.keras.masks import class_count, class_numbers, mask_pixels, to_bytes
from kerascope.keras.notices import notice
from kerascope.keras.validation import ValidationData
from kerascope.media.image import Image
from kerascope.tracking.run import Run

Array = np.ndarray[Any, Any]
_SAMPLE_SEED = 0


@dataclass(frozen=True)
class ExampleOptions:
    """What the callback's arguments say about examples."""

    input_type: str | None
    output_type: str | None
    labels: list[str]
    count: int
    class_colors: Array | None


class Examples:
    """Makes the pictures of an epoch."""

    def __init__(self, options: ExampleOptions) -> None:
        self._options = options
        self._sample: Batch | None = None
        self.input_type = options.input_type
        self.output_type = options.output_type

    def resolve_types(self, model: Any) -> None:
        """Replaces "auto" and a missing output type by what the model's shapes say, where they are known."""
        inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
        if self.input_type == "auto" and inputs and len(inputs) == 1:
            self.input_type = guess_type(inputs[0].shape, is_auto_input=True)
        if self.output_type in (None, "auto") and self.input_type and outputs and len(outputs) == 1:
            self.output_type = guess_type(outputs[0].shape)

    @property
    def is_wanted(self) -> bool:
        """Whether the arguments ask for examples."""
        return bool({self.input_type, self.output_type} & {*IMAGE_TYPES, "auto"})

    def row(self, model: Any, data: ValidationData, run: Run) -> dict[str, list[Image]]:
        """Returns `{"examples": pictures}`; empty, with one notice, if there is no data or the types say nothing."""
        if self._sample is None:
            source = data.for_examples(model, run)
            if source is None:
                return {}
            self._sample = draw_sample(source, self._options.count)
            if self._sample is None:
                notice(run, "examples: the data to show is empty")
                return {}
            self._settle_types(model, self._sample)
        x, y = _single(self._sample.x), _single(self._sample.y)
        if x is None or (y is None and self.output_type in IMAGE_TYPES):
            notice(
                run, "examples need one input and one output. Received: a model with several, or data without targets."
            )
            return {}
        output = _single(predict(model, self._sample.x)) if self.output_type is not None else None
        pictures = self._pictures(x, output, y, run)
        return {"examples": pictures} if pictures else {}

    def _settle_types(self, model: Any, sample: Batch) -> None:
        """Once data is there: shapes of a model that did not know its own, and targets that tell masks from pictures."""
        self.resolve_types(model)
        if self.input_type == "auto":
            x = _single(sample.x)
            self.input_type = None if x is None else guess_type((None, *x.shape[1:]), is_auto_input=True)
            self.resolve_types(model)
        if self._options.output_type not in (None, "auto") or self.input_type is None:
            return
        outputs = getattr(model, "outputs", None) or leaves(predict(model, sample.x))
        if len(outputs) != 1:
            return
        self.output_type = guess_type((None, *outputs[0].shape[1:]))
        if self.output_type == "image" and looks_like_classes(_single(sample.y), outputs[0].shape[-1]):
            self.output_type = "segmentation_mask"

    def _pictures(self, x: Array, output: Array | None, y: Array | None, run: Run) -> list[Image]:
        shows_input, shows_output = self.input_type in IMAGE_TYPES, self.output_type in IMAGE_TYPES
        if shows_input and shows_output and output is not None and y is not None:
            return self._triples(x, output, y)
        if shows_input:
            captions = self._captions(output, run) if self.output_type == "label" and output is not None else None
            inputs = self._inputs(x)
            return [Image(p, caption=captions[i] if captions else None) for i, p in enumerate(inputs)]
        if shows_output and output is not None and y is not None:
            captions = self._captions(x, run) if self.input_type == "label" else None
            return self._pairs(output, y, captions)
        return []

    def _triples(self, x: Array, output: Array, y: Array) -> list[Image]:
        pictures = []
        overlaid = self.output_type == "segmentation_mask" and self.input_type != "segmentation_mask"
        answers = self._answers(output, y)
        for i, pixels in enumerate(self._inputs(x)):
            masks = self._overlays(output[i], y[i]) if overlaid and output[i].shape[:2] == pixels.shape[:2] else None
            pictures += [Image(pixels, grouping=3, masks=masks), Image(answers[i][0]), Image(answers[i][1])]
        return pictures

    def _pairs(self, output: Array, y: Array, captions: list[str] | None) -> list[Image]:
        pictures = []
        for i, (answer, reference) in enumerate(self._answers(output, y)):
            caption = captions[i] if captions else None
            pictures += [Image(answer, grouping=2, caption=caption), Image(reference, caption=caption)]
        return pictures

    def _inputs(self, x: Array) -> list[Array]:
        if self.input_type == "segmentation_mask":
            return [mask_pixels(mask, class_count(mask), self._options.class_colors) for mask in x]
        return [to_bytes(pixels, x) for pixels in x]

    def _answers(self, output: Array, y: Array) -> list[tuple[Array, Array]]:
        """Prediction and reference of each row as pixels, on one scale."""
        if self.output_type == "segmentation_mask":
            count, colors = max(class_count(output[0]), class_count(y[0])), self._options.class_colors
            return [
                (mask_pixels(o, count, colors), mask_pixels(r, count, colors)) for o, r in zip(output, y, strict=True)
            ]
        return [(to_bytes(o, y), to_bytes(r, y)) for o, r in zip(output, y, strict=True)]

    def _overlays(self, output: Array, reference: Array) -> dict[str, Any]:
        layers = {"prediction": class_numbers(output), "reference": class_numbers(reference)}
        count = max(2, class_count(output), *(int(numbers.max(initial=0)) + 1 for numbers in layers.values()))
        names = {number: class_name(number, self._options.labels) for number in range(count)}
        if not self._options.labels:
            names = {number: f"class_{number}" for number in names}
        return {name: {"mask_data": numbers, "class_labels": names} for name, numbers in layers.items()}

    def _captions(self, values: Array, run: Run) -> list[str]:
        if not fits_binary_labels(values, self._options.labels):
            notice(
                run,
                "examples: a single probability needs exactly two labels. "
                f"Received: {len(self._options.labels)} labels. Captions show the number.",
            )
        return label_captions(values, self._options.labels)


def guess_type(shape: tuple[int | None, ...], is_auto_input: bool = False) -> str | None:
    """Returns what data of this shape (batch axis included) most likely is, None if nothing says."""
    rank, channels = len(shape), shape[-1] if shape else None
    if rank in (1, 2):
        return "label"
    if rank == 3:
        return "image" if is_auto_input else None
    if rank == 4:
        return "image" if channels in (1, 3, 4) else "segmentation_mask"
    return None


def looks_like_classes(targets: Array | None, channels: int | None) -> bool:
    """Says whether the targets of a picture output are classes: sparse numbers beside several scores, or one-hot vectors."""
    if targets is None or channels in (None, 1):
        return False
    if targets.ndim < 4 or targets.shape[-1] == 1:
        return True
    return bool(np.isin(targets, (0, 1)).all() and (targets.sum(-1) == 1).all())


def draw_sample(source: Source, count: int) -> Batch | None:
    """Returns up to `count` rows: of arrays drawn at random, always the same ones; of a stream the first ones; None if there are none."""
    whole = source.arrays
    if whole is None:
        return source.first_rows(count)
    if whole.row_count <= count:
        return take_rows(whole, slice(None)) if whole.row_count else None
    rows = np.random.default_rng(_SAMPLE_SEED).choice(whole.row_count, count, replace=False)
    return take_rows(whole, rows)


def _single(structure: Structure) -> Array | None:
    arrays = [] if structure is None else leaves(structure)
    return arrays[0] if len(arrays) == 1 else None
