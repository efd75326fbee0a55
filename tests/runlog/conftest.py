from __future__ import annotations

from hypothesis import HealthCheck, settings

# A loaded two-core machine must not fail a property by being slow.
settings.register_profile("kerascope", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kerascope")
