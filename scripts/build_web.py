"""Build hook: makes the dashboard's files with npm, only when they are missing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildWeb(BuildHookInterface[Any]):
    """Runs `npm ci && npm run build` in `web/` unless `kerascope/server/static/index.html` is there."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it packs a wheel or an sdist."""
        root = Path(self.root)
        if os.environ.get("KERASCOPE_SKIP_WEB") or (root / "kerascope/server/static/index.html").exists():
            return
        for command in (["npm", "ci", "--silent"], ["npm", "run", "--silent", "build"]):
            subprocess.run(command, cwd=root / "web", check=True)
