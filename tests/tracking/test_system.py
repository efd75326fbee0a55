from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import kerascope
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


def test_the_first_sample_of_a_run_tells_what_its_process_did_before(tmp_path: Path) -> None:
    run = kerascope.init(
        dir=tmp_path, project="busy", settings={"console": "off", "system_metrics": True, "system_interval_s": 0.4}
    )
    until = time.process_time() + 1.0
    while time.process_time() < until:
        pass
    run.finish()
    shares = kerascope.Api(tmp_path).run(f"busy/{run.id}").history(stream="system", pandas=False)
    assert shares[0]["system/process.cpu_percent"] > 0


def test_a_machine_without_gpu_gives_no_gpu_metrics_and_no_error() -> None:
    probe = GpuProbe()
    names = probe.sample().keys()
    assert all(name.startswith("gpu.") for name in names)
    assert bool(names) == bool(probe.devices())
    probe.close()
    assert probe.sample() == {}


def test_gpus_are_read_through_the_drivers_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver is the edge here: no test machine has a GPU."""

    class NVMLError(Exception):
        pass

    def refuse(handle: int) -> int:
        raise NVMLError("not supported")

    driver = SimpleNamespace(
        NVMLError=NVMLError,
        NVML_TEMPERATURE_GPU=0,
        nvmlInit=lambda: None,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda i: i,
        nvmlDeviceGetName=lambda handle: b"Fast GPU",
        nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(total=4 * 1024**3, used=1024**3),
        nvmlDeviceGetUtilizationRates=lambda handle: SimpleNamespace(gpu=50, memory=20),
        nvmlDeviceGetTemperature=lambda handle, sensor: 61,
        nvmlDeviceGetPowerUsage=refuse,
    )
    monkeypatch.setitem(sys.modules, "pynvml", driver)  # type: ignore[arg-type]
    probe = GpuProbe()
    assert probe.devices() == [{"name": "Fast GPU", "memory_bytes": 4 * 1024**3}] * 2
    assert probe.sample() == {
        f"gpu.{i}.{name}": value
        for i in range(2)
        for name, value in {
            "percent": 50.0,
            "memory_bus_percent": 20.0,
            "memory_mb": 1024.0,
            "memory_percent": 25.0,
            "temperature_c": 61.0,
        }.items()
    }
