"""Object3D: a cloud of points, or a 3-D model file.

A cloud is stored as JSON: `{"type": "lidar/beta", "points": [[x, y, z, ...]], "boxes": [...], "vectors": [...]}`, floats with 6 digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kerascope.errors import WrongTypeError, WrongValueError
from kerascope.jsonable import to_jsonable
from kerascope.media.arrays import is_array, to_numpy
from kerascope.media.base import dump_json, read_file
from kerascope.media.files import FileMedia

FORMATS = ("obj", "gltf", "glb", "babylon", "stl", "pts.json")
MAX_POINTS = 300_000


class Object3D(FileMedia):
    """A cloud of points or a 3-D model.

    Args:
        data_or_path: points of shape (n, 3) x, y, z; (n, 4) with a class number 1 to 14; (n, 6) with red, green, blue 0 to 255.
            Or a map with `points` and optionally `boxes` (maps with `corners`, 8 points, and optionally `label`, `color`) and
            `vectors` (maps with `start`, `end`). Or the path of an obj, gltf, glb, babylon, stl or pts.json file, or such a file that is open.
        caption: text below it.

    Raises:
        WrongValueError: if the shape is no cloud, it has more than 300,000 points, or the file is missing or of another kind.
        WrongTypeError: if the points are no numbers.
    """

    kind: ClassVar[str] = "object3D-file"
    folder: ClassVar[str] = "object3D"

    def __init__(self, data_or_path: Any, caption: str | None = None) -> None:
        opened = getattr(data_or_path, "name", None) if hasattr(data_or_path, "read") else None
        if isinstance(opened, str):  # an open file: its path is what counts, since it may be open as text
            data_or_path = opened
        if isinstance(data_or_path, str | Path):
            name = Path(data_or_path).name.lower()
            extension = next((extension for extension in FORMATS if name.endswith(f".{extension}")), None)
            if extension is None:
                raise WrongValueError(
                    f"A 3-D file must be one of {', '.join(FORMATS)}. Received: path={str(data_or_path)!r}."
                )
            super().__init__(read_file(data_or_path), extension, caption)
            return
        scene = dict(data_or_path) if isinstance(data_or_path, Mapping) else {"points": data_or_path}
        points = _points(scene.get("points", []))
        content = {
            "type": str(scene.get("type", "lidar/beta")),
            "points": points,
            "boxes": [_box(box) for box in scene.get("boxes", ())],
            "vectors": [to_jsonable(vector) for vector in scene.get("vectors", ())],
        }
        super().__init__(dump_json(content), "pts.json", caption, points=len(points))

    @classmethod
    def from_numpy(cls, data: Any, caption: str | None = None) -> Object3D:
        """Returns the cloud of an array of points: shape (n, 3), (n, 4) with class or (n, 6) with colour. Raises as the class does."""
        return cls(data, caption)

    @classmethod
    def from_file(cls, path: str | Path, caption: str | None = None) -> Object3D:
        """Returns the model in an obj, gltf, glb, babylon, stl or pts.json file. Raises as the class does."""
        return cls(path, caption)

    @classmethod
    def from_point_cloud(
        cls,
        points: Any,
        boxes: Any = (),
        vectors: Any = (),
        point_cloud_type: str = "lidar/beta",
        caption: str | None = None,
    ) -> Object3D:
        """Returns a cloud with boxes and vectors. Raises as the class does.

        Args:
            points: as `from_numpy` takes them.
            boxes: maps with 8 `corners`, (x, y, z) each, and what else is to be kept, such as `label` and `color`.
            vectors: maps with `start` and `end`.
            point_cloud_type: kept as it is.
            caption: text below it.
        """
        return cls({"type": point_cloud_type, "points": points, "boxes": boxes, "vectors": vectors}, caption)


def _points(data: Any) -> list[list[float]]:
    try:
        array = to_numpy(data) if is_array(data) else np.asarray(data, dtype=np.float64)
    except (TypeError, ValueError):
        raise WrongTypeError(f"Points must be an array of numbers. Received: {type(data).__name__}.") from None
    if array.size == 0:
        return []
    if array.ndim != 2 or array.shape[1] not in (3, 4, 6) or array.dtype.kind not in "iuf":
        raise WrongValueError(
            f"Points must be numbers of shape (n, 3), (n, 4) or (n, 6). Received: shape {array.shape}, dtype {array.dtype}."
        )
    if len(array) > MAX_POINTS:
        raise WrongValueError(
            f"A cloud may have {MAX_POINTS} points at most. Received: {len(array)}. Take a random part of them."
        )
    rounded: list[list[float]] = np.round(array.astype(np.float64), 6).tolist()
    return rounded


def _box(box: Any) -> dict[str, Any]:
    if not isinstance(box, Mapping) or len(box.get("corners", ())) != 8:
        raise WrongTypeError(f"A box must be a map with 8 `corners`. Received: {box!r:.200}.")
    return {str(key): to_jsonable(value) for key, value in box.items()}
