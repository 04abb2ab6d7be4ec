"""A lesson as a phone films it: upright, turned by a display matrix, with moving numbered pictures and a voice."""

import shutil
from pathlib import Path

from config import children
from tests.video.lessons import Lesson, Maker, Shot

FPS = 30
WORDS = (
    "So, what happens when we divide a half by a quarter? Take your time. Talk with your partner first. "
    "Why do you think so? Who can say that in another way? I heard somebody say two. How do you know? "
)


def phone_lesson(folder: Path, *, seconds: float = 40.0) -> Lesson:
    """Make the lesson; the voice is espeak's where the machine has it, else tones that come and go like speech."""
    maker = Maker(folder)
    flat, to = folder / "flat.mp4", folder / "IMG_2041.mov"
    babble = ",tremolo=f=4:d=0.9,volume=0.5"
    made = maker.film(
        flat,
        Shot(width=720, height=1280, seconds=seconds, chain=("transpose=2",), codec=_CODEC, sound_chain=babble),
    )
    voice = folder / "voice.wav"
    turned: list[str | Path] = ["-display_rotation:v:0", "-90", "-i", flat]
    if shutil.which("espeak-ng"):
        status, said = children.run(["espeak-ng", "-v", "en-gb", "-s", "150", "-w", voice, WORDS * 4])
        assert status == 0, said
        mix = "[0:a]volume=0.3[a0];[1:a]aresample=48000[a1];[a0][a1]amix=inputs=2:duration=first[a]"
        maker.ffmpeg(
            *turned, "-i", voice, "-filter_complex", mix, "-map", "0:v", "-c:v", "copy", "-map", "[a]", *_AAC, to
        )
    else:
        maker.ffmpeg(*turned, "-c", "copy", to)
    flat.unlink()
    return Lesson(to, made.numbers, made.times_s, made.beeps_s, (720, 1280))


_CODEC = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p", "-bf", "2", "-g", "60")
_AAC = ("-c:a", "aac", "-b:a", "96k")
