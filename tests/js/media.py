"""Make a real little lesson as the pipeline would leave it: two picture sizes and the sound, each in fMP4 segments."""

import subprocess
from pathlib import Path

import imageio_ffmpeg

#: Length of the lesson made, in ms, and of its segments, in seconds.
DURATION_MS, SEGMENT_S = 24_000, 2
_SIZES = ((240, "426:240"), (480, "854:480"))


def _run(*arguments: str) -> None:
    ffmpeg = str(imageio_ffmpeg.get_ffmpeg_exe())
    subprocess.run([ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-y", *arguments], check=True, timeout=120)  # noqa: S603 (our own list)


def _hls(folder: Path) -> list[str]:
    segments = ["-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    names = ["-hls_segment_filename", f"{folder}/%03d.m4s", f"{folder}/index.m3u8"]
    return ["-f", "hls", *segments, "-hls_fmp4_init_filename", "init.mp4", *names]


def make(folder: Path) -> None:
    """Write `master.m3u8`, `240/`, `480/` and `sound/` into `folder`."""
    seconds = str(DURATION_MS // 1000)
    for height, size in _SIZES:
        into = folder / str(height)
        into.mkdir(parents=True)
        picture = f"testsrc2=size=854x480:rate=25:duration={seconds},scale={size},format=yuv420p"
        keys = ["-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_S})", "-bf", "0"]
        _run("-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", *keys, *_hls(into))
    (folder / "sound").mkdir()
    _run("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "aac", *_hls(folder / "sound"))
    sound = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,URI="sound/index.m3u8"'
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS", sound]
    for height, size in _SIZES:
        codecs = 'CODECS="avc1.64001f,mp4a.40.2",AUDIO="s"'
        resolution = size.replace(":", "x")
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={height * 3000},RESOLUTION={resolution},{codecs}",
            f"{height}/index.m3u8",
        ]
    (folder / "master.m3u8").write_text("\n".join(lines) + "\n")


def grown(playlist: str, segments: int) -> str:
    """Cut a playlist down to its first segments, as it is while the rest is being prepared."""
    lines = playlist.replace("#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-PLAYLIST-TYPE:EVENT").splitlines()
    ends = [index for index, line in enumerate(lines) if line.endswith(".m4s")]
    return "\n".join(lines[: ends[min(segments, len(ends)) - 1] + 1]) + "\n"


def clipped(playlist: str, folder: str) -> str:
    """Leave out a playlist's first two segments, as a clip's playlist does; the segments keep their own times."""
    lines = playlist.splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("#EXTINF"))
    left = lines[:first] + lines[first + 4 :]
    named = [f"{folder}/{line}" if line.endswith(".m4s") else line for line in left]
    return "\n".join(named).replace('URI="init.mp4"', f'URI="{folder}/init.mp4"') + "\n"
