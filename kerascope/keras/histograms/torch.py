"""`count_all` on PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


@torch.no_grad()  # type: ignore[untyped-decorator]
def count_all(arrays: list[Any], num_bins: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Returns counts and ranges of `arrays`; see the package."""
    parts = [_count_one(array.detach(), num_bins) for array in arrays]
    both = torch.stack([torch.cat(part) for part in parts]).cpu().numpy()
    return both[:, : num_bins + 3].astype(np.int64), both[:, num_bins + 3 :]


def _count_one(array: Any, num_bins: int) -> tuple[Any, Any]:
    x = array.reshape(-1)
    finite = x = x if x.dtype == torch.float64 else x.to(torch.float32)
    odd = x.new_zeros(3)
    low, high = torch.aminmax(x) if x.numel() else (x.new_tensor(0.0), x.new_tensor(1.0))
    if not torch.isfinite(low) & torch.isfinite(high):  # NaN and infinity show in one of them
        finite = x[torch.isfinite(x)]
        odd = torch.stack([torch.isnan(x).sum(), (x == torch.inf).sum(), (x == -torch.inf).sum()])
        low, high = torch.aminmax(finite) if finite.numel() else (x.new_tensor(0.0), x.new_tensor(1.0))
    low, high = torch.where(low == high, low - 0.5, low), torch.where(low == high, high + 0.5, high)
    # histc counts in float32, which is exact up to 2^24 only.
    parts = [torch.histc(part, num_bins, float(low), float(high)).double() for part in finite.split(1 << 24)]
    counts = torch.stack(parts).sum(0)
    return torch.cat([counts, odd.double()]), torch.stack([low, high]).double()
