"""What `get_ipython()` gives a notebook, or a script made from one, that runs without IPython.

Promises: shell commands run as they do in a notebook, with `{name}` and `$name` filled in; what cannot be done here is left out with one
sentence, and the program goes on. Not for: showing anything.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kerascope.terminal import termlog, termwarn

# Line magics that change how a notebook looks or reloads code: there is nothing to do for a program.
_NOTHING = frozenset(
    [
        "matplotlib",
        "load_ext",
        "reload_ext",
        "unload_ext",
        "autoreload",
        "aimport",
        "config",
        "tensorflow_version",
        "pdb",
        "xmode",
        "precision",
        "colors",
        "automagic",
        "autosave",
        "wandb",
        "autocall",
        "page",
        "gui",
        "autoawait",
        "unimport",
    ]
)
# Cell magics that only show their text.
_SHOWN = frozenset(["html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG"])
_SHELLS = frozenset(["bash", "sh", "script", "system", "sx", "shell"])
_COMMANDS = frozenset(["ls", "mkdir", "cp", "mv", "rm", "cat", "rmdir", "head", "tail", "wget"])
# What to do instead of a magic that is left out.
_INSTEAD = {
    **{
        name: f"install packages before the run, with {name}"
        for name in ("pip", "conda", "mamba", "uv", "apt", "apt-get")
    },
    "tensorboard": "`kerascope ui` shows the runs",
    "debug": "run `python -m pdb -m kerascope run ...`",
    "reset": "every run begins with no variables",
    "load": "paste the file's text into the cell",
    "store": "write the value to a file",
}
_INSTALL = re.compile(
    r"^\s*(?:\S*/)?(?:sudo\s+)?(?:\S*python[\d.]*\s+-m\s+)?(pip|pip3|conda|mamba|uv|apt|apt-get)\b.*\binstall\b"
)
_PYTHON = re.compile(r"^\s*(?:\S*/)?python[\d.]*\s+(?=-m\s|[^-\s]\S*\.py\b)")
_FILLED = re.compile(r"\$\$|\$([A-Za-z_]\w*)|(?<!\$)\{([^{}]+)\}")


class Captured:
    """What a cell printed: `%%capture name` gives it to the notebook.

    Attributes:
        stdout: what was printed.
        stderr: what was printed to stderr.
    """

    def __init__(self) -> None:
        self._out, self._err = io.StringIO(), io.StringIO()
        self._stack = contextlib.ExitStack()

    @property
    def stdout(self) -> str:
        """What was printed."""
        return self._out.getvalue()

    @property
    def stderr(self) -> str:
        """What was printed to stderr."""
        return self._err.getvalue()

    def begin(self) -> None:
        """Starts to capture."""
        self._stack.enter_context(contextlib.redirect_stdout(self._out))
        self._stack.enter_context(contextlib.redirect_stderr(self._err))

    def end(self) -> None:
        """Stops; a second call does nothing."""
        self._stack.close()

    def show(self) -> None:
        """Prints it."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)

    __call__ = show


