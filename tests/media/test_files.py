"""Laws of Audio, Video, Html, Plotly, Object3D and Molecule."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as pillow

from kerascope.blobs.store import BlobStore
from kerascope.media.audio import Audio
from kerascope.media.base import Media
from kerascope.media.batch import MediaList
from kerascope.media.html import Html
from kerascope.media.load import load_media
from kerascope.media.molecule import Molecule
from kerascope.media.object3d import Object3D
from kerascope.media.plotly import Plotly
from kerascope.media.video import Video, to_frames


def data_of(media: Media, blobs: BlobStore) -> bytes:
    return blobs.read(media.to_value(blobs, "k", 1)["sha256"])


def test_samples_become_a_wav_file(blobs: BlobStore) -> None:
    tone = np.sin(np.linspace(0, 100, 800)).astype(np.float32)
    audio = Audio(np.stack([tone, -tone], axis=1), sample_rate=8000, caption="a tone")
    value = audio.to_value(blobs, "sound", 2)
    assert (value["_type"], value["format"], value["sample_rate"], value["duration_s"]) == (
        "audio-file",
        "wav",
        8000,
        0.1,
    )
    assert value["caption"] == "a tone"
    assert value["path"].startswith("media/audio/sound_2_")
    with wave.open(io.BytesIO(data_of(audio, blobs))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes(), file.getsampwidth()) == (2, 8000, 800, 2)
        samples = np.frombuffer(file.readframes(800), "<i2").reshape(800, 2)
    np.testing.assert_array_equal(samples[:, 0], np.round(tone.astype(float) * 32767))


def test_integer_samples_are_kept_and_loud_floats_clipped(blobs: BlobStore) -> None:
    for given, wanted in (([1, -32768, 32767], [1, -32768, 32767]), ([2.0, -2.0], [32767, -32767])):
        with wave.open(io.BytesIO(data_of(Audio(np.array(given), sample_rate=1), blobs))) as file:
            assert np.frombuffer(file.readframes(9), "<i2").tolist() == wanted


@pytest.mark.parametrize("arguments", [{"fps": 10}, {}])
@pytest.mark.parametrize("shape", [(5, 3, 8, 9), (5, 8, 9, 3), (5, 8, 9), (5, 8, 9, 1), (1, 5, 3, 8, 9)])
def test_frames_become_an_animation(blobs: BlobStore, shape: tuple[int, ...], arguments: dict[str, int]) -> None:
    frames = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    video = Video(frames, **arguments)  # type: ignore[arg-type]
    value = video.to_value(blobs, "clip", 0)
    assert (value["format"], value["frames"], value["width"], value["height"]) == ("gif", 5, 9, 8)
    with pillow.open(io.BytesIO(blobs.read(value["sha256"]))) as picture:
        assert (picture.n_frames, picture.size) == (5, (9, 8))
        assert picture.info["duration"] == (100 if arguments else 250)


def test_html_is_text_or_a_file(blobs: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<b>file</b>")
    assert b"<b>file</b>" in data_of(Html(str(tmp_path / "page.html")), blobs)
    assert data_of(Html("<b>text</b>", inject=False), blobs) == b"<b>text</b>"
    assert data_of(Html(io.StringIO("<i>open</i>"), inject=False), blobs) == b"<i>open</i>"
    assert data_of(Html("page.html", inject=False, data_is_not_path=True), blobs) == b"page.html"
    assert b"<style>" in data_of(Html("<b>text</b>"), blobs)


def test_plotly_figures_are_kept_as_json(blobs: BlobStore) -> None:
    class Figure:
        def to_json(self) -> str:
            return '{"data": []}'

    assert data_of(Plotly(Figure()), blobs) == b'{"data": []}'


def test_points_boxes_and_vectors_are_kept(blobs: BlobStore) -> None:
    box = {"corners": np.zeros((8, 3)), "label": "car"}
    scene = Object3D({"points": np.arange(6.0).reshape(2, 3), "boxes": [box], "vectors": [{"start": [0], "end": [1]}]})
    content = json.loads(data_of(scene, blobs))
    assert content["points"] == [[0, 1, 2], [3, 4, 5]]
    assert content["boxes"] == [{"corners": [[0.0] * 3] * 8, "label": "car"}]
    assert scene.to_value(blobs, "cloud", 0)["path"].endswith(".pts.json")
    assert Object3D.from_numpy(np.zeros((4, 6))).facts == {"points": 4}


def test_frames_are_a_gif_whatever_format_a_script_asks_for(blobs: BlobStore) -> None:
    value = Video(np.zeros((2, 4, 4), np.uint8), format="mp4").to_value(blobs, "clip", 0)
    assert value["format"] == "gif"
    assert blobs.read(value["sha256"]).startswith(b"GIF")


def test_an_open_file_is_taken_by_its_path(blobs: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "a.obj").write_text("v 0 0 0\n")
    with (tmp_path / "a.obj").open() as file:
        assert data_of(Object3D(file), blobs) == b"v 0 0 0\n"


@pytest.mark.parametrize("channels_first", [True, False])
def test_several_videos_stand_side_by_side(channels_first: bool) -> None:
    videos = np.zeros((3, 2, 4, 6, 3), dtype=np.uint8)  # 3 videos of 2 frames
    videos[:] = np.array([10, 20, 30], dtype=np.uint8)[:, None, None, None, None]
    frames = to_frames(np.moveaxis(videos, 4, 2) if channels_first else videos)
    assert frames.shape == (2, 8, 12, 3)
    assert [int(frames[1, y, x, 0]) for y, x in ((0, 0), (0, 6), (4, 0), (4, 6))] == [10, 20, 30, 0]


@pytest.mark.parametrize(
    ("kind", "name"), [(Audio, "a.mp3"), (Video, "a.mp4"), (Object3D, "a.glb"), (Molecule, "a.pdb"), (Html, "a.html")]
)
def test_files_are_kept_byte_for_byte(blobs: BlobStore, tmp_path: Path, kind: Any, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"<style></style> bytes")
    media = kind(path)
    path.write_bytes(b"changed later")
    assert data_of(media, blobs) == b"<style></style> bytes"


def test_values_come_back(blobs: BlobStore) -> None:
    media: list[Media] = [
        Audio(np.zeros(3), sample_rate=3, caption="c"),
        Video(np.zeros((2, 4, 4))),
        Html("<p>"),
        Plotly("{}"),
        Object3D(np.zeros((1, 3))),
    ]
    for one in media:
        value = one.to_value(blobs, "", None)
        again = load_media(value, blobs)
        assert again == one
        assert again.to_value(blobs, "", None) == value


def test_lists_of_sounds_are_one_value(blobs: BlobStore) -> None:
    value = MediaList([Audio([0.0], sample_rate=1, caption=c) for c in "ab"]).to_value(blobs, "k", 0)
    assert (value["_type"], value["count"], value["captions"]) == ("audio/separated", 2, ["a", "b"])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Audio([0.0]),
        lambda: Audio([0.0], sample_rate=0),
        lambda: Audio([], sample_rate=1),
        lambda: Audio(np.zeros((2, 3, 4)), sample_rate=1),
        lambda: Audio([np.nan], sample_rate=1),
        lambda: Audio([40000], sample_rate=1),
        lambda: Audio("a.txt"),
        lambda: Audio("missing.wav"),
        lambda: Audio(np.zeros((3, 2)), sample_rate=2**30),
        lambda: Video(np.zeros((2, 2))),
        lambda: Video(np.zeros((2, 5, 4, 2))),
        lambda: Video(np.zeros((2, 4, 4)), fps=0),
        lambda: Video(np.zeros((2, 4, 4)), format="avi"),
        lambda: Video("a.avi"),
        lambda: Html(3),
        lambda: Html("missing.html"),
        lambda: Plotly(3),
        lambda: Plotly("figure.json"),
        lambda: Plotly("[]"),
        lambda: Object3D(np.zeros((3, 5))),
        lambda: Object3D("a.txt"),
        lambda: Object3D({"points": [], "boxes": [{}]}),
        lambda: Molecule("a.txt"),
    ],
)
def test_wrong_arguments_are_named(make: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="Received"):
        make()
