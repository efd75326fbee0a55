"""What a run says on the terminal when it starts and ends.

Promises: pure text; the caller decides whether it is shown. Not for: the command line's output.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

_BARS = "▁▂▃▄▅▆▇█"
WIDTH = 32
MAX_METRICS = 12


def header(name: str, project: str, run_id: str, *, resumed: bool, step: int) -> str:
    """Returns the line shown by `init`."""
    verb = f"Resuming run {name} at step {step}" if resumed else f"Tracking run {name}"
    return f"{verb} ({project}/{run_id}). Look at it with: kerascope ui"


def footer(
    name: str,
    state: str,
    steps: int,
    duration_s: float,
    summary: Mapping[str, Any],
    curves: Mapping[str, Sequence[float]],
) -> str:
    """Returns the lines shown by `finish`: one for the run, then one per metric with its course and last value."""
    lines = [f"Run {name} {state}: {steps} {'row' if steps == 1 else 'rows'} in {duration_text(duration_s)}."]
    keys = [key for key, value in summary.items() if is_number(value) and not key.startswith("_")]
    shown = keys[:MAX_METRICS]
    width = max(map(len, shown), default=0)
    for key in shown:
        course = sparkline(curves.get(key, ()))
        lines.append(f"  {key:<{width}}  {course}{'  ' if course else ''}{number_text(summary[key])}")
    if len(keys) > len(shown):
        lines.append(f"  and {len(keys) - len(shown)} more")
    return "\n".join(lines)


def sparkline(values: Sequence[float], width: int = WIDTH) -> str:
    """Returns the course of `values` in at most `width` characters; values that are not finite show as a blank."""
    values = thin(values, width)
    finite = [value for value in values if math.isfinite(value)]
    if len(values) < 2 or not finite:
        return ""
    # Halves, so that the span of the largest doubles is finite.
    low, high = min(finite) / 2, max(finite) / 2
    span = high - low

    def bar(value: float) -> str:
        return _BARS[round((value / 2 - low) / span * (len(_BARS) - 1)) if span > 0 else 0]

    return "".join(bar(value) if math.isfinite(value) else " " for value in values)


def thin(values: Sequence[float], width: int) -> list[float]:
    """Returns at most `width` of `values`, evenly spread, the last one among them."""
    if len(values) <= width:
        return list(values)
    return [values[(i + 1) * len(values) // width - 1] for i in range(width)]


def number_text(value: float) -> str:
    """Returns a number with five significant digits."""
    return str(value) if isinstance(value, int) else f"{value:.5g}"


def duration_text(seconds: float) -> str:
    """Returns a duration such as `2 h 03 min`, `4 min 10 s` or `1.5 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def is_number(value: object) -> bool:
    """Whether `value` is an int or float, and no bool."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
