"""A test stream for machines without a camera: VP9 in fMP4 pieces, made by the ffmpeg that a wheel carries."""

import subprocess
from pathlib import Path

import imageio_ffmpeg

NAME = "live.m3u8"
PICTURE = "testsrc2=size=480x270:rate=10"
SECONDS = 2


def command(folder: Path, *, seconds: int | None = None) -> list[str]:
    """Return the program's words: endless in real time, or a recording of so many seconds as fast as it goes."""
    length = ["-t", str(seconds)] if seconds else []
    flags = "independent_segments" if seconds else "delete_segments+independent_segments+omit_endlist"
    name = "recording.m3u8" if seconds else NAME
    return [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-nostdin"),
        *([] if seconds else ["-re"]),
        *("-f", "lavfi", "-i", PICTURE, *length),
        *("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k", "-pix_fmt", "yuv420p"),
        *("-g", str(SECONDS * 10), "-f", "hls", "-hls_time", str(SECONDS)),
        *("-hls_list_size", "0" if seconds else "8", "-hls_flags", flags),
        *("-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"{name[:-5]}-init.mp4"),
        *("-hls_segment_filename", str(folder / f"{name[:-5]}-%05d.m4s"), str(folder / name)),
    ]


def clear(folder: Path) -> None:
    """Make the folder, and take away what an earlier stream left: its pieces would be played as if they were new."""
    folder.mkdir(parents=True, exist_ok=True)
    for piece in [*folder.glob("live*.m4s"), *folder.glob("live*.mp4"), *folder.glob("live*.m3u8")]:
        piece.unlink()


def record(folder: Path, *, seconds: int) -> Path:
    """Make a recording of so many seconds, once."""
    made = folder / "recording.m3u8"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(command(folder, seconds=seconds), check=True, timeout=120)
    return made
