from __future__ import annotations

import random
import re

from kerascope.ids import did_you_mean, new_run_id, new_run_name


def test_ids_are_eight_lower_case_letters_and_digits_and_differ() -> None:
    ids = {new_run_id() for _ in range(500)}
    assert len(ids) == 500
    assert all(re.fullmatch(r"[a-z0-9]{8}", text) for text in ids)


def test_names_end_in_the_number_of_the_run() -> None:
    assert re.fullmatch(r"[a-z]+-[a-z]+-7", new_run_name(7))


def test_no_random_state_is_consumed() -> None:
    before = random.getstate()
    new_run_id()
    new_run_name(1)
    assert random.getstate() == before


def test_hints_name_the_nearest_word() -> None:
    assert did_you_mean("projct", ["project", "name"]) == " Did you mean 'project'?"
    assert did_you_mean("xyz", ["project", "name"]) == ""
