import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance

from merchant_protection.files.rules import pictures

hashes = st.integers(0, 2**64 - 1)


def _photo(seed: int) -> Image.Image:
    """Draw something with shapes and light, a different scene for every seed."""
    draw = random.Random(seed)
    image = Image.linear_gradient("L").rotate(draw.randrange(360), expand=False).resize((640, 480)).convert("RGB")
    canvas = ImageDraw.Draw(image)
    for _ in range(12):
        left, top = draw.randrange(560), draw.randrange(400)
        corner = (left + draw.randrange(40, 300), top + draw.randrange(40, 260))
        colour = tuple(draw.randrange(256) for _ in range(3))
        draw.choice([canvas.rectangle, canvas.ellipse])((left, top, *corner), fill=colour)
    return image


def _hash(image: Image.Image) -> int | None:
    small = image.convert("L").resize((pictures.SIDE, pictures.SIDE), Image.Resampling.LANCZOS)
    shades = list(small.tobytes())
    rows = [shades[start : start + pictures.SIDE] for start in range(0, len(shades), pictures.SIDE)]
    return pictures.perceptual_hash(rows)


def _saved_again(image: Image.Image) -> Image.Image:
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=35)
    return Image.open(io.BytesIO(kept.getvalue()))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    "changed",
    [
        lambda image: image.resize((200, 150)),
        _saved_again,
        lambda image: ImageEnhance.Brightness(image).enhance(1.15),
        lambda image: image.convert("L"),
    ],
    ids=["smaller", "saved again", "lighter", "grey"],
)
def test_the_same_photo_is_known_again(seed, changed):
    photo = _photo(seed)

    assert pictures.distance(_hash(photo), _hash(changed(photo))) <= 7


def test_different_photos_are_not_taken_for_the_same():
    found = [_hash(_photo(seed)) for seed in range(60)]

    nearest = min(pictures.distance(a, b) for index, a in enumerate(found) for b in found[:index])

    assert nearest > 7


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_with_nothing_on_it_is_like_no_other(shade):
    assert _hash(Image.new("L", (300, 300), shade)) is None


@pytest.mark.parametrize("grey", [[], [[0.0] * 32] * 31, [[0.0] * 31] * 32])
def test_only_a_square_of_the_right_size_is_hashed(grey):
    with pytest.raises(ValueError, match="32 rows"):
        pictures.perceptual_hash(grey)


@given(picture=hashes, flipped=st.sets(st.integers(0, 63), max_size=7))
def test_pictures_that_differ_in_few_bits_share_a_band(picture, flipped):
    other = picture ^ sum(1 << bit for bit in flipped)

    assert pictures.distance(picture, other) == len(flipped)
    assert any(a == b for a, b in zip(pictures.bands(picture), pictures.bands(other), strict=True))
