from __future__ import annotations

import kerascope
import kerascope.keras


def test_the_callbacks_are_the_same_under_both_names() -> None:
    for name in kerascope.integration.keras.__all__:
        assert getattr(kerascope.integration.keras, name) is getattr(kerascope.keras, name)
