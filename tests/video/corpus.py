"""Every kind of film that a school may have, in one table: how each is made, and what is true of it.

A film's name ends in its kind of file. A row says first where such films come from. What it doesn't say is as `Film`
has it: five seconds of 320 by 180 at 25 a second, eight bits, BT.601 and said so, one sound track with a beep a second.
"""

from typing import Final

from tests.video.bending import (
    SILENCE,
    appended,
    clock_jumps,
    followed_by,
    index_lies,
    index_missing,
    joined_late,
    packets_lost,
    remade,
    sounds_beside,
    turned,
    with_cover,
    with_words,
)
from tests.video.filming import Film

H264: Final = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-bf", "2", "-g", "50")
HEVC: Final = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "20", "-g", "50", "-x265-params", "log-level=error")
MPEG2: Final = ("-c:v", "mpeg2video", "-q:v", "2", "-g", "12", "-bf", "2")
MPEG4: Final = ("-c:v", "mpeg4", "-q:v", "2", "-g", "25")
MJPEG: Final = ("-c:v", "mjpeg", "-q:v", "2")
VP9: Final = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "800k", "-g", "50")
HIDDEN: Final = ("-auto-alt-ref", "1", "-lag-in-frames", "25")
VP8: Final = ("-c:v", "libvpx", "-deadline", "good", "-cpu-used", "5", "-b:v", "800k", "-g", "50", *HIDDEN)
AV1: Final = ("-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "20", "-g", "50", "-lag-in-frames", "25")
SVT_AV1: Final = ("-c:v", "libsvtav1", "-preset", "11", "-crf", "20", "-g", "50")
PRORES: Final = ("-c:v", "prores_ks", "-profile:v", "2")
DNXHR: Final = ("-c:v", "dnxhd", "-profile:v", "dnxhr_hq")
DV: Final = ("-c:v", "dvvideo")

PCM: Final = ("-c:a", "pcm_s16le")
MP2: Final = ("-c:a", "mp2", "-b:a", "128k")
MP3: Final = ("-c:a", "libmp3lame", "-b:a", "96k")
OPUS: Final = ("-c:a", "libopus", "-b:a", "64k")
VORBIS: Final = ("-c:a", "libvorbis", "-b:a", "64k")
AMR: Final = ("-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k")
WMA: Final = ("-c:a", "wmav2", "-b:a", "96k")

_FREE_TIMES: Final = ("-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-video_track_timescale", "90000")
_PAL: Final = "setsar=16/15"
_UNEVEN: Final = [n for n in range(125) if n % 7 != 3 and not (60 <= n < 75 and n % 2)]
_UNEVEN_CHAIN: Final = ("select='gt(abs(mod(n,7)-3),0)*not(between(n,60,74)*mod(n,2))'", "settb=1/90000")
_NUMBERS_TWICE: Final = [*range(125), *range(125)]
#: The second of two recordings begins on the next border of four seconds.
_TWICE: Final = [start + n / 25 for start in (0, 8) for n in range(125)]
_BEEPS: Final = [0.0, 1.0, 2.0, 3.0, 4.0]


def _at(numbers: list[int]) -> list[float]:
    return [number / 25 for number in numbers]


def _jumped(times: list[float], *, after: float, by: float) -> list[float]:
    return [at if at < after - 0.001 else at + by for at in times]


CORPUS: Final[dict[str, Film]] = {
    # Containers, each with what is usual in it.
    "h264.mp4": Film("most phones", H264),
    "front-index.mp4": Film("made for the web", H264, options=("-movflags", "+faststart")),
    "pieces.mp4": Film("a browser's recorder", H264, options=("-movflags", "+frag_keyframe+empty_moov")),
    "h264.mov": Film("iPhone, most compatible", H264),
    "h264.m4v": Film("iTunes", H264),
    "h264.mkv": Film("OBS", H264),
    "h264.flv": Film("old web video", H264),
    "sorenson.flv": Film("older web video", ("-c:v", "flv", "-q:v", "2"), audio=(*MP3, "-ar", "44100"), tagged=False),
    "h263.3gp": Film("a phone of 2005", ("-c:v", "h263", "-q:v", "5"), audio=AMR, size=(176, 144), colour=(4.0, 10.0),
        chain=("setsar=12/11",), upright=(192, 144), tagged=False),
    "mpeg4.3gp": Film("a phone of 2008", MPEG4, audio=AMR, size=(176, 144), tagged=False),
    "h264.ts": Film("a recorder for television", H264),
    "h264.m2ts": Film("AVCHD camcorder", H264, options=("-mpegts_m2ts_mode", "1")),
    "hevc.ts": Film("a newer recorder for television", HEVC, audio=MP2),
    "mpeg2.mpg": Film("DVD camcorder", MPEG2, audio=MP2, options=("-f", "vob")),
    "long.mpg": Film("the same for longer", MPEG2, audio=MP2, options=("-f", "vob"), seconds=14.0),
    "mpeg1.mpg": Film("video CD", ("-c:v", "mpeg1video", "-q:v", "2", "-bf", "2"), audio=MP2, tagged=False),
    "mpeg2.ts": Film("HDV camcorder", MPEG2, audio=MP2),
    "mpeg2.mxf": Film("XDCAM", MPEG2, audio=PCM, seconds=14.0),
    "mpeg4.avi": Film("a small camera", MPEG4, audio=PCM, tagged=False),
    "divx.avi": Film("DivX: B frames in AVI", (*MPEG4, "-bf", "2"), audio=MP3, tagged=False),
    "msmpeg4.avi": Film("DivX 3", ("-c:v", "msmpeg4", "-q:v", "2", "-g", "25"), audio=PCM, tagged=False),
    "h264.avi": Film("a surveillance camera", (*H264, "-bf", "0"), audio=PCM),
    "h264-b.avi": Film("B frames, of which AVI knows nothing", H264, audio=PCM, seconds=14.0),
    "mjpeg.avi": Film("a digital camera that also films", MJPEG, audio=PCM, pixels="yuvj420p"),
    "wmv2.wmv": Film("Windows Movie Maker", ("-c:v", "wmv2", "-q:v", "2", "-g", "25"), audio=WMA, tagged=False),
    "wmv1.asf": Film("older Windows", ("-c:v", "wmv1", "-q:v", "2", "-g", "25"), audio=WMA, tagged=False),
    "theora.ogv": Film("Wikimedia", ("-c:v", "libtheora", "-q:v", "9", "-g", "50"), audio=VORBIS, tagged=False),
    "vp8.webm": Film("Chrome's recorder, with hidden pictures", VP8, audio=VORBIS, tagged=False),
    "vp9.webm": Film("YouTube, with hidden pictures", (*VP9, *HIDDEN), audio=OPUS),
    "vp9.mp4": Film("VP9 elsewhere, with hidden pictures", (*VP9, *HIDDEN)),
    "vp9-ten.webm": Film("VP9 in ten bits", (*VP9, *HIDDEN, "-profile:v", "2"), audio=OPUS, pixels="yuv420p10le"),
    "av1.webm": Film("YouTube, with hidden pictures", AV1, audio=OPUS),
    "av1.mp4": Film("a phone of 2025", SVT_AV1),
    "av1-ten.mkv": Film("AV1 in ten bits", SVT_AV1, pixels="yuv420p10le"),
    "hevc.mov": Film("iPhone, high efficiency", HEVC),
    "hevc-ten.mp4": Film("HEVC in ten bits", HEVC, pixels="yuv420p10le"),
    "h264-ten.mkv": Film("H.264 in ten bits", H264, pixels="yuv420p10le"),
    "prores.mov": Film("a cutting room", PRORES, audio=PCM, pixels="yuv422p10le", matrix="bt709"),
    "dnxhr.mov": Film("another cutting room", DNXHR, audio=PCM, pixels="yuv422p", matrix="bt709"),
    "dnxhr.mxf": Film("a broadcaster", DNXHR, audio=PCM, pixels="yuv422p", matrix="bt709"),
    "dnxhd.mov": Film("a cutting room of 2010", ("-c:v", "dnxhd", "-b:v", "60M"), audio=PCM, pixels="yuv422p",
        matrix="bt709", size=(1280, 720), seconds=1.0),
    "prores-4444.mov": Film("a title with see-through parts", ("-c:v", "prores_ks", "-profile:v", "4"), audio=PCM,
        pixels="yuva444p10le", matrix="bt709"),
    "cineform.mov": Film("GoPro's own", ("-c:v", "cfhd"), audio=PCM, pixels="yuv422p10le", size=(320, 192),
        matrix="bt709"),
    "svq1.mov": Film("QuickTime of 2000", ("-c:v", "svq1", "-q:v", "1"), audio=PCM, pixels="yuv410p", tagged=False),
    "animation.mov": Film("QuickTime's screen recorder of old", ("-c:v", "qtrle"), audio=PCM, pixels="rgb24"),
    "cinepak.avi": Film("a CD-ROM", ("-c:v", "cinepak"), audio=PCM, pixels="rgb24", seconds=2.0),
    "ffv1.mkv": Film("an archive", ("-c:v", "ffv1"), audio=("-c:a", "flac")),
    # Fields and pixels.
    "tff.mpg": Film("a standard camcorder", (*MPEG2, "-flags", "+ilme+ildct"), audio=MP2, size=(720, 576), fields=True,
        chain=("interlace=scan=tff:lowpass=off", _PAL), upright=(768, 576), options=("-f", "vob"), seconds=3.0),
    "bff.mpg": Film("a camcorder that begins below", (*MPEG2, "-flags", "+ilme+ildct"), audio=MP2, size=(720, 576),
        fields=True, chain=("interlace=scan=bff:lowpass=off", _PAL), upright=(768, 576), options=("-f", "vob"),
        seconds=3.0),
    "tff.m2ts": Film("AVCHD, half pictures", (*H264, "-flags", "+ilme+ildct", "-x264-params", "tff=1"),
        size=(720, 576), fields=True, chain=("interlace=scan=tff:lowpass=off", _PAL), upright=(768, 576),
        options=("-mpegts_m2ts_mode", "1"), seconds=3.0),
    "bff.mkv": Film("half pictures, below first", (*H264, "-flags", "+ilme+ildct", "-x264-params", "bff=1"),
        size=(720, 576), fields=True, chain=("interlace=scan=bff:lowpass=off", _PAL), upright=(768, 576), seconds=3.0),
    "dv.avi": Film("MiniDV", DV, audio=PCM, size=(720, 576), fields=True,
        chain=("interlace=scan=bff:lowpass=off", _PAL), upright=(768, 576), seconds=3.0, colour=(4.0, 10.0)),
    "dv.mov": Film("MiniDV by iMovie", DV, audio=PCM, size=(720, 576), fields=True,
        chain=("interlace=scan=bff:lowpass=off", _PAL), upright=(768, 576), seconds=3.0, colour=(4.0, 10.0)),
    "anamorphic.mp4": Film("HDV's wide pixels", H264, size=(240, 180), chain=("setsar=4/3",), upright=(320, 180)),
    "narrow.mkv": Film("tall pixels", H264, size=(352, 240), chain=("setsar=10/11",), upright=(320, 240)),
    "odd.mp4": Film("a screen recorder", H264, size=(322, 182), pixels="yuv444p", chain=("crop=321:181:0:0:exact=1",),
        upright=(321, 181), audio=()),
    "odd.webm": Film("a part of the screen", (*VP9, *HIDDEN), audio=OPUS, size=(322, 182),
        chain=("crop=321:181:0:0:exact=1",), upright=(321, 181)),
    "odd.avi": Film("a microscope's camera", MJPEG, audio=PCM, pixels="yuvj422p", size=(322, 182),
        chain=("crop=321:181:0:0:exact=1",), upright=(321, 181)),
    # Turned and mirrored.
    "turned-90.mp4": Film("a phone held upright", H264, size=(180, 320), chain=("transpose=2",), bend=turned(90),
        upright=(180, 320)),
    "turned-180.mov": Film("a phone upside down", H264, chain=("hflip", "vflip"), bend=turned(180)),
    "turned-270.mp4": Film("a phone held upright the other way", HEVC, size=(180, 320), chain=("transpose=1",),
        bend=turned(270), upright=(180, 320)),
    "mirrored.mp4": Film("a phone's front camera", H264, chain=("hflip",), bend=turned(mirrored=True)),
    "mirrored-90.mov": Film("a front camera held upright", H264, size=(180, 320), chain=("hflip", "transpose=2"),
        bend=turned(90, mirrored=True), upright=(180, 320)),
    "turned-90.mkv": Film("an upright phone's film, copied", H264, size=(180, 320), chain=("transpose=2",),
        bend=turned(90), upright=(180, 320)),
    "turned-wide.mp4": Film("wide pixels, upright", H264, size=(180, 240), chain=("transpose=2", "setsar=4/3"),
        bend=turned(90), upright=(180, 320)),
    # Times.
    "uneven.mp4": Film("a phone in the dark", H264, chain=_UNEVEN_CHAIN, options=_FREE_TIMES, numbers=_UNEVEN,
        vfr=True),
    "uneven.mkv": Film("a screen recorder that waits", H264, chain=_UNEVEN_CHAIN, options=("-fps_mode", "passthrough"),
        numbers=_UNEVEN, vfr=True),
    "uneven.avi": Film("a slow camera that leaves some out", MPEG4, audio=PCM, chain=_UNEVEN_CHAIN,
        options=("-fps_mode", "passthrough"), numbers=_UNEVEN, vfr=True, tagged=False),
    "uneven-h264.avi": Film("the same in H.264", H264, audio=PCM, chain=_UNEVEN_CHAIN,
        options=("-fps_mode", "passthrough"), numbers=_UNEVEN, times_s=[*_at(_UNEVEN[:-2]), 4.88, 4.92], vfr=True),
    "trimmed.mp4": Film("trimmed on the phone", H264, seconds=6.0, bend=remade("-ss", "1.32"), numbers=range(33, 150),
        beeps_s=[second - 1.32 for second in range(2, 6)]),
    "late-picture.mp4": Film("an empty edit before the picture", H264, chain=("setpts=PTS+0.4/TB",),
        beeps_s=[0.6, 1.6, 2.6, 3.6]),
    "gapped.mkv": Film("a call came in", H264, audio=PCM, chain=("setpts='if(lt(T,1.999),PTS,PTS+3/TB)'",),
        sound_chain=("asetnsamples=960", "asetpts='if(lt(T,1.999),PTS,PTS+3/TB)'"),
        options=("-fps_mode", "passthrough"), times_s=_jumped([n / 25 for n in range(125)], after=2, by=3),
        beeps_s=_jumped(_BEEPS, after=2, by=3)),
    "offsets.mov": Film("offsets below zero in the index", H264, options=("-movflags", "+negative_cts_offsets")),
    "negative.mp4": Film("times below zero, hidden by an edit list", H264,
        options=("-output_ts_offset", "-0.6", "-avoid_negative_ts", "disabled"), numbers=range(15, 125),
        beeps_s=[0.4, 1.4, 2.4, 3.4]),
    "wrapping.ts": Film("a clock of 33 bits that begins again", H264,
        options=("-output_ts_offset", "95441.0", "-muxdelay", "0.7")),
    "wrapping.mpg": Film("the same on a disc", MPEG2, audio=MP2, options=("-output_ts_offset", "95441.0", "-f", "vob")),
    "pasted.ts": Film("two recordings in one file", H264, bend=appended, numbers=_NUMBERS_TWICE,
        times_s=_TWICE,
        beeps_s=[*_BEEPS, *(8 + at for at in _BEEPS)]),
    "pasted.mpg": Film("two chapters of a disc in one file", MPEG2, audio=MP2, options=("-f", "vob"), bend=appended,
        numbers=_NUMBERS_TWICE, times_s=_TWICE,
        beeps_s=[*_BEEPS, *(8 + at for at in _BEEPS)]),
    "jumped-far.ts": Film("a recorder whose clock was set", H264, bend=clock_jumps(7200.0),
        numbers=_NUMBERS_TWICE, times_s=_TWICE,
        beeps_s=[*_BEEPS, *(8 + at for at in _BEEPS)]),
    "jumped.ts": Film("a recorder that paused, its clock going on", H264, notes=("partial",), bend=clock_jumps(20.0),
        numbers=_NUMBERS_TWICE, times_s=[start + n / 25 for start in (0, 20) for n in range(125)],
        beeps_s=[*_BEEPS, *(20 + at for at in _BEEPS)]),
    "scratched.ts": Film("packets lost on the way", H264, bend=packets_lost(0.5, 9), notes=("partial",), missing=8),
    "lying-index.avi": Film("half an index", MJPEG, audio=PCM, pixels="yuvj420p", bend=index_lies),
    "no-index.avi": Film("the power failed", MPEG4, audio=PCM, tagged=False, bend=index_missing),
    "sixty.mp4": Film("a phone set to 60", H264, fps=60),
    "slow.mkv": Film("a screen recorder set to 2", H264, fps=2, seconds=14.0),
    "open.ts": Film("pictures that lean over a whole one", (*H264, "-x264-params", "open-gop=1"), seconds=14.0),
    "refreshed.ts": Film("a network camera without whole pictures",
        (*H264, "-x264-params", "intra-refresh=1:bframes=0"), seconds=14.0, again=True),
    "cut-open.mkv": Film("cut without encoding where pictures lean over", (*H264, "-x264-params", "open-gop=1"),
        seconds=8.0, bend=remade("-ss", "2.1")),
    "cut-open-hevc.mkv": Film("the same in HEVC", HEVC, seconds=8.0, bend=remade("-ss", "2.1")),
    "joined-late.ts": Film("switched on in the middle", H264, seconds=8.0, bend=joined_late(0.3),
        numbers=range(100, 200), beeps_s=[0.0, 1.0, 2.0, 3.0]),
    "joined-late-hevc.ts": Film("the same in HEVC", HEVC, seconds=8.0, bend=joined_late(0.3),
        numbers=range(100, 200), beeps_s=[0.0, 1.0, 2.0, 3.0]),
    "joined-late-mpeg2.ts": Film("the same in MPEG-2", MPEG2, audio=MP2, seconds=8.0, bend=joined_late(0.3),
        numbers=range(72, 200), beeps_s=[0.12, 1.12, 2.12, 3.12, 4.12]),
    "smaller.ts": Film("a recorder whose size changes half-way", H264,
        bend=followed_by("-s", "160x90", "-c:v", "libx264", "-bf", "2"), notes=("partial",),
        numbers=_NUMBERS_TWICE, times_s=[start + n / 25 for start in (0, 5) for n in range(125)],
        beeps_s=[float(second) for second in range(10)]),
    "cover.mp4": Film("a still picture before the film", H264, bend=with_cover),
    "words.mkv": Film("subtitles, chapters, a place", H264, bend=with_words),
    "timecode.mov": Film("a camera's time code", PRORES, audio=PCM, pixels="yuv422p10le", matrix="bt709",
        options=("-timecode", "10:00:00:00")),
    # Sound.
    "two-sounds.mov": Film("two microphones, the first silent", H264, bend=sounds_beside(SILENCE)),
    "silent.mp4": Film("no microphone", H264, audio=()),
    "late-sound.mp4": Film("the microphone woke up late", H264, sound_chain=("atrim=start=1.5",), beeps_s=_BEEPS[2:]),
    "late-sound.ts": Film("the same in a stream", H264, sound_chain=("atrim=start=1.5",), beeps_s=_BEEPS[2:]),
    "early-sound.mkv": Film("the sound begins before the picture", H264, chain=("setpts=PTS+0.6/TB",),
        beeps_s=[0.4, 1.4, 2.4, 3.4]),
    "short-sound.mp4": Film("the microphone's battery", H264, sound_s=2.5, notes=("short_audio",)),
    "long-sound.mov": Film("the picture stopped first", H264, sound_s=8.0),
    "telephone.avi": Film("sound at 8 kHz, one channel", MPEG4, audio=("-c:a", "pcm_mulaw", "-ar", "8000", "-ac", "1"),
        tagged=False),
    "two-pictures.mkv": Film("a screen recorder that films the face, too", H264, bend=remade(after=("-map", "0:v"))),
    "latm.ts": Film("a receiver's sound", H264, options=("-mpegts_flags", "+latm")),
    "apple.mov": Film("Apple's own lossless sound", H264, audio=("-c:a", "alac")),
    "fine.mkv": Film("a recorder for music", H264, audio=("-c:a", "flac", "-ar", "96000")),
    "surround.mkv": Film("six channels", H264, audio=("-c:a", "ac3", "-ac", "6")),
    # Lengths.
    "ten-seconds.mp4": Film("somebody tried the button", H264, seconds=10.0),
    "one-frame.mp4": Film("somebody only tried it", H264, seconds=0.04, audio=()),
    "one-frame.avi": Film("the same on a camera", MJPEG, seconds=0.04, audio=(), pixels="yuvj420p"),
    # Colours.
    "sd-unsaid.mp4": Film("small, and nothing said", H264, tagged=False),
    "sd-709.mp4": Film("small, and BT.709 all the same", H264, matrix="bt709"),
    "hd-unsaid.mp4": Film("large, and nothing said", H264, matrix="bt709", tagged=False, size=(1280, 720), seconds=1.0),
    "hd-601.mp4": Film("large, and BT.601 all the same", H264, size=(1280, 720), seconds=1.0),
    "hd-upright.mp4": Film("a phone held upright, nothing said", H264, matrix="bt709", tagged=False, size=(720, 1280),
        chain=("transpose=2",), bend=turned(90), upright=(720, 1280), seconds=1.0),
    "full.mp4": Film("a phone that uses all of a byte", H264, pixels="yuvj420p"),
    "full-709.mp4": Film("Android, BT.709 in full", H264, pixels="yuvj420p", matrix="bt709"),
    "full.mov": Film("a camera's MJPEG in QuickTime", MJPEG, audio=PCM, pixels="yuvj422p", tagged=False),
    "screen.mkv": Film("a screen recorder's own colours", ("-c:v", "libx264rgb", "-preset", "veryfast", "-crf", "10"),
        pixels="rgb24"),
    "grey.mp4": Film("a microscope without colours", H264, pixels="gray"),
    "hdr10.mp4": Film("a camera's high dynamic range", HEVC, pixels="yuv420p10le", hdr="smpte2084"),
    "hlg.mov": Film("iPhone's high dynamic range", HEVC, pixels="yuv420p10le", hdr="arib-std-b67"),
    "hlg-turned.mov": Film("the same held upright", HEVC, pixels="yuv420p10le", hdr="arib-std-b67",
        size=(180, 320), chain=("transpose=2",), bend=turned(90), upright=(180, 320)),
    "hdr-half.mp4": Film("high dynamic range, and only half of it said", HEVC, pixels="yuv420p10le",
        hdr="smpte2084", chain=("setparams=color_primaries=unknown:colorspace=unknown",)),
    "hlg-h264.mp4": Film("the same in H.264 of ten bits", H264, pixels="yuv420p10le", hdr="arib-std-b67"),
    "hdr10.webm": Film("YouTube's high dynamic range", (*VP9, "-profile:v", "2"), audio=OPUS, pixels="yuv420p10le",
        hdr="smpte2084"),
}  # fmt: skip
