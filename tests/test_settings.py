from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import kerascope
from kerascope.errors import UsageError
from kerascope.settings import NEGATED, SOURCES, SPECIAL_VARIABLES, Settings, load_settings, misspelled, override

DOCS = Path(__file__).resolve().parent.parent / "docs" / "tracking.md"

EXAMPLES: dict[str, tuple[str, Any]] = {
    "root": ("/tmp/store", Path("/tmp/store")),
    "mode": ("offline", "offline"),
    "resume": ("must", "must"),
    "tags": ("a,b", ("a", "b")),
    "console": ("off", "off"),
    "rank": ("3", 3),
    "world_size": ("4", 4),
    "log_ranks": ("all", "all"),
}


def example(name: str) -> tuple[str, Any]:
    default = getattr(Settings(root=Path("/x")), name)
    if name in EXAMPLES:
        return EXAMPLES[name]
    if isinstance(default, bool):
        return ("false", False) if default else ("true", True)
    return ("2.5", 2.5) if isinstance(default, float) else ("text", "text")


def test_there_are_few_settings_and_each_has_a_source() -> None:
    names = {field.name for field in fields(Settings)}
    assert names == set(SOURCES)
    assert len(names) <= 30


@pytest.mark.parametrize(
    ("name", "variable"), [(name, variable) for name, source in SOURCES.items() for variable in source.variables]
)
def test_every_setting_is_read_from_its_variables(name: str, variable: str) -> None:
    text, value = example(name)
    assert getattr(load_settings(environment={variable: text}), name) == value


@pytest.mark.parametrize("name", SOURCES)
def test_every_setting_and_variable_is_documented(name: str) -> None:
    text = DOCS.read_text()
    assert f"`{name}`" in text
    for variable in SOURCES[name].variables:
        assert f"`{variable}`" in text


@pytest.mark.parametrize("variable", SPECIAL_VARIABLES)
def test_special_variables_are_documented(variable: str) -> None:
    assert f"`{variable}`" in DOCS.read_text()


def test_own_variables_beat_those_of_the_original_and_overrides_beat_both() -> None:
    environment = {"KERASCOPE_PROJECT": "own", "WANDB_PROJECT": "other"}
    assert load_settings(environment=environment).project == "own"
    assert load_settings({"project": "given"}, environment).project == "given"


@pytest.mark.parametrize("variable", NEGATED)
def test_negated_variables_switch_off(variable: str) -> None:
    assert getattr(load_settings(environment={variable: "true"}), NEGATED[variable]) is False


def test_defaults_without_any_variable() -> None:
    settings = load_settings(environment={})
    assert settings.root == Path.home() / ".kerascope"
    assert (settings.project, settings.entity, settings.mode) == ("uncategorized", "local", "online")


def test_a_misspelled_variable_is_told_with_the_one_that_was_meant() -> None:
    given = dict.fromkeys(("KERASCOPE_SYSTEM_INTERVAL", "KERASCOPE_PROJET", "KERASCOPE_DIR", "KERASCOPE_DISABLED"), "x")
    others = dict.fromkeys(("KERASCOPE_TOKEN", "KERASCOPE_STATIC", "KERASCOPE_COMPILE_CACHE", "KERASCOPE_MY_OWN"), "x")
    meant = {"KERASCOPE_SYSTEM_INTERVAL": "KERASCOPE_SYSTEM_INTERVAL_S", "KERASCOPE_PROJET": "KERASCOPE_PROJECT"}
    assert misspelled({**given, **others}) == meant


def test_init_warns_of_a_misspelled_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KERASCOPE_PROJET", "mine")
    kerascope.init(dir=tmp_path, settings={"console": "off"}).finish()
    assert "KERASCOPE_PROJET has no effect. Did you mean KERASCOPE_PROJECT?" in capsys.readouterr().err


def test_empty_variables_count_as_unset() -> None:
    assert load_settings(environment={"WANDB_PROJECT": "", "WANDB_MODE": " "}).mode == "online"


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("WANDB_MODE", "fast"),
        ("WANDB_RESUME", "perhaps"),
        ("WANDB_SILENT", "perhaps"),
        ("KERASCOPE_SYSTEM_INTERVAL_S", "often"),
        ("KERASCOPE_SYSTEM_INTERVAL_S", "-1"),
        ("KERASCOPE_SYSTEM_INTERVAL_S", "nan"),
        ("RANK", "first"),
        ("KERASCOPE_RANK", "-1"),
        ("KERASCOPE_CONSOLE", "loud"),
    ],
)
def test_wrong_variables_are_named(variable: str, text: str) -> None:
    with pytest.raises(UsageError, match=rf"{variable}.*Received"):
        load_settings(environment={variable: text})


@pytest.mark.parametrize(("given", "resume"), [(True, "auto"), (False, None), ("allow", "allow"), ("true", "auto")])
def test_resume_takes_the_words_of_the_original(given: Any, resume: str | None) -> None:
    assert load_settings({"resume": given}, {}).resume == resume


def test_settings_of_the_original_are_understood_or_ignored() -> None:
    given = kerascope.Settings(run_name="x", _disable_stats=True, start_method="fork", base_url="http://x")
    settings = load_settings(given, {})
    assert settings.name == "x"
    assert settings.system_metrics is False


def test_unknown_settings_are_refused_with_a_hint() -> None:
    with pytest.raises(TypeError, match="Did you mean 'silent'"):
        kerascope.Settings(silnt=True)


def test_override_replaces_what_is_not_none() -> None:
    settings = load_settings(environment={})
    assert override(settings, project="a", name=None).project == "a"
    assert override(settings, name=None) == settings
