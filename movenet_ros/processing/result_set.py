"""The results of one recording: a folder with its outputs and a manifest."""
from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from movenet_ros.errors import SinkError
from movenet_ros.files.atomic_output import as_output_error, write_atomically
from movenet_ros.processing.job import FORMATS
from movenet_ros.regular_files import parse_json, read_regular_file

MANIFEST = 'manifest.json'
ENDING = '.poses'
LARGEST_MANIFEST = 2**20


@dataclass(frozen=True)
class InputState:
    """A recording as it was when its results were made.

    Attributes:
        location: Its absolute path or URL.
        revision: See `locations.revision`.
        bytes, sha256: Its size and hash, see `locations.size_and_hash`.
    """

    location: str
    revision: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a result set was made of, and how.

    Attributes:
        input: The recording.
        settings: See `Job.settings`.
        formats: Keys of `FORMATS`.
        version: Of this package.
        engine: What ran the networks, e.g. 'litert 2.3.0'.
        images: How many were processed, rejected and so on.
        error: Why the recording could not be read to its end; empty if it could.
        notes: What the user should know.
        seconds: How long it took; the only value that differs from run to run.
    """

    input: InputState
    settings: dict[str, Any]
    formats: list[str]
    version: str
    engine: str
    images: dict[str, Any]
    error: str
    notes: list[str]
    seconds: float

    def is_enough(self, settings: dict[str, Any], formats: Iterable[str]) -> bool:
        """Whether these results were made with these settings, and in these formats or more."""
        return self.settings == settings and set(formats) <= set(self.formats)

    def write(self, folder: Path) -> None:
        """Writes it into a folder.

        Raises:
            SinkError: It cannot be written.
        """
        write_atomically(folder / MANIFEST, (json.dumps(asdict(self), indent=1) + '\n').encode())


def result_folder(output_dir: str, name: str) -> Path:
    """Where the result set of a recording of this name is."""
    return Path(output_dir, f'{name}{ENDING}')


def is_result_set(name: str, files: Iterable[str]) -> bool:
    """Whether a folder of this name, with these files in it, is a result set."""
    return name.endswith(ENDING) and MANIFEST in files


def check_is_result_set(folder: Path) -> None:
    """Checks that what a result set would replace is an earlier one, or nothing.

    Raises:
        SinkError: There is something else of its name.
    """
    if not folder.exists():
        return
    with as_output_error(folder):
        names = {path.name for path in folder.iterdir()}
    known = {MANIFEST, *FORMATS.values()}
    if foreign := sorted(name for name in names - known if not name.startswith('.')):
        raise SinkError(f'{folder}: holds {foreign[0]}, which is no result, and would be replaced; '
                        'move it away, or choose another --output-dir')


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a result set that is whole; None if there is none."""
    try:
        data: Any = parse_json(read_regular_file(folder / MANIFEST, LARGEST_MANIFEST))
        manifest = Manifest(**{**data, 'input': InputState(**data['input'])})
        whole = all((folder / FORMATS[name]).exists() for name in manifest.formats)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return manifest if whole else None
