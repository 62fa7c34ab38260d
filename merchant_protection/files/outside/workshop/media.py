"""Film and sound: the streams are put into a new file without what was written beside them, and a still is taken."""

import re
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg

from merchant_protection.files.outside.workshop import images
from merchant_protection.files.outside.workshop.bounds import Refused, use_small_stacks

FILM_CODECS = {"h264", "hevc", "mpeg4", "av1", "vp9"}
WEB_FILM_CODECS = {"vp8", "vp9", "av1"}
SOUND_CODECS = {"aac", "mp3", "opus", "ac3", "alac", "vorbis"}
LONGEST = 2 * 3600
PATIENCE = 25
LARGEST_SIDE = 8192
_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d)\.(\d+)")
_FILM = re.compile(r"Stream #0:\d+.*?: Video: (\w+).*?, (\d{1,5})x(\d{1,5})")
_SOUND = re.compile(r"Stream #0:\d+.*?: Audio: (\w+)")
_WRITTEN = {"creation_time": "taken_at", "com.android.version": "software", "make": "maker", "model": "camera"}


def make_film(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return facts, a copy that can be wound to any moment, and a still."""
    return _film(source, folder, form="mp4", ending="mp4", codecs=FILM_CODECS, more=("-movflags", "+faststart"))


def make_web_film(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return the same of a film as browsers record it."""
    return _film(source, folder, form="matroska", ending="webm", codecs=WEB_FILM_CODECS, more=())


def _film(
    source: Path, folder: Path, *, form: str, ending: str, codecs: set[str], more: tuple[str, ...]
) -> dict[str, Any]:
    said = _look(source, form)
    film = _FILM.search(said)
    if film is None or film[1] not in codecs:
        raise Refused("unknown_coding")
    width, height = int(film[2]), int(film[3])
    if not 0 < width <= LARGEST_SIDE or not 0 < height <= LARGEST_SIDE:
        raise Refused("too_many_pixels")
    if (sound := _SOUND.search(said)) and sound[1] not in SOUND_CODECS:
        raise Refused("unknown_coding")
    seconds = _seconds(said)
    copy = folder / f"CLEAN-0.{ending}"
    _ffmpeg(
        *("-f", form, "-i", source, "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-dn", "-sn"),
        *("-map_metadata", "-1", "-map_chapters", "-1", *more, "-f", ending, copy),
    )
    still = folder / "frame.png"
    _ffmpeg(
        *("-ss", f"{min(1.0, seconds / 3):.2f}", "-f", form, "-i", copy, "-frames:v", "1"),
        *("-vf", "scale='min(1280,iw)':-2", "-threads", "1", "-f", "image2", "-update", "1", still),
    )
    if not still.exists():
        raise Refused("damaged")
    pictures = images.make(still, "image/png", folder)
    copies = [one | {"role": "STILL" if one["role"] == "CLEAN" else one["role"]} for one in pictures["copies"]]
    facts = {"seconds": seconds, "width": width, "height": height, "coding": film[1], "sound": bool(sound)}
    answer = {"role": "CLEAN", "number": 0, "file": copy.name, "media_type": f"video/{ending}", "width": width}
    return {
        "facts": facts | _written(said),
        "shades": pictures["shades"],
        "copies": [answer | {"height": height}, *copies],
    }


def make_sound(source: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """Return facts and a copy of a recording."""
    said = _look(source, "mp3")
    sound = _SOUND.search(said)
    if sound is None or sound[1] != "mp3":
        raise Refused("unknown_coding")
    copy = folder / "CLEAN-0.mp3"
    _ffmpeg(
        *("-f", "mp3", "-i", source, "-map", "0:a:0", "-c", "copy", "-map_metadata", "-1"),
        *("-id3v2_version", "0", "-f", "mp3", copy),
    )
    facts = {"seconds": _seconds(said)} | _written(said)
    answer = {"role": "CLEAN", "number": 0, "file": copy.name, "media_type": "audio/mpeg", "width": 0, "height": 0}
    return {"facts": facts, "shades": [], "copies": [answer]}


def _look(source: Path, form: str) -> str:
    """Return what the program says of a file; it has no output to write, so it always ends with an error."""
    done = _run("-f", form, "-i", source, check=False)
    if "Duration:" not in done.stderr:
        raise Refused("damaged")
    return done.stderr


def _ffmpeg(*words: object) -> None:
    _run("-v", "error", "-y", *words, check=True)


def _run(*words: object, check: bool) -> subprocess.CompletedProcess[str]:
    """Run the program on files alone: nothing it reads can make it open an address or another file."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-filter_threads", "1", "-threads", "1"]
    place = words.index("-i")
    use_small_stacks()
    command += [str(word) for word in (*words[:place], "-protocol_whitelist", "file", *words[place:])]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=PATIENCE, encoding="utf-8", errors="replace", check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("too_heavy") from error
    if done.returncode < 0:
        raise Refused("too_heavy")
    if check and done.returncode:
        raise Refused("damaged")
    return done


def _seconds(said: str) -> float:
    found = _DURATION.search(said)
    if found is None:
        raise Refused("damaged")
    hours, minutes, seconds, part = found.groups()
    total = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{part}")
    if total > LONGEST:
        raise Refused("too_long")
    return round(total, 2)


def _written(said: str) -> dict[str, str]:
    facts = {}
    for name, fact in _WRITTEN.items():
        if found := re.search(rf"^\s+{re.escape(name)}\s*: (.+)$", said, re.MULTILINE):
            facts[fact] = "".join(each for each in found[1] if each.isprintable())[:100].strip()
    return facts
