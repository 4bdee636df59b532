"""Writes new model files and their manifest into a models folder."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from movenet_ros.engines.models import MANIFEST_NAME
from movenet_ros.errors import SinkError


@contextmanager
def moved_into(folder: Path) -> Iterator[Path]:
    """A folder for new files, which are moved into `folder` at the end.

    Nothing is moved if the block raises an exception.

    Raises:
        SinkError: `folder` cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix='.import-', dir=folder) as made:
            yield Path(made)
            # The manifest last: until then the folder is as it was, or its hashes say so.
            for path in sorted(Path(made).iterdir(), key=lambda path: path.name == MANIFEST_NAME):
                path.replace(folder / path.name)
    except OSError as error:
        raise SinkError(f'{folder} cannot be written ({error}): choose another folder') from error


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Writes the manifest of a models folder."""
    text = json.dumps(content, indent=2) + '\n'
    (folder / MANIFEST_NAME).write_text(text, encoding='utf-8')
