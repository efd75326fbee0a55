"""The acceptance table of the callbacks: what each configuration has to give, and which tests hold it to that.

Model C: Conv2D(4, 3) on 8x8x3, BatchNormalization, Flatten, Dense(10, softmax); 64 rows, batches of 32, 3 epochs, numpy validation data. A
test says with `@holds("name")` which lines it holds; `test_acceptance.py` sees to it that every line has a test, and that those tests are
among the ones that run on JAX, TensorFlow and PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])

LINES = {
    "default": "a row per epoch with epoch, loss, accuracy and both val_; best_*, graph; model-best.h5; a version per improvement",
    "no validation data": "the same rows; one warning that val_loss is missing; no best_*, no file",
    "monitor=val_accuracy": "higher is better; a tie is no improvement",
    "mode=bogus": "a warning, then auto",
    "log_best_prefix=None": "no best_* keys; the model is saved",
    "log_batch_frequency=2": "9 rows for 4 batches an epoch; batch rows without epoch, with the index of the batch",
    "log_weights": "conv and out as .weights and .bias with 108, 4, 1440, 10 values; those of bn by name",
    "log_weights, LSTM": "d.weights with 4 values, and the variables of the LSTM",
    "log_gradients": "six keys with 108, 4, 4, 4, 1440, 10 values: the sum of the gradients of the batches within 1e-5",
    "image, 10 labels": "examples: 10 pictures of 8x8, each captioned with a label; the same sample in each epoch",
    "predictions=500": "100 pictures",
    "input_type=auto": "the output is found to be a label; captions are numbers",
    "sigmoid, two labels": "a caption per row",
    "sigmoid, three labels": "the probability as caption; one warning",
    "labels shorter than classes": "the number of the class as caption",
    "image without data": "one warning; the rows are whole",
    "image to mask": "input, prediction, reference; no captions; both masks over the input",
    "image to mask, 64": "all 64 examples, 192 pictures",
    "image to mask, type not given": "found from the targets",
    "one-channel mask": "three grey pictures per example",
    "output image only, label to image": "prediction and reference; captions for label inputs only",
    "Dataset as validation data of fit": "examples in any number of epochs",
    "Dataset of one batch": "examples in 3 epochs",
    "log_evaluation": "one more row with validation_predictions only: 5 columns, 64 rows; whatever verbose is",
    "log_evaluation, class numbers": "validation: target, input, input:image, target:class; predictions: max_class and score; (N,) as (N, 1)",
    "log_evaluation_frequency": "1: in rows 0, 1, 2; 2: in rows 0, 2; no further row",
    "row processors": "output, val_row, then what the processor returns",
    "infer_missing_processors=False": "output, val_row",
    "Dataset without validation_steps": "the whole of it",
    "Dataset, validation_steps": "2 and 1 batches of 16: 32 and 16 rows",
    "many inputs and outputs": "a column of each output and those inferred for it; metrics p_loss, val_p_loss; lists too",
    "compute_flops on C": "GFLOPs 5.43e-06",
    "compute_flops, 28x28x1": "GFLOPs 0.000039576, Sequential and functional",
    "subclassed": "saved, logged, no error",
    "WandbModelCheckpoint": "run_<id>_model with m_01, m_02 as epoch_0, epoch_1 and latest",
    "WandbModelCheckpoint, save_freq=3": "f_1_3 as epoch_0_batch_2, f_2_2 as epoch_1_batch_1",
    "WandbModelCheckpoint, save_best_only": "no improvement: no version, no error",
    "WandbMetricsLogger, batch": "8 batch rows between 2 epoch rows; batch/batch_step from 0 to 7",
    "WandbMetricsLogger, 3": "batch/batch_step 0, 3, 4, 7",
    "WandbMetricsLogger, schedule": "epoch/learning_rate 1e-3, then 1e-5",
    "WandbEvalCallback": "artifact val (dataset), run_<id>_pred (evaluation) with table eval_data",
}


def holds(*lines: str) -> Callable[[Test], Test]:
    """Says of a test which lines of the table it holds."""
    unknown = set(lines) - set(LINES)
    if unknown:
        raise ValueError(f"`holds` takes lines of the acceptance table. Received: {sorted(unknown)}.")

    def mark(test: Test) -> Test:
        test.__dict__["acceptance_lines"] = lines
        return test

    return mark
