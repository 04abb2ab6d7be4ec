"""How the numbers in a picture are meant as colours: what a film says of it, and what holds where it says nothing."""

from typing import Any, Final, Literal

#: PQ and HLG are the two kinds of high dynamic range; all else is shown as it is.
Light = Literal["sdr", "pq", "hlg"]
#: How brightness and colour differences are made of red, green and blue; "rgb": they aren't, it holds these themselves.
Matrix = Literal["bt601", "bt709", "bt2020", "fcc", "smpte240m", "rgb"]

# The numbers are those of ITU-T H.273, as decoders give them.
_TRANSFERS: Final[dict[int, Light]] = {16: "pq", 18: "hlg"}
_MATRICES: Final[dict[int, Matrix]] = {
    0: "rgb", 1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020",
}  # fmt: skip
_FULL: Final = 2
_RGB_FORMATS: Final = ("rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8", "x2rgb", "x2bgr")
#: What is larger either way was made for high definition, whose standard is BT.709; so do players guess, too.
_SD_WIDTH, _SD_HEIGHT = 1279, 576


def light_of(head: dict[str, Any], look: dict[str, Any]) -> Light:
    """Say what kind of brightness it is, by the first picture, else by the file's head."""
    return _TRANSFERS.get(int(look.get("transfer", 2))) or _TRANSFERS.get(int(head["transfer"]), "sdr")


def matrix_of(head: dict[str, Any], look: dict[str, Any], *, light: Light) -> Matrix:
    """Say which matrix holds: the picture's, else the head's, else the one that its kind and size have by custom."""
    if str(look.get("format") or head["pix_fmt"] or "").startswith(_RGB_FORMATS):
        return "rgb"
    for said in (look.get("matrix"), head["matrix"]):
        # Only a picture in RGB may say "rgb": elsewhere it is a mistake, and believing it would be a green picture.
        if said is not None and (found := _MATRICES.get(int(said), "rgb")) != "rgb":
            return found
    if light != "sdr":
        return "bt2020"
    width, height = int(look.get("width", head["width"])), int(look.get("height", head["height"]))
    return "bt709" if width > _SD_WIDTH or height > _SD_HEIGHT else "bt601"


def full_of(head: dict[str, Any], look: dict[str, Any]) -> bool:
    """Say whether black is 0 and white 255, as in photographs, and not 16 and 235 as in television."""
    if str(look.get("format") or head["pix_fmt"] or "").startswith("yuvj"):
        return True
    return int(look.get("range") or head["range"]) == _FULL
