"""`kerascope upgrade` on layers and functions of one's own."""

from __future__ import annotations

import pytest

from kerascope.compat.upgrade import upgrade


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.add_weight('b', (3,), initializer='zeros')\n", "self.add_weight(name='b', shape=(3,), initializer='zeros')\n"),
        ("self.add_weight((3,), name='b')\n", "self.add_weight((3,), name='b')\n"),
        (
            "get_custom_objects().update({'mine': Activation(f)})\nx = Dense(1, activation='mine')  # as text\n",
            "get_custom_objects().update({'mine': Activation(f)})\nx = Dense(1, activation=Activation(f))  # as text\n",
        ),
        (
            "keras.saving.get_custom_objects().update({'mine': f})\nx = Activation('mine')\ny = 'mine'\n",
            "keras.saving.get_custom_objects().update({'mine': f})\nx = Activation(f)\ny = 'mine'\n",
        ),
        ("d.update({'relu': f})\nx = Activation('relu')\n", "d.update({'relu': f})\nx = Activation('relu')\n"),
    ],
)  # fmt: skip
def test_custom_objects_are_written_where_they_are_used(old: str, new: str) -> None:
    assert upgrade(old).source == new
    assert upgrade(new).source == new
