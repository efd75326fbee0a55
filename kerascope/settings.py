"""All settings of kerascope in one record, and the only place that reads the environment.

Each field can come from, in falling order: an argument of `init`, `init(settings=...)`, a `KERASCOPE_*` variable, the `WANDB_*`
variable that scripts of the original use, the default. Documented in `docs/tracking.md` (a test holds that page to this file).
Not for: state. A record is frozen once it is made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from kerascope.errors import UsageError, WrongTypeError
from kerascope.ids import did_you_mean

MODES = ("online", "offline", "disabled", "shared")
RESUME_MODES = ("allow", "must", "never", "auto")
CONSOLE_MODES = ("wrap", "off")
LOG_RANKS = ("first", "all", "apart")
DEFAULT_PROJECT = "uncategorized"
DEFAULT_ENTITY = "local"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a run, a server or a command needs to know about its surroundings; times are seconds."""

    root: Path
    mode: str = "online"
    entity: str = DEFAULT_ENTITY
    project: str = DEFAULT_PROJECT
    run_id: str | None = None
    name: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] = ()
    group: str | None = None
    job_type: str | None = None
    resume: str | None = None
    silent: bool = False
    quiet: bool = False
    console: str = "wrap"
    system_metrics: bool = True
    system_interval_s: float = 10.0
    heartbeat_interval_s: float = 15.0
    sync_interval_s: float = 1.0
    git: bool = True
    packages: bool = True
    command_line: bool = True
    save_code: bool = True
    queue_mb: float = 256.0
    rank: int = 0
    world_size: int = 1
    log_ranks: str = "first"
    host: str | None = None


@dataclass(frozen=True)
class _Source:
    """Where one field comes from: its variables, first one wins, and how their text is read."""

    variables: tuple[str, ...]
    parse: Callable[[str, object], object]


def _text(name: str, value: object) -> str | None:
    if not isinstance(value, str):
        raise WrongTypeError(f"`{name}` must be text. Received: {name}={value!r}.")
    return value or None


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in {"1", "true", "yes", "on", "y", "t"}:
        return True
    if word in {"0", "false", "no", "off", "n", "f", ""}:
        return False
    raise UsageError(f"`{name}` must be true or false. Received: {name}={value!r}.")


def _one_of(*allowed: str) -> Callable[[str, object], str]:
    def parse(name: str, value: object) -> str:
        word = str(value).strip().lower()
        if not isinstance(value, str) or word not in allowed:
            raise UsageError(f"`{name}` must be one of {', '.join(map(repr, allowed))}. Received: {name}={value!r}.")
        return word

    return parse


def _mode(name: str, value: object) -> str:
    word = {"dryrun": "offline", "run": "online"}.get(str(value).strip().lower())
    return word or _one_of(*MODES)(name, value)


def _resume(name: str, value: object) -> str | None:
    if value is True:
        return "auto"
    if value is False or value is None or str(value).strip().lower() in {"", "false"}:
        return None
    if str(value).strip().lower() == "true":
        return "auto"
    return _one_of(*RESUME_MODES)(name, value)


def _console(name: str, value: object) -> str:
    word = {"auto": "wrap", "redirect": "wrap", "wrap_raw": "wrap", "wrap_emu": "wrap"}.get(str(value).strip().lower())
    return word or _one_of(*CONSOLE_MODES)(name, value)


