"""Prices the work that a recording asks for, before any of it is begun."""

from typing import Final

from video.errors import MediaError
from video.probe import Probe

# In seconds of one core; measured on 1080p30 H.264 with all three renditions, rounded up.
_DECODED_PER_S: Final = 1.1e9
_SCALED_PER_S: Final = 4e8
_ENCODED_PER_S: Final = 1.1e8
_DECODER_FACTOR: Final = {"hevc": 2.0, "vp9": 2.0, "av1": 3.0, "libdav1d": 3.0, "prores": 2.0}
#: A small file may ask for this much, a larger one for more with every megabyte: a bomb is small and asks for a lot.
_FREE_S: Final = 150.0
_PER_MEGABYTE_S: Final = 30.0
_MOST_S: Final = 100_000.0


def afforded_s(probe: Probe, *, made_pixels: int) -> float:
    """Estimate the work in seconds of one core, from what will be decoded, scaled and encoded.

    `made_pixels`: of all renditions, for one frame.

    Raises:
        MediaError: `too_costly` for a file of its size.
    """
    picture, frames = probe.picture, probe.frames
    pixels = picture.coded_width * picture.coded_height * frames
    decoding = pixels / _DECODED_PER_S * _DECODER_FACTOR.get(picture.codec, 1.0)
    cost_s = decoding + pixels / _SCALED_PER_S + made_pixels * frames / _ENCODED_PER_S
    if cost_s > min(_FREE_S + _PER_MEGABYTE_S * probe.size_bytes / 1e6, _MOST_S):
        raise MediaError("too_costly", detail=f"priced at {cost_s:.0f} s")
    return cost_s
