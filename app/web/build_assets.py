"""Put the front-end files where the web process serves them: a plain script, for `make setup` and for the wheel.

It needs nothing but Python, so that it can run before the virtual environment is there. What npm fetched stays in
`node_modules/`; only the files named here are copied, because a package brings much that no page asks for (one
icon sheet alone is half a megabyte).
"""

import hashlib
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: The folder that the web process serves under `/static/`.
STATIC = HERE / "static"
NODE_MODULES = HERE.parent.parent / "node_modules"

FONT = "@fontsource/atkinson-hyperlegible-next"
#: package → (file inside the package, name under `vendor/<package>/`); licences travel with the files they cover.
COPIED: dict[str, tuple[tuple[str, str], ...]] = {
    "htmx.org": (
        ("dist/htmx.esm.min.js", "htmx.esm.min.js"),
        ("dist/ext/hx-csp.min.js", "hx-csp.min.js"),
        ("LICENSE", "LICENSE"),
    ),
    "hls.js": (("dist/hls.min.mjs", "hls.min.mjs"), ("LICENSE", "LICENSE")),
    "idb": (("build/index.js", "index.js"), ("LICENSE", "LICENSE")),
    "lucide-static": (("LICENSE", "LICENSE"),),
    "mediabunny": (("dist/bundles/mediabunny.min.mjs", "mediabunny.min.mjs"), ("LICENSE", "LICENSE")),
    FONT: (
        *(
            (f"files/atkinson-hyperlegible-next-{subset}-{weight}-normal.woff2", f"{subset}-{weight}.woff2")
            for subset in ("latin", "latin-ext")
            for weight in (400, 700)
        ),
        ("LICENSE", "LICENSE"),
    ),
}
#: The style sheet's parts in the order of its layers; each file says at its top which class names it holds.
STYLES = ("reset", "tokens", "base", "forms", "parts", "lists", "shell", "pages", "lesson", "utilities", "print")
#: Where the joined style sheet goes, under `static/`.
STYLE_SHEET = "vendor/backrow.css"

ICON_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
ICON_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS_URL = re.compile(r'url\("([^"?]+)"\)')


class Missing(Exception):
    """A file that the pages need is not there; the message says how to get it."""


def version_of(file: Path) -> str:
    """Name a file's content in ten characters, so that browsers may keep it for ever and still see each change."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]


def used_icons(static: Path = STATIC) -> list[str]:
    """List the icons that pages may show, from `icons.txt`: one a line, `#` starts a remark.

    Raises:
        Missing: a line that can't be an icon's name.
    """
    lines = (static / "icons.txt").read_text(encoding="utf-8").splitlines()
    names = sorted({name for line in lines if (name := line.partition("#")[0].strip())})
    for name in names:
        if not ICON_NAME.fullmatch(name):
            raise Missing(f"icons.txt: {name!r} is not an icon's name. Use a name of lucide's list, like arrow-right.")
    return names


def sprite(names: list[str], node_modules: Path) -> str:
    """Draw one sheet of the icons used; a page shows one with `<use href="sprite.svg#name">`.

    Raises:
        Missing: an icon that the package does not have.
    """
    symbols = []
    for name in names:
        file = node_modules / "lucide-static" / "icons" / f"{name}.svg"
        drawing = ICON_BODY.search(file.read_text(encoding="utf-8")) if file.is_file() else None
        if drawing is None:
            raise Missing(f"icons.txt: lucide has no icon {name!r}. Look its name up in {file.parent}.")
        body = re.sub(r"\s+", " ", drawing[1]).replace("> <", "><").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def style_sheet(static: Path = STATIC) -> str:
    """Join the parts of the style sheet, without comments; addresses in it carry the version of what they name.

    The page preloads a font by the same address: were they to differ, it would be fetched twice.
    """
    parts = [(static / "css" / f"{part}.css").read_text(encoding="utf-8") for part in STYLES]
    text = CSS_COMMENT.sub("", "\n".join(parts))
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([{};,>])\s*", r"\1", text).replace(";}", "}")
    text = re.sub(r"(?<=[a-z-]): ", ":", text)
    folder = (static / STYLE_SHEET).parent
    return CSS_URL.sub(lambda found: f'url("{found[1]}?v={version_of(folder / found[1])}")', text).strip() + "\n"


def copy_packages(static: Path, node_modules: Path) -> None:
    """Copy the named files of each package.

    Raises:
        Missing: npm has not fetched a package, or it no longer has a file of that name.
    """
    for package, files in COPIED.items():
        for source_name, name in files:
            source = node_modules / package / source_name
            if not source.is_file():
                raise Missing(
                    f"{package}/{source_name} is not there. Run `npm ci` (`make setup` does), then try again."
                )
            write(static / "vendor" / package / name, source.read_bytes())


def write(file: Path, content: bytes) -> None:
    """Write a file only where its content is new, so that nothing looks changed when nothing is."""
    if file.is_file() and file.read_bytes() == content:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def build(static: Path = STATIC, node_modules: Path = NODE_MODULES) -> None:
    """Copy, draw and join everything that pages load from `/static/` and git doesn't keep.

    Raises:
        Missing: something that should be copied is not there; what was written before stays.
    """
    copy_packages(static, node_modules)
    write(static / "sprite.svg", sprite(used_icons(static), node_modules).encode())
    write(static / STYLE_SHEET, style_sheet(static).encode())


if __name__ == "__main__":
    try:
        build()
    except Missing as problem:
        sys.exit(f"The front-end files could not be put together: {problem}")
