"""Laws of Image and of lists of images."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as pillow

from kerascope.blobs.store import BlobStore
from kerascope.media.batch import MediaList
from kerascope.media.classes import Classes
from kerascope.media.image import Image

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20


def stored(blobs: BlobStore, value: dict) -> np.ndarray:
    return np.array(pillow.open(io.BytesIO(blobs.read(value["sha256"]))))


def test_pixels_come_back_as_they_went_in(blobs: BlobStore) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    for array in (GREY, colour, np.dstack([colour, GREY])):
        value = Image(array).to_value(blobs, "k", 0)
        np.testing.assert_array_equal(stored(blobs, value), array)
        np.testing.assert_array_equal(Image.from_value(value, blobs).pixels, array)


def test_value_says_what_the_picture_is(blobs: BlobStore) -> None:
    value = Image(GREY, caption="a cat", grouping=3).to_value(blobs, "my/ex amples", 7)
    assert value["_type"] == "image-file"
    assert (value["width"], value["height"], value["format"]) == (4, 3, "png")
    assert value["path"] == f"media/images/my_ex_amples_7_{value['sha256'][:20]}.png"
    assert (value["caption"], value["grouping"]) == ("a cat", 3)
    assert value["size"] == len(blobs.read(value["sha256"]))


def test_later_changes_of_the_array_do_not_matter(blobs: BlobStore) -> None:
    array = GREY.copy()
    image = Image(array)
    array[:] = 0
    np.testing.assert_array_equal(stored(blobs, image.to_value(blobs, "k", 0)), GREY)


def test_same_picture_is_stored_once(blobs: BlobStore) -> None:
    first, second = (Image(GREY).to_value(blobs, "k", step) for step in (0, 1))
    assert first["sha256"] == second["sha256"]


def test_stored_images_go_into_another_store_too(blobs: BlobStore, tmp_path: Path) -> None:
    image, other = Image(GREY), BlobStore(tmp_path / "other")
    value = image.to_value(blobs, "k", 0)
    np.testing.assert_array_equal(image.pixels, GREY)
    assert image.to_value(other, "k", 0) == value
    np.testing.assert_array_equal(stored(other, value), GREY)


def test_file_is_kept_byte_for_byte(blobs: BlobStore, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    pillow.fromarray(np.dstack([GREY] * 3)).save(path)
    value = Image(path).to_value(blobs, "k", 0)
    assert value["format"] == "jpg"
    assert blobs.read(value["sha256"]) == path.read_bytes()


def test_file_of_another_type_is_encoded_again(blobs: BlobStore, tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    pillow.fromarray(GREY).save(path)
    value = Image(str(path)).to_value(blobs, "k", 0)
    assert value["format"] == "png"
    np.testing.assert_array_equal(stored(blobs, value), GREY)


def test_deep_grey_pictures_keep_their_brightness() -> None:
    deep = (GREY.astype(np.uint16) * 257).astype(np.uint16)
    np.testing.assert_array_equal(Image(pillow.fromarray(deep)).pixels, GREY)


def test_jpeg_drops_transparency(blobs: BlobStore) -> None:
    value = Image(np.zeros((3, 4, 4), np.uint8), file_type="jpeg").to_value(blobs, "k", 0)
    assert value["format"] == "jpg"
    assert stored(blobs, value).shape == (3, 4, 3)


def test_mode_converts() -> None:
    assert Image(GREY, mode="RGB").pixels.shape == (3, 4, 3)
    with pytest.raises(ValueError, match="mode"):
        Image(GREY, mode="bogus")


def test_image_of_an_image_takes_pixels_and_no_masks() -> None:
    first = Image(GREY, masks={"m": {"mask_data": np.zeros((3, 4), int)}})
    second = Image(first, caption="again")
    np.testing.assert_array_equal(second.pixels, GREY)
    assert second.masks == {}


def test_matplotlib_figures_become_pictures() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1), dpi=50)
    axes = figure.subplots()
    axes.plot([1, 2])
    assert (Image(figure).width, Image(axes).height) == (100, 50)


def test_masks_are_stored_as_class_numbers_with_names(blobs: BlobStore) -> None:
    data = np.array([[0, 1, 2, 2]] * 3)
    image = Image(GREY, masks={"pred": {"mask_data": data, "class_labels": {0: "sky", 1: "sea", 2: "land"}}})
    mask = image.to_value(blobs, "k", 1)["masks"]["pred"]
    np.testing.assert_array_equal(stored(blobs, mask), data)
    assert mask["class_labels"] == {"0": "sky", "1": "sea", "2": "land"}
    assert mask["path"].startswith("media/images/mask/k_1_")
    assert mask["path"].endswith(".mask.png")


def test_masks_without_names_get_default_ones(blobs: BlobStore) -> None:
    value = Image(GREY, masks={"m": {"mask_data": np.full((3, 4), 3)}}).to_value(blobs, "k", 0)
    assert value["masks"]["m"]["class_labels"] == {"3": "class_3"}


def test_classes_name_masks_that_bring_no_names(blobs: BlobStore) -> None:
    image = Image(GREY, classes=[{"id": 0, "name": "sky"}], masks={"m": {"mask_data": np.zeros((3, 4), int)}})
    assert image.to_value(blobs, "k", 0)["masks"]["m"]["class_labels"] == {"0": "sky"}
    assert Classes([{"id": 0, "name": "sky"}]).labels == {0: "sky"}


def test_boxes_are_part_of_the_value(blobs: BlobStore) -> None:
    box = {
        "position": {"minX": 0.1, "maxX": 0.5, "minY": np.float32(0), "maxY": 1},
        "class_id": np.int64(2),
        "scores": {"acc": 0.5},
        "box_caption": "dog",
    }
    pixel = {"position": {"middle": (2, 1), "width": 2, "height": 2}, "domain": "pixel", "class_id": 1}
    value = Image(GREY, boxes={"b": {"box_data": [box, pixel], "class_labels": {2: "dog"}}}).to_value(blobs, "k", 0)
    first, second = value["boxes"]["b"]["box_data"]
    assert first == {
        "position": {"minX": 0.1, "maxX": 0.5, "minY": 0.0, "maxY": 1},
        "class_id": 2,
        "scores": {"acc": 0.5},
        "box_caption": "dog",
    }
    assert (second["position"]["middle"], second["domain"]) == ([2, 1], "pixel")
    assert value["boxes"]["b"]["class_labels"] == {"2": "dog"}


def test_image_comes_back_from_its_value(blobs: BlobStore) -> None:
    image = Image(
        GREY,
        caption="c",
        masks={"m": {"mask_data": np.ones((3, 4), int), "class_labels": {1: "x"}}},
        boxes={"b": {"box_data": [{"position": {"middle": [0, 0], "width": 1, "height": 1}, "class_id": 0}]}},
    )
    again = Image.from_value(image.to_value(blobs, "", None), blobs)
    assert (again.caption, again.masks["m"].labels) == ("c", {1: "x"})
    assert again.to_value(blobs, "", None) == image.to_value(blobs, "", None)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"data_or_path": "nowhere.png"}, ValueError),
        ({"data_or_path": object()}, ValueError),
        ({"data_or_path": GREY, "file_type": "tga"}, ValueError),
        ({"data_or_path": GREY, "caption": 3}, TypeError),
        ({"data_or_path": GREY, "grouping": 0}, TypeError),
        ({"data_or_path": GREY, "classes": [{"id": "0"}]}, TypeError),
        ({"data_or_path": GREY, "masks": [1]}, TypeError),
        ({"data_or_path": GREY, "masks": {"m": {}}}, TypeError),
        ({"data_or_path": GREY, "masks": {"m": {"mask_data": np.zeros((3, 4))}}}, TypeError),
        ({"data_or_path": GREY, "masks": {"m": {"mask_data": np.full((3, 4), 256)}}}, TypeError),
        ({"data_or_path": GREY, "masks": {"m": {"mask_data": np.zeros(4, int)}}}, TypeError),
        ({"data_or_path": GREY, "masks": {"m": {"mask_data": [[0]], "class_labels": {"a": "x"}}}}, TypeError),
        ({"data_or_path": GREY, "boxes": {"b": {"box_data": [{"position": {"minX": 1}}]}}}, TypeError),
        ({"data_or_path": GREY, "boxes": {"b": {"box_data": 3}}}, TypeError),
        ({"data_or_path": GREY, "classes": 3}, TypeError),
        (
            {
                "data_or_path": GREY,
                "boxes": {"b": {"box_data": [{"position": {"middle": 3, "width": 1, "height": 1}, "class_id": 1}]}},
            },
            TypeError,
        ),
    ],
)
def test_wrong_arguments_are_named(arguments: dict, error: type[Exception]) -> None:
    with pytest.raises(error, match="Received"):
        Image(**arguments)


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="no picture"):
        Image(tmp_path / "a.png")


def test_list_is_one_value_with_a_caption_per_image(blobs: BlobStore) -> None:
    images = [Image(GREY), Image(GREY + 1, caption="b"), Image(GREY + 2)]
    value = MediaList(images).to_value(blobs, "examples", 4)
    assert value["_type"] == "images/separated"
    assert (value["count"], value["width"], value["height"], value["format"]) == (3, 4, 3, "png")
    assert value["captions"] == [None, "b", None]
    assert value["filenames"] == [item["path"] for item in value["items"]]


def test_list_without_captions_has_none(blobs: BlobStore) -> None:
    assert "captions" not in MediaList([Image(GREY)]).to_value(blobs, "k", 0)


def test_long_lists_are_kept_whole(blobs: BlobStore) -> None:
    images = [Image(GREY)] * 192
    assert MediaList(images).to_value(blobs, "k", 0)["count"] == 192


def test_mixed_or_empty_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="one class"):
        MediaList([])
    with pytest.raises(ValueError, match="one class"):
        MediaList([Image(GREY), Classes([])])
