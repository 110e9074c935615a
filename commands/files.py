"""Files named on the command line, looked at before anything is done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import ExistingFile

__all__ = ["InputFile", "OutputFile"]


def _in_a_folder(_: object, path: Path | None) -> None:
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        raise ValueError(f"{path} is a folder." if path.is_dir() else f"There is no folder {path.parent}.")


InputFile = ExistingFile
OutputFile = Annotated[Path, Parameter(validator=_in_a_folder)]
