from __future__ import annotations

import math
from pathlib import Path

from kerascope.tracking.system.gpu import GpuProbe
from kerascope.tracking.system.probe import SystemProbe


def test_a_sample_names_cpu_memory_disk_network_and_process(tmp_path: Path) -> None:
    probe = SystemProbe(tmp_path)
    sample = probe.sample()
    probe.close()
    assert {"cpu.percent", "memory.percent", "disk.percent", "process.memory_mb", "process.threads"} <= sample.keys()
    assert all(isinstance(value, float) and math.isfinite(value) for value in sample.values())
    assert 0 < sample["process.memory_mb"] < sample["memory.used_mb"] + sample["memory.available_mb"]


def test_rates_count_what_was_moved_since_the_last_sample(tmp_path: Path) -> None:
    probe = SystemProbe(tmp_path)
    assert all(value >= 0 for name, value in probe.sample().items() if name.endswith("_mb_s"))


def test_a_machine_without_gpu_gives_no_gpu_metrics_and_no_error() -> None:
    probe = GpuProbe()
    names = probe.sample().keys()
    assert all(name.startswith("gpu.") for name in names)
    assert bool(names) == bool(probe.devices())
    probe.close()
    assert probe.sample() == {}
