"""Laws of values that are no numbers: which one counts at a step, and which are read."""

from kerascope.query.cells import cell_page
from tests.index.logs import START_S, Log, reading, store


def test_cells_come_by_step_the_last_of_each(tmp_path):
    paths = store(tmp_path)
    log = Log(paths, "r1").rows({"t": f"v{i}"} for i in range(20))
    log.row(3, t="again").finish()
    with reading(paths) as db:
        page = cell_page(db, "faces", "r1", "t", min_step=2, max_step=9, limit=3)
        assert page.total == 8
        assert [(cell.step, cell.value) for cell in page.cells] == [(2, "v2"), (3, "again"), (4, "v4")]
        tail = cell_page(db, "faces", "r1", "t", limit=2, last=True)
        assert [cell.step for cell in tail.cells] == [18, 19]
        spread = cell_page(db, "faces", "r1", "t", sample=5)
        assert [cell.step for cell in spread.cells] == [0, 5, 10, 14, 19]
        assert [cell.step for cell in cell_page(db, "faces", "r1", "t", sample=1).cells] == [19]
        assert cell_page(db, "faces", "r1", "t", sample=20).total == 20
        assert cell_page(db, "faces", "r1", "unknown").total == 0


def test_the_last_logged_value_of_a_step_counts_whichever_segment_was_folded_first(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1", attempt=1, time_s=START_S + 50).row(1, t="resumed").row(2, t="new").finish()
    with reading(paths) as db:
        assert cell_page(db, "faces", "r1", "t").total == 2
    Log(paths, "r1").rows([{"t": "first"}, {"t": "second"}]).finish()
    with reading(paths) as db:
        found = cell_page(db, "faces", "r1", "t")
        assert [(cell.step, cell.value) for cell in found.cells] == [(0, "first"), (1, "resumed"), (2, "new")]


def test_more_values_than_one_question_takes_are_found(tmp_path):
    paths = store(tmp_path)
    Log(paths, "r1").rows({"t": f"v{step}"} for step in range(1201)).finish()
    with reading(paths) as db:
        found = cell_page(db, "faces", "r1", "t", limit=2000)
        assert [(cell.step, cell.value) for cell in found.cells] == [(step, f"v{step}") for step in range(1201)]
