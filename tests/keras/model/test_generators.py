"""Laws of the generator methods: which batches are used, where they are made, what is refused, what is left behind."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
import warnings

import keras
import numpy as np
import pytest

from kerascope.keras.model.generators import END, make_feed
from tests.keras.model.nets import (
    Batches,
    Record,
    batch_losses,
    compiled,
    double,
    expected,
    features,
    mae,
    mse,
    targets,
)

X, Y, YB = features(), targets(), targets(width=1)


def pairs(*, size=2, weights=False, form=tuple):
    """Endless batches; the features of batch i (mod 3) are all i * 0.1."""
    number = 0
    while True:
        x, y = np.full((size, 3), number % 3 * 0.1, "float32"), np.zeros((size, 2), "float32")
        yield form([x, y, np.full(size, 2.0)]) if weights else form([x, y])
        number += 1


LOSSES = [mse(np.zeros((2, 2)), expected(np.full((2, 3), i * 0.1))) for i in range(3)]


@pytest.mark.parametrize("form", [tuple, list])
def test_fit_generator_trains_for_steps_and_epochs(form):
    history = compiled().fit_generator(pairs(form=form), steps_per_epoch=3, epochs=2, verbose=0)
    assert history.history["loss"] == pytest.approx([np.mean(LOSSES)] * 2, rel=1e-4)
    assert history.epoch == [0, 1]
    assert history.params["steps"] == 3


def test_batches_may_carry_weights_dicts_or_none():
    history = compiled().fit_generator(pairs(weights=True), steps_per_epoch=3, verbose=0)
    assert history.history["loss"] == pytest.approx([2 * np.mean(LOSSES)], rel=1e-4)
    plain = [(X, Y)] * 2
    for batches in ([({"in": x}, {"out": y}) for x, y in plain], [(x, y, None) for x, y in plain]):
        history = compiled().fit_generator(iter(batches), steps_per_epoch=2, verbose=0)
        assert history.history["loss"] == pytest.approx([mse(Y, expected(X))], rel=1e-5)


def test_every_sample_counts_the_same_in_batches_of_different_size():
    def uneven():
        while True:
            yield X[:8], Y[:8]
            yield X[8:], Y[8:]

    model = compiled(metrics=["mae"])
    wanted = [mse(Y, expected(X)), mae(Y, expected(X))]
    history = model.fit_generator(uneven(), steps_per_epoch=2, verbose=0).history
    assert [history["loss"][0], history["mae"][0]] == pytest.approx(wanted, rel=1e-5)
    assert model.evaluate(uneven(), steps=2, verbose=0) == pytest.approx(wanted, rel=1e-5)
    last = mse(Y[8:], expected(X[8:]))
    assert model.evaluate_generator(uneven(), steps=2) == pytest.approx([last, wanted[1]], rel=1e-5)


@pytest.mark.parametrize("item", [(X, Y, None, None), 7, None, (X,), "text", X, {"in": X}])
@pytest.mark.parametrize("method", ["fit_generator", "evaluate_generator"])
def test_what_is_no_batch_is_named(method, item):
    with pytest.raises(ValueError, match="Output of generator"):
        getattr(compiled(), method)(iter([item] * 3), 2)


def test_batches_that_do_not_fit_are_named():
    for batch, words in (((X[:, :2], Y), "expected in"), ((X, Y[:3]), "same number"), ((X, Y, np.ones(3)), "shape")):
        with pytest.raises(ValueError, match=words):
            compiled().fit_generator(iter([batch] * 2), 1, verbose=0)


def test_a_generator_needs_steps_and_what_is_no_generator_is_refused():
    model = compiled()
    with pytest.raises(ValueError, match="steps_per_epoch"):
        model.fit_generator(pairs())
    with pytest.raises(ValueError, match="steps"):
        model.evaluate_generator(pairs())
    with pytest.raises(ValueError, match="steps"):
        model.predict_generator(pairs())
    with pytest.raises(ValueError, match="validation_steps"):
        model.fit_generator(pairs(), 1, validation_data=pairs())
    with pytest.raises(ValueError, match="Sequence"):
        model.fit_generator(X, 1)
    with pytest.raises(ValueError, match="batch_size"):
        model.fit(pairs(), batch_size=3, steps_per_epoch=1)


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_a_sequence_gives_every_index_once_per_epoch(workers):
    batches, record = Batches(), Record()
    compiled().fit_generator(batches, epochs=3, verbose=0, workers=workers, shuffle=False, callbacks=[record])
    assert sorted(batches.fetched) == sorted([*range(6)] * 3)
    if workers < 2:
        assert batches.fetched == [*range(6)] * 3
    assert batches.ended == 3
    losses = [logs["loss"] for logs in record.batch_logs[:6]]
    np.testing.assert_allclose(losses, batch_losses(), rtol=1e-4, atol=1e-7)


def test_a_sequence_is_shuffled_on_request_and_not_beside_steps():
    orders = []
    for _ in range(3):
        batches = Batches(8)
        compiled().fit_generator(batches, verbose=0, shuffle=True)
        assert sorted(batches.fetched) == list(range(8))
        orders.append(batches.fetched)
    assert any(order != list(range(8)) for order in orders)
    batches = Batches(8)
    compiled().fit_generator(batches, steps_per_epoch=4, epochs=2, verbose=0, workers=0)
    assert batches.fetched == list(range(8))
    assert batches.ended == 1


def test_a_sequence_may_change_its_length_between_epochs():
    class Growing(Batches):
        def on_epoch_end(self):
            super().on_epoch_end()
            self.count += 1

    batches, record = Growing(2), Record()
    compiled().fit_generator(batches, epochs=3, verbose=0, callbacks=[record], shuffle=False)
    assert [name for name in record.events if name.startswith("b")] == ["b0", "b1", "b0", "b1", "b2"] + [
        f"b{step}" for step in range(4)
    ]


def test_validation_may_be_arrays_a_generator_or_a_sequence():
    for data, steps in (((X, Y), None), (pairs(), 2), (Batches(3), None)):
        history = compiled().fit_generator(pairs(), 2, verbose=0, validation_data=data, validation_steps=steps)
        assert list(history.history) == ["loss", "val_loss"]
    validation = Batches(3)
    compiled().fit_generator(pairs(), 2, epochs=2, verbose=0, validation_data=validation)
    assert sorted(validation.fetched) == sorted([*range(3)] * 2)


def test_class_weights_weigh_batches_of_a_generator():
    y = np.eye(2, dtype="float32")[[0, 1] * 5]
    w = np.array([1.0, 3.0] * 5)
    got = compiled().fit_generator(iter([(X, y)]), 1, verbose=0, class_weight={0: 1.0, 1: 3.0}).history["loss"]
    assert got == pytest.approx([np.mean(w * ((y - expected(X)) ** 2).mean(1))], rel=1e-5)


def test_initial_epoch_counts_for_generators_too():
    assert compiled().fit_generator(pairs(), 1, epochs=5, initial_epoch=3, verbose=0).epoch == [3, 4]


def test_evaluate_generator_returns_as_evaluate_does(capsys):
    value = compiled().evaluate_generator(pairs(), 3)
    assert type(value) is float
    assert value == pytest.approx(LOSSES[-1], rel=1e-4)
    assert capsys.readouterr().out == ""
    record = Record()
    values = compiled(metrics=["mae"]).evaluate_generator(Batches(2), callbacks=[record], verbose=1)
    assert len(values) == 2
    assert record.events == ["test_begin", "t0", "t1", "test_end"]
    assert "[=" in capsys.readouterr().out


def test_predict_generator_keeps_order_and_containers():
    model = compiled()
    assert model.predict_generator((np.ones((2, 3)) for _ in range(3)), steps=3).shape == (6, 2)
    assert model.predict_generator(iter([(X, Y)]), steps=1).shape == (10, 2)
    p = model.predict_generator(Batches(4, inputs_only=True), workers=3)
    wanted = np.concatenate([expected(np.full((2, 3), i * 0.05)) for i in range(4)])
    np.testing.assert_allclose(p, wanted, rtol=1e-5)
    both = double().predict_generator(iter([([X, X], [Y, YB])] * 2), steps=2)
    assert [one.shape for one in both] == [(20, 2), (20, 1)]
    record = Record()
    model.predict_generator(Batches(2), callbacks=[record])
    assert record.events == ["predict_begin", "p0", "p1", "predict_end"]
    with pytest.raises(ValueError, match="Output of generator"):
        model.predict_generator(iter([(X, Y, None, None)]), steps=1)


@pytest.mark.parametrize(("workers", "main"), [(0, True), (1, False)])
def test_workers_say_on_which_thread_batches_are_made(workers, main):
    threads = []

    def batches():
        while True:
            threads.append(threading.current_thread() is threading.main_thread())
            yield X, Y

    compiled().fit_generator(batches(), 2, verbose=0, workers=workers)
    assert set(threads) == {main}


def test_max_queue_size_bounds_reading_ahead():
    made = []

    def batches():
        while True:
            made.append(1)
            yield X, Y

    compiled().fit_generator(batches(), 3, verbose=0, max_queue_size=2, workers=1)
    assert 3 <= len(made) <= 3 + 2 + 2


def test_a_generator_that_ends_early_warns_and_stops():
    batches = [(X, Y)] * 5
    with pytest.warns(UserWarning, match="ran out of data after 1 of 2"):
        history = compiled().fit_generator(iter(batches), 2, epochs=9, verbose=0)
    assert history.epoch == [0, 1, 2]
    with pytest.warns(UserWarning, match="ran out of data after 0 of 5"):
        history = compiled().fit_generator(iter(batches), 5, epochs=9, verbose=0, workers=0)
    assert history.epoch == [0]
    for call in (compiled().predict_generator, compiled().evaluate_generator):
        with pytest.warns(UserWarning, match="ran out of data after 5 of 7") as caught:
            call(iter(batches), 7)
        assert {one.filename for one in caught if one.category is UserWarning} == {__file__}
    with pytest.raises(ValueError, match="ended before its first batch"):
        compiled().fit_generator(iter([]), 5, verbose=0)


def test_errors_of_workers_surface_with_their_own_traceback():
    def failing():
        yield X, Y
        raise KeyError("inside the generator")

    with pytest.raises(KeyError, match="inside the generator") as caught:
        compiled().fit_generator(failing(), 3, verbose=0)
    assert any(entry.name == "failing" for entry in caught.traceback)

    class Failing(Batches):
        def __getitem__(self, index):
            raise KeyError("inside the sequence")

    with pytest.raises(KeyError, match="inside the sequence") as caught:
        compiled().fit_generator(Failing(), verbose=0, workers=2)
    assert any(entry.name == "__getitem__" for entry in caught.traceback)


def left_behind():
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        threads = [one for one in threading.enumerate() if one.name.startswith("kerascope-")]
        if not threads and not multiprocessing.active_children():
            return []
        time.sleep(0.02)
    return [*threads, *multiprocessing.active_children()]


@pytest.mark.parametrize("processes", [False, True])
def test_an_error_in_a_callback_leaves_no_worker_behind(processes):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compiled().fit(Batches(50), verbose=0, callbacks=[Stop()], workers=2, use_multiprocessing=processes)
    assert left_behind() == []


def test_processes_give_every_batch_of_a_sequence_once_in_order():
    record = Record()
    compiled().fit_generator(
        Batches(), epochs=2, verbose=0, use_multiprocessing=True, workers=2, shuffle=False, callbacks=[record]
    )
    losses = [logs["loss"] for logs in record.batch_logs[6:]]
    np.testing.assert_allclose(losses, batch_losses(), rtol=1e-4, atol=1e-7)
    assert left_behind() == []


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="generators reach processes by fork only")
def test_processes_run_copies_of_a_generator():
    with pytest.warns(UserWarning, match="once per process"):
        compiled().fit_generator(pairs(), 4, verbose=0, use_multiprocessing=True, workers=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = compiled().fit_generator(pairs(), 3, verbose=0, use_multiprocessing=True, workers=1).history
    assert history["loss"] == pytest.approx([np.mean(LOSSES)], rel=1e-4)
    assert left_behind() == []


class FailsInProcess(Batches):
    def __getitem__(self, index):
        if index == 2:
            raise KeyError("inside the process")
        return super().__getitem__(index)


class DiesInProcess(Batches):
    def __getitem__(self, index):
        if index == 2:
            os._exit(3)
        return super().__getitem__(index)


def test_errors_and_deaths_of_processes_surface():
    with pytest.raises(KeyError, match="inside the process") as caught:
        compiled().fit(FailsInProcess(), verbose=0, use_multiprocessing=True)
    assert "__getitem__" in str(caught.value.__cause__)
    with pytest.raises(RuntimeError, match=r"ended before its batch.*3"):
        compiled().fit(DiesInProcess(), verbose=0, use_multiprocessing=True)
    assert left_behind() == []


def test_what_cannot_be_sent_to_a_process_is_refused(monkeypatch):
    spawn = multiprocessing.get_context("spawn")
    monkeypatch.setattr(multiprocessing, "get_context", lambda: spawn)
    with pytest.raises(ValueError, match="sent to another process"):
        make_feed(pairs(), workers=1, use_multiprocessing=True, max_queue_size=2)
    assert left_behind() == []


def test_feeds_end_and_close_twice():
    for workers in (0, 1):
        feed = make_feed(iter([1, 2]), workers=workers, use_multiprocessing=False, max_queue_size=1)
        assert [feed.get(), feed.get()] == [1, 2]
        assert feed.get() is END
        assert feed.get() is END
        feed.close()
        feed.close()
    assert left_behind() == []