class Shell:
    """The methods of IPython's shell that notebooks come down to.

    Args:
        names: the program's own names, which magics read and set.
        is_notebook: whether it is a notebook that runs; its cells may begin a run anew.
    """

    def __init__(self, names: dict[str, Any], is_notebook: bool) -> None:
        self.user_ns = names
        if is_notebook:
            self.kernel = None  # what makes it a notebook for those who look, `wandb.init` among them
        self._captured: Captured | None = None

    def system(self, command: str) -> None:
        """Runs a shell command; its exit code goes to `_exit_code`. Installing is left to the user."""
        ready = self._ready(command)
        if ready is not None:
            sys.stdout.flush()
            self.user_ns["_exit_code"] = subprocess.run(ready, shell=True, check=False).returncode

    def getoutput(self, command: str, split: bool = True) -> Any:
        """Returns the lines that a shell command prints."""
        ready = self._ready(command)
        done = subprocess.run(ready or "true", shell=True, check=False, stdout=subprocess.PIPE, text=True)
        return done.stdout.splitlines() if split else done.stdout

    def run_line_magic(self, name: str, line: str = "", **_: Any) -> Any:
        """Does what a `%name line` says, or says why not."""
        own: Callable[[str], Any] | None = getattr(self, f"_do_{name}", None)
        if own is not None:
            return own(self._filled(line).strip())
        if name in _COMMANDS:
            return self.system(f"{name} {line}")
        if name in _SHELLS:
            return self.getoutput(line)
        if name not in _NOTHING:
            _leave_out(f"%{name} {line}".strip(), name)
        return None

    def magic(self, line: str) -> Any:
        """Does what `%line` says; the older form."""
        name, _, rest = line.lstrip("%").partition(" ")
        return self.run_line_magic(name, rest)

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        """Does what a `%%name` cell says, or says why not."""
        if name in ("writefile", "file"):
            self._write(self._filled(line), cell)
        elif name in _SHELLS:
            subprocess.run(["bash", "-c", cell], check=False)
        elif name in ("time", "timeit", "capture", "prun", "wandb"):
            self.run_cell(cell)
        elif name not in _SHOWN:
            _leave_out(f"%%{name}", name)

    def run_cell(self, raw_cell: str, **_: Any) -> None:
        """Runs Python in the program's names."""
        exec(compile(raw_cell, "<cell>", "exec", dont_inherit=True), self.user_ns)

    def begin_capture(self, name: str) -> None:
        """Captures what is printed from now on as the variable `name`."""
        self._captured = self.user_ns[name] = Captured()
        self._captured.begin()

    def end_capture(self) -> None:
        """Stops capturing, if a cell does."""
        if self._captured is not None:
            self._captured.end()

    # Magics with an effect

    def _do_env(self, line: str) -> str | None:
        name, sign, value = line.partition("=") if "=" in line else line.partition(" ")
        if not sign:
            return os.environ.get(name.strip())
        os.environ[name.strip()] = value.strip()
        return None

    _do_set_env = _do_env

    def _do_cd(self, line: str) -> None:
        os.chdir(os.path.expanduser(line.strip("'\"") or "~"))

    def _do_pwd(self, line: str) -> str:
        return os.getcwd()

    def _do_pylab(self, line: str) -> None:
        self.run_cell(
            "import numpy\nimport numpy as np\nfrom matplotlib import pylab, pyplot\nplt = pyplot\nfrom pylab import *\n"
        )

    def _do_run(self, line: str) -> None:
        words = [word for word in shlex.split(line) if word not in ("-i", "-n", "-t")]
        before = sys.argv
        sys.argv = words
        try:
            code = compile(Path(words[0]).read_bytes(), words[0], "exec", dont_inherit=True)
            exec(code, self.user_ns)
        finally:
            sys.argv = before

    def _do_time(self, line: str) -> None:
        self.run_cell(line)

    _do_timeit = _do_prun = _do_time

    # Inside

    def _write(self, line: str, cell: str) -> None:
        words = shlex.split(line)
        mode = "a" if {"-a", "--append"} & set(words) else "w"
        with open(os.path.expanduser(words[-1]), mode, encoding="utf-8") as file:
            file.write(cell if cell.endswith("\n") else f"{cell}\n")

    def _ready(self, command: str) -> str | None:
        """A command with its names filled in; None for what is not done here. Python scripts run as this one does."""
        filled = self._filled(command)
        installing = _INSTALL.match(filled)
        if installing is not None:
            _leave_out(f"!{filled.strip()}", installing[1].removesuffix("3"))
            return None
        if filled.split()[:1] == ["wandb"]:
            _leave_out(f"!{filled.strip()}", "wandb")
            return None
        return _PYTHON.sub(f"{shlex.quote(sys.executable)} -m kerascope run --no-report ", filled)

    def _filled(self, text: str) -> str:
        def fill(found: re.Match[str]) -> str:
            if found[0] == "$$":
                return "$"
            try:
                return str(eval(found[1] or found[2], self.user_ns)) if (found[1] or found[2]) else found[0]
            except Exception:  # border: not a name of the program's, so it is the shell's
                return found[0]

        return _FILLED.sub(fill, text)


def display(*objects: Any, **_: Any) -> None:
    """Prints objects, as `display` of a notebook shows them."""
    for one in objects:
        sys.stdout.write(f"{one}\n")


def _leave_out(text: str, name: str) -> None:
    if name == "wandb":
        termlog(f"left out, since runs stay on this machine and need no account: {text}")
        return
    instead = _INSTEAD.get(name, "it has no meaning outside a notebook")
    termwarn(
        f"this line of the notebook cannot be done here and was left out: {text}. Instead: {instead}.", repeat=False
    )
