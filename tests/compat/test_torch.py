"""What scripts do with tensors that PyTorch refuses, and what stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kerascope.compat.patches import Patches

torch = pytest.importorskip("torch")


@pytest.fixture
def asked() -> Iterator[list[int]]:
    """The changes in place, on a backend that remembers how many top classes it was asked for."""
    from kerascope.compat.torch import change

    counts: list[int] = []

    def in_top_k(targets: Any, predictions: Any, k: int) -> int:
        counts.append(k)
        return k

    math = SimpleNamespace(in_top_k=in_top_k)
    patches = Patches()
    change(patches, SimpleNamespace(src=SimpleNamespace(backend=SimpleNamespace(math=math))))
    counts.append(math.in_top_k(None, np.zeros((2, 3)), 5))
    yield counts
    patches.undo()
    assert math.in_top_k is in_top_k


@pytest.mark.usefixtures("asked")
def test_in_place_operators_leave_what_a_gradient_needs() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    kept = y
    total = (y * y).sum()
    y += 1.0
    y *= 2.0
    y -= 1.0
    y /= 2.0
    total.backward()
    np.testing.assert_allclose(x.grad.numpy(), [4.0, 32.0])  # of x ** 4
    assert y is not kept
    np.testing.assert_allclose(y.numpy(), [1.5, 4.5])
    np.testing.assert_allclose(kept.numpy(), [1.0, 4.0])


@pytest.mark.usefixtures("asked")
def test_data_and_parameters_are_still_changed_in_place() -> None:
    data = torch.tensor([1.0])
    same = data
    data += 1.0
    assert same is data
    assert float(same) == 2.0
    parameter = torch.nn.Parameter(torch.ones(1))
    with torch.no_grad():
        held = parameter
        parameter -= 0.5
    assert held is parameter
    assert float(held.detach()) == 0.5


def test_numpy_gives_the_values_of_a_tensor_with_a_gradient(asked: list[int]) -> None:
    assert torch.ones(2, requires_grad=True).numpy().tolist() == [1.0, 1.0]
    assert asked == [3, 3]  # there are only three classes


def test_undo_gives_torch_its_methods_back() -> None:
    with pytest.raises(RuntimeError, match="requires grad"):
        torch.ones(1, requires_grad=True).numpy()
    assert not hasattr(torch.Tensor.__iadd__, "__wrapped__")
