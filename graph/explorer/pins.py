"""The files GraphiQL is made of: from which npm package each comes, and the hash it must have."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True, slots=True)
class Pin:
    """`path` is the file's place in the package, `name` what it is called here."""

    package: str
    version: str
    path: str
    name: str
    sha384: str

    @property
    def file(self) -> Path:
        return ASSETS / self.name

    def is_content(self, content: bytes) -> bool:
        """Whether these bytes are the file."""
        return base64.b64encode(hashlib.sha384(content).digest()).decode() == self.sha384

    def is_installed(self) -> bool:
        return self.file.is_file() and self.is_content(self.file.read_bytes())


REACT = Pin(
    "react",
    "18.2.0",
    "umd/react.production.min.js",
    "react-18.2.0.js",
    "tMH8h3BGESGckSAVGZ82T9n90ztNXxvdwvdM6UoR56cYcf+0iGXBliJ29D+wZ/x8",
)
REACT_DOM = Pin(
    "react-dom",
    "18.2.0",
    "umd/react-dom.production.min.js",
    "react-dom-18.2.0.js",
    "bm7MnzvK++ykSwVJ2tynSE5TRdN+xL418osEVF2DE/L/gfWHj91J2Sphe582B1Bh",
)
GRAPHIQL = Pin(
    "graphiql",
    "3.8.3",
    "graphiql.min.js",
    "graphiql-3.8.3.js",
    "HbRVEFG0JGJZeAHCJ9Xm2+tpknBQ7QZmNlO/DgZtkZ0aJSypT96YYGRNod99l9Ie",
)
GRAPHIQL_STYLE = Pin(
    "graphiql",
    "3.8.3",
    "graphiql.min.css",
    "graphiql-3.8.3.css",
    "Mq3vbRBY71jfjQAt/DcjxUIYY33ksal4cgdRt9U/hNPvHBCaT2JfJ/PTRiPKf0aM",
)
TREE = Pin(
    "@graphiql/plugin-explorer",
    "1.0.2",
    "dist/index.umd.js",
    "plugin-explorer-1.0.2.js",
    "2oonKe47vfHIZnmB6ZZ10vl7T0Y+qrHQF2cmNTaFDuPshpKqpUMGMc9jgj9MLDZ9",
)
TREE_STYLE = Pin(
    "@graphiql/plugin-explorer",
    "1.0.2",
    "dist/style.css",
    "plugin-explorer-1.0.2.css",
    "5DFJlDPW2tSATRbM8kzoP1j194jexLswuNmClWoRr2Q0x7R68JIQzPHZ02Faktwi",
)
STYLES = (GRAPHIQL_STYLE, TREE_STYLE)
SCRIPTS = (REACT, REACT_DOM, GRAPHIQL, TREE)
PINS = (*STYLES, *SCRIPTS)
