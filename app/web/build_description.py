"""Put the API's description where the web process reads it: for `make setup` and for the wheel.

People write it under `docs/`, in YAML and Markdown; an installed copy has neither that folder nor what reads YAML.
"""

import json
import re
from pathlib import Path

import yaml

from app.web.build_assets import HERE, write
from app.web.description import CODES, DESCRIPTION

DOCS = HERE.parent.parent / "docs"
#: A row of a table: codes, when; the line under a table's head has no letters.
_ROW = re.compile(r"\| (`.*) \| (.*) \|")


def codes(markdown: str) -> dict[str, list[list[str]]]:
    """Read the tables of codes: each section's rows by its heading, a code or several and when they are given."""
    sections = (section.partition("\n") for section in markdown.split("\n## ")[1:])
    return {heading: [list(row) for row in _ROW.findall(rows)] for heading, _, rows in sections}


def build(into: Path = HERE) -> None:
    """Write the description and the codes as JSON, only where they are new."""
    described = yaml.safe_load((DOCS / "api" / "openapi.yaml").read_text(encoding="utf-8"))
    tables = codes((DOCS / "error-codes.md").read_text(encoding="utf-8"))
    for name, told in ((DESCRIPTION, described), (CODES, tables)):
        write(into / name, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())


if __name__ == "__main__":
    build()
