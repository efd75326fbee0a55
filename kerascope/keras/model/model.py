"""The `Model` class of the Keras 2 era on Keras 3: its public methods, with the classic names, order and returns.

Only signatures and documentation live here, of all methods in one place, which is why the file is long. What a call
does is in `calls.py`, what `compile` means in `compiling.py` and `compiled.py`, how steps are executed in `engine/`.
This part of the package knows no tracker.
"""

from __future__ import annotations

from typing import Any

import keras

from kerascope.keras.model import arguments, calls, compiling, results, stateful
from kerascope.keras.model.arguments import takes_old_names
from kerascope.keras.model.batch_loss import with_batch_loss
from kerascope.keras.model.compiled import Compiled, PerOutput
from kerascope.keras.model.feeding import FitCall, Workers
from kerascope.keras.model.internals import Functional
from kerascope.keras.model.layers import find_layer
from kerascope.keras.model.layout import Layout, read_layout
from kerascope.keras.model.legacy_files import keeping_optimizer
from kerascope.keras.model.objectives import NO_LOSS, Objectives
from kerascope.keras.model.trainable import Flags, warn_if_changed
from kerascope.keras.model.upgrade import become, functional_class, is_functional_call


class Model(keras.Model):  # type: ignore[misc]
    """A model with the training methods of the Keras 2 era.

    Made from the inputs and outputs of a graph of layers, or subclassed with a `call` (and, if wanted, a
    `train_step`) of your own, exactly like `keras.Model`. It is a `keras.Model`: saving, cloning, callbacks and
    `keras.distribution` work.

    Args:
        inputs: A `KerasTensor`, or a list or dict of them.
        outputs: A `KerasTensor`, or a list or dict of them.
        name: Name of the model.

    Example:

    >>> a = keras.Input(shape=(32,))
    >>> b = keras.layers.Dense(32)(a)
    >>> model = Model(inputs=a, outputs=b)
    """

    _classic: Compiled | None = None
    _objectives: Objectives | None = None
    _carries_metrics = False
    _defers_results = False
    _engine_cache: Any = None
    _compiled_flags: Flags = ()  # type: ignore[assignment]

    #: How the steps of the last training were executed, and why; None before the first.
    execution_plan: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if is_functional_call(args, kwargs):
            become(self, functional_class(type(self), Model))
            Functional.__init__(self, *args, **kwargs)
        else:
            super().__init__(*args, **kwargs)

    def compile(
        self,
        optimizer: Any,
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: Any = None,
        weighted_metrics: Any = None,
        target_tensors: Any = None,
        **kwargs: Any,
    ) -> None:
        """Configures the model for training.

        Args:
            optimizer: Name of an optimizer or an optimizer instance.
            loss: Name of a loss, a loss function or a `keras.losses.Loss`. With several outputs a list with one entry
                per output or a dict by output name may be given; an output without an entry (or with None) has no
                loss and takes no target. The value that is minimised is the weighted sum of all losses.
            metrics: List of metrics to compute in training and testing, such as `["accuracy"]`. With several outputs
                a flat list goes to every output; a list of lists or a dict by output name goes by output.
            loss_weights: Coefficients of the losses of the outputs: a list with one number per output, or a dict by
                output name (1.0 where none is given).
            sample_weight_mode: None for one weight per sample, "temporal" for one weight per timestep (2D weights);
                a list or dict for several outputs.
            weighted_metrics: Metrics that are weighted by sample and class weights.
            target_tensors: Tensors to use as targets in place of `y`: a tensor, a list, or a dict by output name.
            **kwargs: `run_eagerly`, `steps_per_execution`, `jit_compile` and `auto_scale_loss` of Keras 3. Session
                keywords of Keras 2 are accepted and have no effect; anything else raises at the first run.

        Raises:
            ValueError: If `optimizer`, `loss`, `metrics` or `sample_weight_mode` is not valid, or there is nothing to
                minimise: no loss here and none that a layer adds.
            TypeError: If an argument has a type that means nothing.
        """
        given = Compiled(loss, metrics, loss_weights, sample_weight_mode, weighted_metrics, target_tensors, kwargs)
        compiling.compile_model(self, super().compile, optimizer, given, Model)

    @takes_old_names
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = 1,
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Trains the model for a number of epochs.

        Args:
            x: An array of inputs, a list of arrays or a dict by input name; a generator or Sequence of batches; a
                data set of the backend. None if all inputs read tensors of their own.
            y: Targets, in the same forms by output. None if all targets are `target_tensors`.
            batch_size: Samples per update; 32 if None.
            epochs: Index of the epoch at which training ends; with `initial_epoch` it is not the number of epochs.
            verbose: 0 silent, 1 a progress bar, 2 one line per epoch.
            callbacks: List of `keras.callbacks.Callback`.
            validation_split: Part of the data, in [0, 1), cut from the end before shuffling, to validate on.
            validation_data: (x_val, y_val) or (x_val, y_val, weights), or a generator or Sequence. Takes precedence
                over `validation_split`. The model is not trained on it.
            shuffle: Whether to shuffle before every epoch; "batch" shuffles whole batches, for HDF5 data. No effect
                when `steps_per_epoch` is given.
            class_weight: Dict from class index to weight, or a dict of such dicts by output name. Training only.
            sample_weight: Weights: one per sample, or (samples, timesteps) with `sample_weight_mode="temporal"`; a list
                or a dict by output name for several outputs.
            initial_epoch: Epoch at which to start.
            steps_per_epoch: Batches per epoch. For arrays without a batch size each step takes the whole data.
            validation_steps: Batches of the validation; for arrays only with `steps_per_epoch`.
            validation_freq: Validate every so many epochs, or after the epochs (from 1) in a list.
            max_queue_size: Most batches of a generator that may wait.
            workers: Threads or processes that make batches of a generator; 0 makes them on the calling thread.
            use_multiprocessing: Whether workers are processes.
            **kwargs: `validation_batch_size` of Keras 3; `nb_epoch`, the old name of `epochs`.

        Returns:
            A History; `history` maps every loss and metric (and "val_" ones) to its values by epoch.

        Raises:
            RuntimeError: If the model was never compiled.
            ValueError: If the data does not fit the model.
        """
        validation_batch_size = kwargs.pop("validation_batch_size", None)
        arguments.refuse_extra(kwargs, "fit")
        call = FitCall(
            x, y, batch_size, epochs, verbose, callbacks, validation_split, validation_data, shuffle, class_weight,
            sample_weight, initial_epoch, steps_per_epoch, validation_steps, validation_freq, validation_batch_size,
            Workers(max_queue_size, workers, use_multiprocessing),
        )  # fmt: skip
        return calls.fit(self, call)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = 1,
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Computes losses and metrics in test mode, batch by batch.

        Args:
            x: Inputs, as for `fit`.
            y: Targets, as for `fit`.
            batch_size: Samples per batch; 32 if None.
            verbose: 0 silent, 1 a progress bar.
            sample_weight: Weights, as for `fit`.
            steps: Number of batches; None means all of the data.
            callbacks: List of `keras.callbacks.Callback`.
            max_queue_size: As for `fit`.
            workers: As for `fit`.
            use_multiprocessing: As for `fit`.
            **kwargs: `return_dict` of Keras 3.

        Returns:
            The loss, or a list of values when there are several; `metrics_names` has their labels. With
            `return_dict=True` a dict by label.

        Raises:
            RuntimeError: If the model was never compiled.
            ValueError: If the data does not fit the model.
        """
        return_dict = kwargs.pop("return_dict", False)
        arguments.refuse_extra(kwargs, "evaluate")
        logs = calls.evaluate(
            self,
            x,
            y,
            batch_size=batch_size,
            verbose=verbose,
            sample_weight=sample_weight,
            steps=steps,
            callbacks=callbacks,
            workers=Workers(max_queue_size, workers, use_multiprocessing),
        )
        return logs if return_dict else results.values_of(self, logs)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = 0,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
    ) -> Any:
        """Computes the outputs for inputs, batch by batch. The model need not be compiled.

        Args:
            x: Inputs, as for `fit`.
            batch_size: Samples per batch; 32 if None.
            verbose: 0 silent, 1 a progress bar.
            steps: Number of batches; None means all of the data. For arrays without a batch size each step takes the
                whole data.
            callbacks: List of `keras.callbacks.Callback`.
            max_queue_size: As for `fit`.
            workers: As for `fit`.
            use_multiprocessing: As for `fit`.

        Returns:
            A NumPy array, (samples, ...), or a list of them for several outputs.

        Raises:
            ValueError: If the inputs do not fit the model, or a stateful model gets a number of samples that is not a
                multiple of the batch size.
        """
        return calls.predict(
            self,
            x,
            batch_size=batch_size,
            verbose=verbose,
            steps=steps,
            callbacks=callbacks,
            workers=Workers(max_queue_size, workers, use_multiprocessing),
        )

    def train_on_batch(
        self,
        x: Any,
        y: Any,
        sample_weight: Any = None,
        class_weight: Any = None,
        reset_metrics: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Updates the weights once on a single batch.

        Args:
            x: Inputs of the batch, as for `fit`.
            y: Targets of the batch. None if all targets are `target_tensors`.
            sample_weight: Weights, as for `fit`.
            class_weight: Weights by class, as for `fit`.
            reset_metrics: Whether the next call starts its metrics anew. With False they run on.
            **kwargs: `return_dict` of Keras 3.

        Returns:
            The loss as a float32 scalar, or a list of scalars when there are several; `metrics_names` has their
            labels.

        Raises:
            RuntimeError: If the model was never compiled.
            ValueError: If the data does not fit the model.
        """
        return_dict = kwargs.pop("return_dict", False)
        arguments.refuse_extra(kwargs, "train_on_batch")
        logs = calls.train_on_batch(self, x, y, sample_weight, class_weight)
        return results.batch_result(self, logs, reset_metrics, return_dict)

    def test_on_batch(
        self, x: Any, y: Any, sample_weight: Any = None, reset_metrics: bool = True, **kwargs: Any
    ) -> Any:
        """Evaluates a single batch; the weights stay as they are.

        Args:
            x: Inputs of the batch, as for `fit`.
            y: Targets of the batch. None if all targets are `target_tensors`.
            sample_weight: Weights, as for `fit`.
            reset_metrics: Whether the next call starts its metrics anew. With False they run on.
            **kwargs: `return_dict` of Keras 3.

        Returns:
            As `train_on_batch`.

        Raises:
            RuntimeError: If the model was never compiled.
            ValueError: If the data does not fit the model.
        """
        return_dict = kwargs.pop("return_dict", False)
        arguments.refuse_extra(kwargs, "test_on_batch")
        logs = calls.test_on_batch(self, x, y, sample_weight)
        return results.batch_result(self, logs, reset_metrics, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Computes the outputs for a single batch.

        Args:
            x: Inputs of the batch, as for `fit`.

        Returns:
            A NumPy array, (samples, ...), or a list of them for several outputs.

        Raises:
            ValueError: If the inputs do not fit the model.
        """
        return calls.predict_on_batch(self, x)

    @takes_old_names
    def fit_generator(
        self,
        generator: Any,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        verbose: Any = 1,
        callbacks: Any = None,
        validation_data: Any = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        class_weight: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        shuffle: bool = True,
        initial_epoch: int = 0,
    ) -> Any:
        """Trains on batches made by a generator or Sequence, beside the training.

        Args:
            generator: Yields (inputs, targets) or (inputs, targets, sample_weights) without end, or a
                `keras.utils.Sequence`. Batches may differ in size.
            steps_per_epoch: Batches per epoch; a Sequence may leave it out (its length).
            epochs: As for `fit`.
            verbose: As for `fit`.
            callbacks: As for `fit`.
            validation_data: As for `fit`; also a generator or Sequence.
            validation_steps: Batches of a validation generator; a Sequence may leave it out.
            validation_freq: As for `fit`.
            class_weight: As for `fit`.
            max_queue_size: Most batches that may wait.
            workers: Threads or processes; 0 makes batches on the calling thread.
            use_multiprocessing: Whether workers are processes.
            shuffle: Whether a Sequence gives its batches in another order in every epoch. No effect when
                `steps_per_epoch` is given.
            initial_epoch: As for `fit`.

        Returns:
            A History, as `fit`.

        Raises:
            ValueError: If the generator yields something else, or its number of batches is not known.
        """
        return calls.fit(
            self,
            FitCall(
                calls.stream_of(generator, "fit_generator"),
                epochs=epochs,
                verbose=verbose,
                callbacks=callbacks,
                validation_data=validation_data,
                shuffle=shuffle,
                class_weight=class_weight,
                initial_epoch=initial_epoch,
                steps_per_epoch=steps_per_epoch,
                validation_steps=validation_steps,
                validation_freq=validation_freq,
                workers=Workers(max_queue_size, workers, use_multiprocessing),
            ),
        )

    @takes_old_names
    def evaluate_generator(
        self,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: Any = 0,
    ) -> Any:
        """Evaluates on batches made by a generator or Sequence.

        Args:
            generator: As for `fit_generator`.
            steps: Number of batches; a Sequence may leave it out.
            callbacks: As for `evaluate`.
            max_queue_size: As for `fit_generator`.
            workers: As for `fit_generator`.
            use_multiprocessing: As for `fit_generator`.
            verbose: 0 silent, 1 a progress bar.

        Returns:
            As `evaluate`, with the answer of Keras 2.3: the (total) loss is that of the last batch alone, losses of
            single outputs and metrics are those of all batches. `evaluate(generator)` takes the loss over all batches.

        Raises:
            ValueError: If the generator yields something else, or its number of batches is not known.
        """
        logs = calls.evaluate(
            self,
            calls.stream_of(generator, "evaluate_generator"),
            None,
            batch_size=None,
            verbose=verbose,
            sample_weight=None,
            steps=steps,
            callbacks=callbacks,
            workers=Workers(max_queue_size, workers, use_multiprocessing),
            last_loss=True,
        )
        return results.values_of(self, logs)

    @takes_old_names
    def predict_generator(
        self,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: Any = 0,
    ) -> Any:
        """Predicts for batches made by a generator or Sequence, in order.

        Args:
            generator: Yields inputs, or tuples as for `fit_generator` of which the inputs are taken.
            steps: Number of batches; a Sequence may leave it out.
            callbacks: As for `predict`.
            max_queue_size: As for `fit_generator`.
            workers: As for `fit_generator`.
            use_multiprocessing: As for `fit_generator`.
            verbose: 0 silent, 1 a progress bar.

        Returns:
            As `predict`.

        Raises:
            ValueError: If the generator yields something else, or its number of batches is not known.
        """
        return calls.predict(
            self,
            calls.stream_of(generator, "predict_generator"),
            batch_size=None,
            verbose=verbose,
            steps=steps,
            callbacks=callbacks,
            workers=Workers(max_queue_size, workers, use_multiprocessing),
            strict=True,
        )

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """Returns a layer by its name or index; the index counts if both are given.

        Args:
            name: Name of the layer.
            index: Index in the order of the graph, from the inputs up.

        Raises:
            ValueError: If there is no such layer, or neither was given.
        """
        return find_layer(self.layers, name, index)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Returns the total loss of a batch, as in Keras; here a total of no losses at all is an error everywhere."""
        if self._compile_loss is None and not self.losses:
            raise ValueError(NO_LOSS)
        return super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)

    @property
    def input_names(self) -> list[str]:
        """Names of the inputs; an empty list for a model that does not know them."""
        layout = self._layout()
        return list(layout.inputs.names) if layout is not None else []

    @property
    def metrics_names(self) -> list[str]:
        """Labels of what `evaluate`, `train_on_batch` and `test_on_batch` return, in the same order."""
        if self._objectives is not None:
            return results.labels_of(self)
        return list(super().metrics_names) if self.compiled else ["loss"]

    @property
    def stateful(self) -> bool:
        """Whether a layer keeps its state from batch to batch."""
        return any(True for _ in stateful.stateful_layers(self))

    def reset_states(self) -> None:
        """Resets the state of all layers that keep one from batch to batch."""
        stateful.reset_states(self)

    @property
    def non_trainable_variables(self) -> list[Any]:
        """The variables that training does not move; on JAX also the states of stateful recurrent layers."""
        return stateful.with_states(self, list(super().non_trainable_variables))

    def get_metrics_result(self) -> dict[str, Any]:
        """Returns the value of every loss and metric by its label, in the order of `metrics_names`."""
        return results.in_label_order(self, super().get_metrics_result())

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Returns the values of all losses and metrics after a batch, as in Keras, and beside them the loss of the batch for batch hooks."""
        if self._defers_results:  # `fit` on PyTorch asks the metrics itself, when somebody wants to know
            if self._compile_metrics is not None:
                self._compile_metrics.update_state(y, y_pred, sample_weight)
            return {}
        return with_batch_loss(self._loss_tracker, super().compute_metrics(x, y, y_pred, sample_weight))

    def summary(self, *args: Any, **kwargs: Any) -> None:
        """Prints the layers, as in Keras; warns if what trains was changed after `compile`."""
        warn_if_changed(self)
        super().summary(*args, **kwargs)

    def save(self, filepath: Any, overwrite: bool = True, **options: Any) -> None:
        """Writes the whole model to a `.keras` or HDF5 file, as Keras; the model stays compiled as it was."""
        with keeping_optimizer(self):
            super().save(filepath, overwrite=overwrite, **options)

    def get_compile_config(self) -> dict[str, Any]:
        """Returns what `compile` was told, in the form that Keras writes into files."""
        return dict(super().get_compile_config())

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles with what `get_compile_config` returned, from this class or plain Keras."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        if getattr(self, "optimizer", None) is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    def __reduce__(self) -> Any:
        """Pickles through Keras' own format; what comes back is a classic model again."""
        return _unpickle, (super().__reduce__()[1][0],)

    def _layout(self) -> Layout | None:
        return read_layout(self)

    def _known_outputs(self, layout: Layout | None) -> PerOutput | None:
        return compiling.known_outputs(self, layout)


def _unpickle(buffer: Any) -> Any:
    from kerascope.keras.model.convert import classic

    return classic(keras.Model._unpickle_model(buffer))
