"""Arguments of the command line: argparse whose refusals are one sentence, and the kinds of values that commands take."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable
from typing import NoReturn

from kerascope.errors import UsageError


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `UsageError` instead of printing its usage and leaving."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs, allow_abbrev=False)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Raises the refusal as one sentence."""
        raise UsageError(f"{message[0].upper()}{message[1:].rstrip('.')}. See `{self.prog} --help`.")

    def parse(self, given: list[str]) -> argparse.Namespace:
        """Returns the arguments; an unknown one is refused with the nearest option that exists."""
        parsed, left = self.parse_known_args(given)
        if left:
            word = left[0].partition("=")[0]
            near = difflib.get_close_matches(word, self._options(getattr(parsed, "command", None)), 1)
            way_out = f"Did you mean {near[0]!r}?" if near else f"See `{self.prog} {parsed.command or ''} --help`."
            raise UsageError(f"Every argument must be one that the command takes. Received: {left[0]!r}. {way_out}")
        return parsed

    def _options(self, command: str | None) -> list[str]:
        options = list(self._option_string_actions)
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction) and command in action.choices:
                options += action.choices[command]._option_string_actions
        return options


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Returns the type of an argument that is a whole number from `low` to `high`."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}. Received: {text!r}")
        return value

    return parse


def seconds(text: str) -> float:
    """The type of an argument that is a time in seconds, above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"must be seconds, above 0. Received: {text!r}")
    return value
