"""Pictures: opened as what they claim to be and nothing else, turned upright, written anew without what was hidden."""

import warnings
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageFile, ImageOps, TiffImagePlugin

from merchant_protection.files.outside.workshop.bounds import MOST_PIXELS, Refused

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}
LONGEST_SIDE = 4096
THUMBNAIL = 360
SHADES = 32
LONGEST_FACT = 100
TAGS = {
    ExifTags.Base.Make: "maker",
    ExifTags.Base.Model: "camera",
    ExifTags.Base.Software: "software",
    ExifTags.Base.DateTime: "changed_at",
    ExifTags.Base.Artist: "artist",
}


def make(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return facts, shades and copies of a picture."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("error")
    if media_type == "image/heic":
        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.register_heif_opener()
    try:
        with Image.open(source, formats=[FORMATS[media_type]]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused("too_many_pixels")
            facts = {"width": image.width, "height": image.height} | _exif(image)
            image.load()
            upright = _plain(ImageOps.exif_transpose(image))
            upright.info.clear()  # comments and profiles would be written into the copy again
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("too_many_pixels") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, RuntimeWarning) as error:
        raise Refused("damaged") from error
    except Warning as error:
        raise Refused("damaged") from error
    if _has_credentials(source):
        facts["content_credentials"] = True
    return {"facts": facts, "shades": shades(upright), "copies": copies(upright, folder)}


def copies(image: Image.Image, folder: Path) -> list[dict[str, Any]]:
    """Write the copy for looking at and the small picture."""
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return [save(image, folder, "CLEAN", quality=90), small(image, folder)]


def small(image: Image.Image, folder: Path) -> dict[str, Any]:
    """Write the small picture of a list."""
    little = image.copy()
    little.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return save(little, folder, "THUMBNAIL", quality=80)


def save(image: Image.Image, folder: Path, role: str, *, number: int = 0, quality: int = 85) -> dict[str, Any]:
    """Write one picture as a plain JPEG, and return what the answer says of it."""
    name = f"{role}-{number}.jpg"
    image.save(folder / name, "JPEG", quality=quality, progressive=True)
    return {
        "role": role,
        "number": number,
        "file": name,
        "media_type": "image/jpeg",
        "width": image.width,
        "height": image.height,
    }


def shades(image: Image.Image) -> list[int]:
    """Return the picture as 32 by 32 shades of grey, from which its likeness is told."""
    return list(image.convert("L").resize((SHADES, SHADES), Image.Resampling.LANCZOS).tobytes())


def _plain(image: Image.Image) -> Image.Image:
    """Return it in plain colours; what was see-through becomes white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        whole = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(whole, mask=whole.getchannel("A"))
        return ground
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = image.convert("I").point([each // 256 for each in range(65536)], "L")
    return image.convert("RGB")


def _exif(image: Image.Image) -> dict[str, Any]:
    """Return what the camera or a program wrote into it, in plain words and numbers."""
    try:
        exif = image.getexif()
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError):
        return {"exif": "unreadable"}
    facts = {name: _text(exif[tag]) for tag, name in TAGS.items() if exif.get(tag)}
    if taken := inner.get(ExifTags.Base.DateTimeOriginal):
        facts["taken_at"] = _text(taken)
    where = {
        "latitude": _degrees(place.get(2), place.get(1) == "S"),
        "longitude": _degrees(place.get(4), place.get(3) == "W"),
    }
    return facts | {name: value for name, value in where.items() if value is not None}


def _degrees(parts: Any, is_negative: bool) -> float | None:
    try:
        degrees, minutes, seconds = (float(each) for each in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if is_negative else value, 4) if 0 <= value <= 180 else None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, TiffImagePlugin.IFDRational):
        value = float(value)
    return "".join(each for each in str(value) if each.isprintable())[:LONGEST_FACT].strip()


def _has_credentials(source: Path) -> bool:
    """Say whether it carries content credentials (C2PA): who made or changed it, as a fact and no verdict."""
    with source.open("rb") as file:
        return b"c2pa" in file.read(512 * 1024)
