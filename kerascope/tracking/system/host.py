"""CPU, memory, disk and network of the machine and of this process, through psutil.

Promises: `sample` only reads; a counter that this system does not have is left out. Rates are over the time since the last sample.
Not for: GPUs (see `gpu.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil

_MIB = 1024.0 * 1024.0
_UNAVAILABLE = (OSError, RuntimeError, NotImplementedError, AttributeError, psutil.Error)


class HostProbe:
    """Reads the machine.

    Args:
        folder: the disk that this folder lies on is measured.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = psutil.Process()
        self._counters: dict[str, float] = {}
        self._counted_s = time.monotonic()
        # The first call of each only sets the start of the interval.
        psutil.cpu_percent(None)
        self._process.cpu_percent(None)
        self._rates()

    def sample(self) -> dict[str, float]:
        """Returns the metrics of now by name; names end in their unit."""
        values: dict[str, float] = {}
        readers: tuple[Callable[[], dict[str, float]], ...] = (
            self._cpu,
            self._memory,
            self._own,
            self._disk,
            self._rates,
        )
        for read in readers:
            try:
                values.update(read())
            except _UNAVAILABLE:
                continue
        return values

    def _cpu(self) -> dict[str, float]:
        return {"cpu.percent": psutil.cpu_percent(None), "cpu.load_1m": psutil.getloadavg()[0]}

    def _memory(self) -> dict[str, float]:
        memory = psutil.virtual_memory()
        return {
            "memory.percent": memory.percent,
            "memory.used_mb": (memory.total - memory.available) / _MIB,
            "memory.available_mb": memory.available / _MIB,
        }

    def _own(self) -> dict[str, float]:
        with self._process.oneshot():
            return {
                "process.cpu_percent": self._process.cpu_percent(None),
                "process.memory_mb": self._process.memory_info().rss / _MIB,
                "process.threads": float(self._process.num_threads()),
            }

    def _disk(self) -> dict[str, float]:
        usage = psutil.disk_usage(str(self._folder))
        return {"disk.percent": usage.percent, "disk.free_mb": usage.free / _MIB}

    def _rates(self) -> dict[str, float]:
        """Bytes moved since the last call, as MiB per second."""
        now: dict[str, float] = {}
        disk, network = psutil.disk_io_counters(), psutil.net_io_counters()
        if disk is not None:
            now["disk.read_mb_s"], now["disk.write_mb_s"] = float(disk.read_bytes), float(disk.write_bytes)
        if network is not None:
            now["network.sent_mb_s"] = float(network.bytes_sent)
            now["network.received_mb_s"] = float(network.bytes_recv)
        before, before_s = self._counters, self._counted_s
        self._counters, self._counted_s = now, time.monotonic()
        elapsed_s = max(self._counted_s - before_s, 1e-3)
        return {
            name: max(value - before[name], 0.0) / _MIB / elapsed_s for name, value in now.items() if name in before
        }
