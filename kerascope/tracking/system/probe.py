"""All metrics of the machine in one sample.

Promises: the probes are made on first use, on the thread that samples, so `init` does not wait for drivers or imports.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kerascope.tracking.system.gpu import GpuProbe


class SystemProbe:
    """Host and GPU metrics together.

    Args:
        folder: the disk that this folder lies on is measured.
    """

    def __init__(self, folder: Path) -> None:
        from kerascope.tracking.system.host import HostProbe  # psutil: 15 ms that `init` need not spend

        self._host = HostProbe(folder)
        self._gpu = GpuProbe()

    def devices(self) -> list[dict[str, Any]]:
        """Returns name and memory of each GPU."""
        return self._gpu.devices()

    def sample(self) -> dict[str, float]:
        """Returns the metrics of now, by name."""
        return {**self._host.sample(), **self._gpu.sample()}

    def close(self) -> None:
        """Lets go of the drivers."""
        self._gpu.close()
