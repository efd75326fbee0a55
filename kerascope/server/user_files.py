"""Files that users or their training scripts made, sent so that they can do no harm in the dashboard's origin.

Promises: a browser shows only types on the list below and takes anything else as a download; HTML and SVG run in a sandbox of
their own origin, without access to the dashboard, and can load nothing. Not for: the dashboard's own files.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import quote

from starlette.responses import FileResponse, Response

# Types that `?type=` of a blob may name, and that a file's suffix may lead to.
SAFE_TYPES = frozenset(
    {
        *(
            "image/png",
            "image/jpeg",
            "image/gif",
            "image/bmp",
            "image/webp",
            "image/svg+xml",
            "image/tiff",
            "image/avif",
        ),
        *("audio/wav", "audio/mpeg", "audio/ogg", "audio/flac", "audio/mp4", "audio/webm", "audio/aac"),
        *("video/mp4", "video/webm", "video/ogg", "video/x-msvideo", "video/quicktime"),
        *("text/plain", "text/csv", "text/markdown", "text/html"),
        *("application/json", "application/octet-stream", "model/gltf-binary", "model/obj", "model/gltf+json"),
    }
)
_TEXT_SUFFIXES = (
    *(
        ".txt",
        ".log",
        ".out",
        ".err",
        ".py",
        ".ipynb",
        ".sh",
        ".r",
        ".jl",
        ".js",
        ".ts",
        ".c",
        ".cc",
        ".h",
        ".cpp",
        ".cu",
    ),
    *(
        ".java",
        ".go",
        ".rs",
        ".md",
        ".rst",
        ".tex",
        ".csv",
        ".tsv",
        ".json",
        ".jsonl",
        ".yaml",
        ".yml",
        ".toml",
        ".ini",
    ),
    *(".cfg", ".conf", ".diff", ".patch", ".xml", ".css", ".sql", ".lock"),
)
_TYPES_BY_SUFFIX = {".wav": "audio/wav", ".flac": "audio/flac", ".glb": "model/gltf-binary", ".obj": "model/obj"}

# A page of the user's may run its own inline scripts (charts need them) in an origin of its own; it can load and send nothing.
_HTML_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; media-src data: blob:; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def type_of(name: str) -> str:
    """Returns the type that a file name stands for, `application/octet-stream` unless it is safe to show."""
    suffix = Path(name).suffix.lower()
    if suffix in _TEXT_SUFFIXES:
        return "text/plain"
    guessed = _TYPES_BY_SUFFIX.get(suffix) or mimetypes.guess_type(name)[0]
    return guessed if guessed in SAFE_TYPES else "application/octet-stream"


def is_shown(media_type: str, name: str | None) -> bool:
    """Returns whether a browser may show the file instead of saving it; `name` is that of a download, if one is wanted."""
    return name is None and media_type != "application/octet-stream"


def file_headers(media_type: str, name: str | None, caching: str) -> dict[str, str]:
    """Returns the headers of an answer that carries a file of a user's: type, caching and sandbox; `name`: a download under it."""
    headers = {
        "content-type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
        "cache-control": caching,
        "content-security-policy": _HTML_POLICY if media_type == "text/html" else _POLICY,
    }
    if name is not None:
        headers["content-disposition"] = f"attachment; filename*=utf-8''{quote(name, safe='')}"
    return headers


def send_file(path: Path, media_type: str, name: str | None, caching: str, download_as: str) -> Response:
    """Returns the answer that carries a file; it answers range requests, which players of sound and video send.

    Args:
        path: The file.
        media_type: One of `SAFE_TYPES`.
        name: Name to download it under; None to show it, where the type can be shown.
        caching: The `Cache-Control` header.
        download_as: Name to download it under if it cannot be shown.
    """
    shown = is_shown(media_type, name)
    return FileResponse(
        path,
        headers=file_headers(media_type, None, caching),
        media_type=media_type,
        filename=None if shown else name or download_as,
        stat_result=path.stat(),
    )
