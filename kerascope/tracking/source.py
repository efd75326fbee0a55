"""What a run was made from: command line, program, repository, packages, machine.

Promises: called on the background worker, reads only; what cannot be found out is left out. Not for: metrics of the machine over time
(see `system/`).

The map that `environment` builds is the data of the `Environment` event; `docs/tracking.md` lists its fields.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path
from typing import Any

from kerascope.blobs.store import BlobStore
from kerascope.jsonable import clean_text
from kerascope.settings import Settings
from kerascope.tracking import repository
from kerascope.tracking.system.gpu import GpuProbe
from kerascope.version import __version__

_PACKAGE = re.compile(r"(.+?)-([^-]+)(?:-py[0-9.]+)?\.(?:dist-info|egg-info)\Z")
_SECRET_OPTION = re.compile(r"(?i)(password|passwd|secret|token|api[-_]?key)")


def basics(settings: Settings, host: str) -> dict[str, Any]:
    """Returns what is known at once, without starting a process or reading many files."""
    data: dict[str, Any] = {
        "host": host,
        "os": platform.platform(),
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable,
        "kerascope": __version__,
        "cpu_count": os.cpu_count() or 0,
        "cwd": _cwd(),
    }
    if settings.command_line:
        data["argv"] = hide_secrets(sys.argv)
    program = program_path()
    if program is not None:
        data["program"] = str(program)
    return data


def details(settings: Settings, data: dict[str, Any], blobs: BlobStore) -> dict[str, Any]:
    """Returns `data` with what takes a while to find out: git, the program's text, packages."""
    data = dict(data)
    # Not asked for again: the interpreter forgets the program's path when the script has ended, and this may run after that.
    program = Path(data["program"]) if "program" in data else None
    if settings.save_code and program is not None and program.is_file():
        data["program_file"] = _stored(blobs, program.read_bytes(), program.name)
    if settings.git:
        data.update(repository.describe(program.parent if program else Path(data["cwd"]), blobs))
    else:
        data["git_left_out"] = repository.SWITCHED_OFF
    gpus = GpuProbe()
    if gpus.devices():
        data["gpus"] = gpus.devices()
    gpus.close()
    if settings.packages:
        data["packages"] = packages()
    return data


def program_path() -> Path | None:
    """Returns the script that is being run; None in a notebook or an interactive session."""
    main = sys.modules.get("__main__")
    name = getattr(main, "__file__", None)
    if not isinstance(name, str):
        return None
    path = Path(name).absolute()
    return path if path.is_file() else None


def packages() -> dict[str, str]:
    """Returns the installed packages and their versions, sorted by name.

    Only folder names are read (`numpy-2.4.6.dist-info`), which takes milliseconds where reading each package's metadata takes
    half a second.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = [entry.name for entry in os.scandir(folder or ".")]
        except OSError:  # zip files, folders that are gone
            continue
        for name in names:
            info = _PACKAGE.match(name)
            if info is not None:
                found.setdefault(info[1].replace("_", "-"), info[2])
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def hide_secrets(arguments: list[str]) -> list[str]:
    """Returns a command line in which values of options named like a password or token are `***`."""
    shown: list[str] = []
    hide_next = False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        is_secret = argument.startswith("-") and _SECRET_OPTION.search(name) is not None
        if hide_next and not argument.startswith("-"):
            shown.append("***")
        elif is_secret and equals:
            shown.append(f"{name}=***")
        else:
            shown.append(clean_text(argument))
        hide_next = is_secret and not equals
    return shown


def _cwd() -> str:
    try:
        return clean_text(os.getcwd())
    except OSError:  # the folder was removed
        return ""


def _stored(blobs: BlobStore, content: bytes, path: str) -> dict[str, Any]:
    ref = blobs.put_bytes(content)
    return {"sha256": ref.sha256, "size": ref.size_bytes, "path": clean_text(path)}