def _tags(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(dict.fromkeys(tag.strip() for tag in value.split(",") if tag.strip()))
    if isinstance(value, (list, tuple, set, frozenset)) and all(isinstance(tag, str) and tag for tag in value):
        return tuple(dict.fromkeys(value))
    raise WrongTypeError(f"`{name}` must be text or a list of texts. Received: {name}={value!r}.")


def _positive(name: str, value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = 0.0
    if not 0.0 < number < 1e9:
        raise UsageError(f"`{name}` must be a number above 0. Received: {name}={value!r}.")
    return number


def _count(name: str, value: object) -> int:
    try:
        number = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        number = -1
    if not 0 <= number < 100_000:
        raise UsageError(f"`{name}` must be an int from 0 to 99999. Received: {name}={value!r}.")
    return int(number)


def _folder(name: str, value: object) -> Path:
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        raise WrongTypeError(f"`{name}` must be the path of a folder. Received: {name}={value!r}.")
    return Path(os.path.abspath(os.path.expanduser(os.fsdecode(value))))


SOURCES: dict[str, _Source] = {
    "root": _Source(("KERASCOPE_DIR",), _folder),
    "mode": _Source(("KERASCOPE_MODE", "WANDB_MODE"), _mode),
    "entity": _Source(("KERASCOPE_ENTITY", "WANDB_ENTITY"), _text),
    "project": _Source(("KERASCOPE_PROJECT", "WANDB_PROJECT"), _text),
    "run_id": _Source(("KERASCOPE_RUN_ID", "WANDB_RUN_ID"), _text),
    "name": _Source(("KERASCOPE_NAME", "WANDB_NAME"), _text),
    "notes": _Source(("KERASCOPE_NOTES", "WANDB_NOTES"), _text),
    "tags": _Source(("KERASCOPE_TAGS", "WANDB_TAGS"), _tags),
    "group": _Source(("KERASCOPE_RUN_GROUP", "WANDB_RUN_GROUP"), _text),
    "job_type": _Source(("KERASCOPE_JOB_TYPE", "WANDB_JOB_TYPE"), _text),
    "resume": _Source(("KERASCOPE_RESUME", "WANDB_RESUME"), _resume),
    "silent": _Source(("KERASCOPE_SILENT", "WANDB_SILENT"), _flag),
    "quiet": _Source(("KERASCOPE_QUIET", "WANDB_QUIET"), _flag),
    "console": _Source(("KERASCOPE_CONSOLE", "WANDB_CONSOLE"), _console),
    "system_metrics": _Source(("KERASCOPE_SYSTEM_METRICS",), _flag),
    "system_interval_s": _Source(("KERASCOPE_SYSTEM_INTERVAL_S",), _positive),
    "heartbeat_interval_s": _Source(("KERASCOPE_HEARTBEAT_INTERVAL_S",), _positive),
    "sync_interval_s": _Source(("KERASCOPE_SYNC_INTERVAL_S",), _positive),
    "git": _Source(("KERASCOPE_GIT",), _flag),
    "packages": _Source(("KERASCOPE_PACKAGES",), _flag),
    "command_line": _Source(("KERASCOPE_COMMAND_LINE",), _flag),
    "save_code": _Source(("KERASCOPE_SAVE_CODE", "WANDB_SAVE_CODE"), _flag),
    "queue_mb": _Source(("KERASCOPE_QUEUE_MB",), _positive),
    "rank": _Source(("KERASCOPE_RANK", "RANK"), _count),
    "world_size": _Source(("KERASCOPE_WORLD_SIZE", "WORLD_SIZE"), _count),
    "log_ranks": _Source(("KERASCOPE_LOG_RANKS",), _one_of(*LOG_RANKS)),
    "host": _Source(("KERASCOPE_HOST", "WANDB_HOST"), _text),
}
"""Every field of `Settings`, with the environment variables that set it."""

# Variables of the original that say the opposite of our field, or name it in another way.
NEGATED = {
    "WANDB_DISABLE_GIT": "git",
    "WANDB__DISABLE_STATS": "system_metrics",
    "WANDB_X_DISABLE_STATS": "system_metrics",
    "WANDB_DISABLE_CODE": "save_code",
}
SPECIAL_VARIABLES = ("KERASCOPE_DISABLED", "WANDB_DISABLED", "WANDB_DIR", "KERASCOPE_TRIAL", *NEGATED)
"""Variables that are read beside those of `SOURCES`."""
_PREFIX = "KERASCOPE_"

_ALIASES = {
    "root_dir": "root",
    "run_name": "name",
    "run_notes": "notes",
    "run_tags": "tags",
    "run_group": "group",
    "run_job_type": "job_type",
    "x_stats_sampling_interval": "system_interval_s",
    "_stats_sample_rate_seconds": "system_interval_s",
}
_NEGATED_ALIASES = {
    "disable_git": "git",
    "disable_code": "save_code",
    "_disable_stats": "system_metrics",
    "x_disable_stats": "system_metrics",
}
_FOREIGN_PREFIXES = ("x_", "_", "show_", "sweep_", "launch_")
_FOREIGN_LIST = (
    "start_method init_timeout base_url api_key anonymous code_dir program timeout login_timeout force summary_errors "
    "summary_warnings strict label_disable disable_job_creation disabled reinit organization"
)
_FOREIGN = frozenset(_FOREIGN_LIST.split())


class SettingsOverrides(dict[str, Any]):
    """Settings of one `init` call: `kerascope.Settings(silent=True, console="off")`.

    Only what is named is set; everything else keeps coming from the environment. Names of the original that have no meaning
    here (`start_method`, `base_url`, ...) are accepted and have no effect.

    Raises:
        UsageError: for an unknown name or a value of the wrong kind.
    """

    def __init__(self, **named: Any) -> None:
        super().__init__(_parse_overrides(named))


def load_settings(overrides: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Returns the settings that hold now.

    Args:
        overrides: values by field name that beat the environment.
        environment: the variables to read; those of this process by default.

    Raises:
        UsageError: if a variable or an override has a value of the wrong kind; the message names it.
    """
    environment = os.environ if environment is None else environment
    values = _from_environment(environment)
    values.update(_parse_overrides(overrides or {}))
    values.setdefault("root", _default_root(environment))
    for name in ("project", "entity"):
        if values.get(name) is None:
            values.pop(name, None)
    return Settings(**values)


def override(settings: Settings, **named: Any) -> Settings:
    """Returns `settings` with the named fields replaced; None leaves one as it is."""
    given: dict[str, Any] = {
        name: SOURCES[name].parse(name, value) for name, value in named.items() if value is not None
    }
    return replace(settings, **given)


def trial_file(environment: Mapping[str, str] | None = None) -> Path | None:
    """Returns the file of the sweep's trial that an agent started this program for (`KERASCOPE_TRIAL`), if one did."""
    text = (os.environ if environment is None else environment).get("KERASCOPE_TRIAL", "").strip()
    return Path(text) if text else None


def misspelled(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns the variables that look like ours and are none, each with the one that was probably meant.

    Args:
        environment: the variables to read; those of this process by default.
    """
    variables = [*SPECIAL_VARIABLES, *(variable for source in SOURCES.values() for variable in source.variables)]
    known = [variable.removeprefix(_PREFIX) for variable in variables if variable.startswith(_PREFIX)]
    found = {}
    for variable in os.environ if environment is None else environment:
        word = variable.removeprefix(_PREFIX)
        if word != variable and word not in known:
            near = get_close_matches(word, known, n=1, cutoff=0.75)
            if near:
                found[variable] = _PREFIX + near[0]
    return found


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, source in SOURCES.items():
        for variable in source.variables:
            text = environment.get(variable, "")
            if text.strip():
                values[name] = source.parse(variable, text)
                break
    for variable, name in NEGATED.items():
        if name not in values and environment.get(variable, "").strip():
            values[name] = not _flag(variable, environment[variable])
    for variable in ("KERASCOPE_DISABLED", "WANDB_DISABLED"):
        if environment.get(variable, "").strip() and _flag(variable, environment[variable]):
            values["mode"] = "disabled"
    return values


def _default_root(environment: Mapping[str, str]) -> Path:
    """`<WANDB_DIR>/kerascope` where a script says so, else `~/.kerascope`."""
    folder = environment.get("WANDB_DIR", "").strip()
    return _folder("WANDB_DIR", folder) / "kerascope" if folder else _folder("root", "~/.kerascope")


def _parse_overrides(named: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(named, Mapping):
        raise WrongTypeError(f"`settings` must be a dict or kerascope.Settings. Received: settings={named!r}.")
    values: dict[str, Any] = {}
    for given, value in named.items():
        name = _ALIASES.get(given, given)
        if value is None:
            continue
        if name in SOURCES:
            values[name] = SOURCES[name].parse(given, value)
        elif given in _NEGATED_ALIASES:
            values[_NEGATED_ALIASES[given]] = not _flag(given, value)
        elif given not in _FOREIGN and not str(given).startswith(_FOREIGN_PREFIXES):
            known = [field.name for field in fields(Settings)]
            raise WrongTypeError(
                f"`settings` has no field of this name. Received: {given}={value!r}.{did_you_mean(str(given), known)}"
            )
    return values
