"""The command line of a trial whose sweep names a program."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerascope.errors import UsageError

# A program runs as `kerascope run` runs it, so that it may be of any age.
DEFAULT = ("${interpreter}", "-m", "kerascope", "run", "--no-report", "${program}", "${args}")
_VARIABLE = re.compile(r"\$\{envvar:([A-Za-z_][A-Za-z0-9_]*)\}")


def command_line(
    config: Mapping[str, Any], values: Mapping[str, Any], trial: Path, environment: Mapping[str, str]
) -> list[str]:
    """Returns the words of the command, with the macros of wandb's sweep configuration replaced.

    Args:
        config: of the sweep: `program` and perhaps `command`.
        values: of the trial.
        trial: its file; `${args_json_file}` is written beside it.
        environment: for `${envvar:NAME}`.

    Raises:
        UsageError: if the sweep names neither program nor command.
    """
    if not config.get("program") and not config.get("command"):
        raise UsageError(
            "A sweep without `program` needs a function. Received none. Use agent(sweep_id, function=train)."
        )
    pairs = [(key, _text(value)) for key, value in _flat(values)]
    macros = {
        "${env}": ["/usr/bin/env"],
        "${interpreter}": [sys.executable],
        "${program}": [str(config.get("program", ""))],
        "${args}": [f"--{key}={value}" for key, value in pairs],
        "${args_no_hyphens}": [f"{key}={value}" for key, value in pairs],
        "${args_no_boolean_flags}": _without_flags(values),
        "${args_json}": [json.dumps(values)],
    }
    words: list[str] = []
    for word in map(str, config.get("command") or DEFAULT):
        if word == "${args_json_file}":
            file = trial.with_suffix(".args")
            file.write_text(json.dumps(values), encoding="utf-8")
            words.append(str(file))
        else:
            words += macros.get(word, [_VARIABLE.sub(lambda found: environment.get(found[1], ""), word)])
    return words


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in values.items():
        found += _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else [(f"{prefix}{key}", value)]
    return found


def _without_flags(values: Mapping[str, Any]) -> list[str]:
    words = []
    for key, value in _flat(values):
        if isinstance(value, bool):
            words += [f"--{key}"] if value else []
        else:
            words.append(f"--{key}={_text(value)}")
    return words


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list | dict) else str(value)
