"""Laws of how commands end: a user's mistake is one sentence and exit code 2, and pipes and Ctrl-C end them quietly."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from kerascope.cli.main import COMMANDS
from kerascope.errors import UsageError
from kerascope.paths import StorePaths
from kerascope.server.run import listen
from tests.cli.conftest import Command, start
from tests.server.stores import RunLog

MISTAKES = [
    ([], "A command must be given"),
    (["lss"], "Did you mean 'ls'?"),
    (["xyzzy"], "See `kerascope --help`"),
    (["ls", "--limt", "3"], "Did you mean '--limit'?"),
    (["ls", "faces", "--limit", "0"], "whole number from 1"),
    (["ls", "faces", "--limit", "ten"], "whole number from 1"),
    (["ls", "faces", "--filter", "{"], "must be JSON"),
    (["ls", "faces", "--filter", '{"nothing": 1}'], "nothing"),
    (["ls", "faces", "--sort", "nothing"], "nothing"),
    (["ls", "--search", "x"], "need a PROJECT. Received: --search"),
    (["ls", "--archived"], "need a PROJECT. Received: --archived"),
    (["ls", "fases"], "Did you mean 'faces'?"),
    (["ls", "a/b/c"], "PROJECT must be"),
    (["show"], "RUN"),
    (["show", "aab"], "Did you mean faces/aaa?"),
    (["show", "none/aaa"], "RUN must name a run"),
    (["show", ""], "RUN must name a run"),
    (["tail", "zzz"], "RUN must name a run"),
    (["tail", "aaa", "--poll", "0"], "above 0"),
    (["export", "zzz"], "RUN must name a run"),
    (["export", "aaa", "--format", "xml"], "choose from"),
    (["log"], "COMMAND"),
    (["log", "cat"], "RUN|FILE"),
    (["log", "dog"], "dog"),
    (["index", "rebuilt"], "rebuilt"),
    (["rm"], "RUN"),
    (["rm", "aaa", "--purge", "--restore"], "not allowed with"),
    (["ui", "--port", "70000"], "whole number from 0 to 65535"),
    (["ui", "--host", "203.0.113.9", "--no-browser"], "be able to listen"),
    (["--dir", "/nowhere/at/all", "ls"], "must be the folder of a store"),
]


@pytest.mark.parametrize(("argv", "text"), MISTAKES)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    reading: StorePaths, kerascope: Command, argv: list[str], text: str
) -> None:
    answer = kerascope(*argv)
    assert answer.code == 2, answer
    assert answer.out == ""
    assert text in answer.err
    assert answer.err.startswith("kerascope: ")
    assert answer.err.count("\n") == 1


def test_a_name_that_two_runs_have_is_refused_with_their_paths(paths: StorePaths, kerascope: Command) -> None:
    for run_id in ("one", "two"):
        RunLog(paths, "faces", run_id, "same").finish()
    answer = kerascope("show", "same")
    assert answer.code == 2
    assert "faces/one" in answer.err
    assert "faces/two" in answer.err


def test_every_command_has_help_that_names_its_json_option(capsys: pytest.CaptureFixture[str]) -> None:
    from kerascope.cli.main import main

    for command in COMMANDS:
        with pytest.raises(SystemExit) as end:
            main([command, "--help"])
        assert end.value.code == 0
        assert "--json" in capsys.readouterr().out


def test_every_command_is_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
    assert [command for command in COMMANDS if f"| `kerascope {command}" not in page] == []


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    from kerascope.cli.main import main

    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("kerascope ")


def test_a_file_that_cannot_be_written_is_told_in_one_sentence(reading: StorePaths, kerascope: Command) -> None:
    answer = kerascope("export", "aaa", "-o", "/dev/null/x.csv")
    assert (answer.code, answer.err.count("\n")) == (1, 1)


def test_a_reader_that_goes_away_ends_the_command_quietly(paths: StorePaths) -> None:
    run = RunLog(paths, "faces", "long")
    for step in range(5000):
        run.row(step, loss=float(step), text="x" * 50)
    run.finish()
    with start("log", "cat", "long") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait(60) == 141


def test_ctrl_c_ends_tail_with_130_and_no_traceback(paths: StorePaths) -> None:
    run = RunLog(paths, "faces", "lives", start_s=time.time())
    run.row(0, loss=1.0)
    with start("tail", "lives") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("step 0")
        run.row(1, loss=2.0)
        assert process.stdout.readline().startswith("step 1")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")


def test_ui_serves_and_ends_cleanly_on_ctrl_c_with_a_stream_open(reading: StorePaths) -> None:
    with start("ui", "--no-browser", "--port", "0", "--json") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            deadline = time.monotonic() + 60
            while client.get("/api/health").json()["run_count"] != 3:
                assert time.monotonic() < deadline
            with client.stream("GET", "/api/live") as stream:
                assert stream.status_code == 200
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")


def test_ui_beyond_loopback_prints_an_address_with_a_token(reading: StorePaths) -> None:
    with start("ui", "--no-browser", "--port", "0", "--host", "0.0.0.0") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "?token=" in line
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_ui_takes_the_next_free_port_unless_one_is_asked_for(reading: StorePaths, kerascope: Command) -> None:
    taken = listen("127.0.0.1", 0)
    try:
        answer = kerascope("ui", "--no-browser", "--port", str(taken.port))
        assert (answer.code, "port must be free" in answer.err) == (2, True)
    finally:
        taken.socket.close()


def test_output_into_a_pipe_holds_no_colour_codes_and_no_bars(reading: StorePaths) -> None:
    with start("show", "aaa", stderr=subprocess.STDOUT) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "\x1b" not in out


def test_a_short_token_is_refused(reading: StorePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerascope.cli.ui_command import given_token

    monkeypatch.setenv("KERASCOPE_TOKEN", "short")
    with pytest.raises(UsageError, match="16 characters"):
        given_token()
