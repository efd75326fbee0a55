"""How a run ends when its process does, seen from outside: each test runs a script of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kerascope.events.types import Finish
from tests.tracking.conftest import Script, Store

BEGIN = "import os, sys, kerascope\nrun = kerascope.init(id='abc')\nrun.log({'a': 1})\n"


def finish(store: Store) -> Finish | None:
    return store.state("abc").finish


def test_the_end_of_the_script_finishes_the_run(store: Store, script: Script) -> None:
    done = script(BEGIN)
    assert done.returncode == 0, done.stderr
    end = finish(store)
    assert end is not None
    assert (end.state, end.exit_code) == ("finished", 0)


def test_an_exception_makes_the_run_failed_and_is_still_shown(store: Store, script: Script) -> None:
    done = script(BEGIN + "raise ValueError('no such luck')\n")
    assert done.returncode == 1
    assert "ValueError: no such luck" in done.stderr
    end = finish(store)
    assert end is not None
    assert (end.state, end.exit_code, end.message) == ("failed", 1, "ValueError: no such luck")


def test_ctrl_c_makes_the_run_failed(store: Store, script: Script) -> None:
    done = script(BEGIN + "import signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time; time.sleep(30)\n")
    assert done.returncode != 0
    end = finish(store)
    assert end is not None
    assert (end.state, end.exit_code) == ("failed", 255)


@pytest.mark.parametrize(
    ("call", "code", "state"),
    [
        ("sys.exit(3)", 3, "failed"),
        ("sys.exit()", 0, "finished"),
        ("sys.exit('out of data')", 1, "failed"),
        ("sys.exit(0)", 0, "finished"),
        ("exit(4)", 4, "failed"),
    ],
)
def test_sys_exit_gives_its_code(store: Store, script: Script, call: str, code: int, state: str) -> None:
    done = script(BEGIN + call + "\n")
    assert done.returncode == code
    end = finish(store)
    assert end is not None
    assert (end.state, end.exit_code) == (state, code)


def test_a_caught_sys_exit_does_not_count_once_the_run_goes_on(store: Store, script: Script) -> None:
    script(BEGIN + "try:\n    sys.exit(3)\nexcept SystemExit:\n    pass\nrun.log({'a': 2})\n")
    end = finish(store)
    assert end is not None
    assert end.exit_code == 0


def test_the_with_block_ends_the_run(store: Store, script: Script) -> None:
    text = "import kerascope\ntry:\n    with kerascope.init(id='abc') as run:\n        run.log({'a': 1})\n        raise KeyError('k')\nexcept KeyError:\n    print(kerascope.run)\n"
    done = script(text)
    assert done.stdout.strip() == "None", done.stderr
    end = finish(store)
    assert end is not None
    assert (end.state, end.message) == ("failed", "KeyError: 'k'")


def test_hooks_of_others_are_called_and_come_back(script: Script) -> None:
    text = (
        "import sys, kerascope\n"
        "def hook(*args): print('mine', args[0].__name__)\n"
        "sys.excepthook = hook\nbefore = sys.exit\n"
        "kerascope.init().finish()\n"
        "assert sys.excepthook is hook and sys.exit is before\n"
        "kerascope.init()\nraise ValueError\n"
    )
    done = script(text)
    assert done.stdout.strip() == "mine ValueError", done.stderr


def test_sigterm_leaves_a_whole_log_behind(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "work" / "script.py"
    path.write_text(
        BEGIN + "print('ready', flush=True)\nimport itertools\nfor i in itertools.count(): run.log({'a': i})\n"
    )
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM
    rows = store.rows("abc")
    assert sorted(rows) == list(range(len(rows)))
    assert finish(store) is None


def test_what_log_returned_from_survives_sigkill(store: Store, script: Script) -> None:
    done = script(
        BEGIN
        + "for i in range(50): run.log({'a': i}, commit=False)\nimport signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert done.returncode == -signal.SIGKILL
    assert store.rows("abc") == {0: {"a": 1}, 1: {"a": 49}}


def test_media_are_waited_for_at_the_end(store: Store, script: Script) -> None:
    script(
        BEGIN + "import numpy as np\nfor i in range(5): run.log({'img': kerascope.Image(np.full((64, 64), i / 5))})\n"
    )
    rows = store.rows("abc")
    assert all(rows[i]["img"]["_type"] == "image-file" for i in range(1, 6))


def test_a_forked_child_leaves_its_parents_run_alone(store: Store, script: Script) -> None:
    text = BEGIN + (
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    run.log({'child': 1}); run.log({'child': 2}); run.summary['x'] = 1; print('from the child', flush=True)\n"
        "    sys.exit(5)\n"
        "_, status = os.waitpid(pid, 0)\n"
        "assert os.waitstatus_to_exitcode(status) == 5\n"
        "run.log({'a': 2})\n"
    )
    done = script(text)
    assert done.returncode == 0, done.stderr
    assert store.rows("abc") == {0: {"a": 1}, 1: {"a": 2}}
    assert done.stderr.count("forked process records nothing") == 2
    end = finish(store)
    assert end is not None
    assert end.state == "finished"
    assert len(store.segments("abc")) == 1


def test_a_forked_child_can_begin_a_run_of_its_own(store: Store, script: Script) -> None:
    text = BEGIN + (
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    own = kerascope.init(id='child'); own.log({'b': 1}); own.finish(); os._exit(0)\n"
        "_, status = os.waitpid(pid, 0)\n"
        "assert status == 0\n"
    )
    done = script(text)
    assert done.returncode == 0, done.stderr
    assert store.rows("child") == {0: {"b": 1}}
    assert store.rows("abc") == {0: {"a": 1}}


def test_threads_that_still_log_at_the_end_do_not_break_it(store: Store, script: Script) -> None:
    text = BEGIN + (
        "import threading\n"
        "def work():\n"
        "    while True:\n"
        "        try: run.log({'b': 1})\n"
        "        except kerascope.UsageError: return\n"
        "threading.Thread(target=work).start()\n"
        "while run.step < 100: pass\n"
        "run.finish()\n"
    )
    done = script(text)
    assert done.returncode == 0, done.stderr
    assert finish(store) is not None
    rows = store.rows("abc")
    assert sorted(rows) == list(range(len(rows)))
    assert len(rows) >= 100


def test_console_lines_are_kept_in_order_with_the_last_state_of_progress_bars(store: Store, script: Script) -> None:
    text = (
        "import sys, kerascope\n"
        "run = kerascope.init(id='abc')\n"
        "print('hello')\n"
        "for i in range(4): sys.stdout.write(f'\\r{i}/3 done')\n"
        "print()\n"
        "print('\\x1b[1mbold\\x1b[0m')\n"
        "print('warned', file=sys.stderr)\n"
        "sys.stdout.write('no line end')\n"
    )
    done = script(text, KERASCOPE_CONSOLE="wrap")
    assert done.returncode == 0, done.stderr
    from kerascope.events.types import Console

    text_of = {
        stream: "".join(e.text for e in store.events("abc") if isinstance(e, Console) and e.stream == stream)
        for stream in ("stdout", "stderr")
    }
    assert text_of["stdout"] == "hello\n3/3 done\n\x1b[1mbold\x1b[0m\nno line end\n"
    assert "warned\n" in text_of["stderr"]
    assert done.stdout.startswith("hello\n")


def test_a_full_disk_is_told_once_and_harms_nothing_written_before(store: Store, script: Script) -> None:
    text = (
        "import resource, signal, kerascope\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "run = kerascope.init(id='abc')\n"
        "for i in range(100): run.log({'a': i})\n"
        "size = run._sink.size_bytes\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, resource.RLIM_INFINITY))\n"
        "for i in range(100, 300): run.log({'a': i})\n"
        "print('trained')\n"
    )
    done = script(text)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "trained"
    assert done.stderr.count("cannot write its log") == 1
    from kerascope.runlog.reader import scan

    result = scan(store.segments("abc")[0])
    assert not result.damage
    rows = [event for _, event in result.events if type(event).__name__ == "Row"]
    assert len(rows) >= 100


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc").exists(), reason="needs a folder that refuses writes")
def test_a_store_that_cannot_be_written_stops_nothing(tmp_path: Path, script: Script) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    text = (
        "import os, kerascope\n"
        "run = kerascope.init(config={'lr': 1})\n"
        "for i in range(10): run.log({'a': i})\n"
        "open(os.path.join(run.dir, 'model.txt'), 'w').close()\n"
        "run.save('script.py')\n"
        "run.summary['x'] = 1\n"
        "assert run.log_artifact('script.py', type='code') is not None\n"
        "run.finish()\n"
        "print('trained')\n"
    )
    done = script(text, KERASCOPE_DIR=str(blocked / "store"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "trained"
    assert done.stderr.count("cannot write its log") == 1


def test_heartbeats_and_system_metrics_are_written_while_nothing_is_logged(store: Store, tmp_path: Path) -> None:
    from kerascope.events.types import Heartbeat, System
    from kerascope.runlog.reader import scan

    path = tmp_path / "work" / "script.py"
    path.write_text(BEGIN + "print('ready', flush=True)\nsys.stdin.read()\n")
    environment = {
        **os.environ,
        "KERASCOPE_SYSTEM_METRICS": "true",
        "KERASCOPE_SYSTEM_INTERVAL_S": "0.05",
        "KERASCOPE_HEARTBEAT_INTERVAL_S": "0.05",
    }
    with subprocess.Popen(
        [sys.executable, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        deadline = time.monotonic() + 60
        kinds: set[type] = set()
        while not {Heartbeat, System} <= kinds and time.monotonic() < deadline:
            kinds = {type(event) for _, event in scan(store.segments("abc")[0]).events}
        process.communicate(b"", 60)
    assert {Heartbeat, System} <= kinds
    samples = [event for event in store.events("abc") if isinstance(event, System)]
    assert {"cpu.percent", "memory.percent", "process.memory_mb"} <= samples[0].values.keys()
