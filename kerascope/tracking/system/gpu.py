"""NVIDIA GPUs, through pynvml where it can be imported.

Promises: a machine without driver, GPU or package gives no metrics and no error. Not for: memory as JAX or torch count it.
"""

from __future__ import annotations

import contextlib
from typing import Any

_MIB = 1024.0 * 1024.0


class GpuProbe:
    """Reads the GPUs that the driver shows."""

    def __init__(self) -> None:
        self._nvml: Any = None
        self._handles: list[Any] = []
        try:
            import pynvml
        except ImportError:
            return
        try:
            pynvml.nvmlInit()
            self._handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
            self._nvml = pynvml
        except pynvml.NVMLError:  # no driver, or no permission
            self._handles = []

    def devices(self) -> list[dict[str, Any]]:
        """Returns name and memory of each GPU."""
        found: list[dict[str, Any]] = []
        for handle in self._handles:
            with contextlib.suppress(self._nvml.NVMLError):
                name = self._nvml.nvmlDeviceGetName(handle)
                memory = self._nvml.nvmlDeviceGetMemoryInfo(handle)
                text = name.decode() if isinstance(name, bytes) else str(name)
                found.append({"name": text, "memory_bytes": int(memory.total)})
        return found

    def sample(self) -> dict[str, float]:
        """Returns the metrics of now, `gpu.<n>.<name>`; what a GPU does not tell is left out."""
        values: dict[str, float] = {}
        for i, handle in enumerate(self._handles):
            for read in (self._load, self._memory, self._temperature, self._power):
                with contextlib.suppress(self._nvml.NVMLError):
                    values.update({f"gpu.{i}.{name}": value for name, value in read(handle).items()})
        return values

    def close(self) -> None:
        """Lets go of the driver."""
        if self._nvml is not None:
            with contextlib.suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()
            self._nvml, self._handles = None, []

    def _load(self, handle: Any) -> dict[str, float]:
        rates = self._nvml.nvmlDeviceGetUtilizationRates(handle)
        return {"percent": float(rates.gpu), "memory_bus_percent": float(rates.memory)}

    def _memory(self, handle: Any) -> dict[str, float]:
        memory = self._nvml.nvmlDeviceGetMemoryInfo(handle)
        return {"memory_mb": memory.used / _MIB, "memory_percent": 100.0 * memory.used / max(memory.total, 1)}

    def _temperature(self, handle: Any) -> dict[str, float]:
        return {"temperature_c": float(self._nvml.nvmlDeviceGetTemperature(handle, self._nvml.NVML_TEMPERATURE_GPU))}

    def _power(self, handle: Any) -> dict[str, float]:
        return {"power_w": self._nvml.nvmlDeviceGetPowerUsage(handle) / 1000.0}
