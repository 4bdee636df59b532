"""Picture files as a source."""
from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from movenet_ros.core.types import NANOSECONDS, Picture
from movenet_ros.errors import ImageError, listed
from movenet_ros.files.source import DEFAULT_FPS, Frame, Source
from movenet_ros.files.videos.opencv_video import silence
from movenet_ros.images.compressed import decode_file
from movenet_ros.images.encodings import WHITE_LEVEL
from movenet_ros.images.picture_count import picture_count
from movenet_ros.regular_files import read_regular_file

PICTURE_FILES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff', '.ppm', '.pgm')
LARGEST_FILE = 2**30
"""More than any picture takes of the size that `limits` allows [bytes]."""


class PicturesSource(Source):
    """Picture files in natural order (2 before 10), `1 / fps` apart from 0 on.

    Without a rate they are stills, that have nothing to do with one another; their stamps are as
    far apart as at `DEFAULT_FPS`, and serve only to distinguish them.
    """

    kind = 'pictures'

    def __init__(self, name: str, files: Iterable[Path], *, fps: float | None = None) -> None:
        """Takes note of the files; none is read yet.

        Args:
            name: What to call them together.
            files: The picture files, in any order.
            fps: Their rate if they are a sequence [Hz]; None if they are stills.
        """
        self.files = sorted(files, key=natural_order)
        super().__init__(name, total=len(self.files), fps=fps or DEFAULT_FPS, stills=fps is None)
        self._several: dict[Path, int] = {}

    def frames(self) -> Generator[Frame, None, None]:
        """One frame per file; a file that cannot be read is its frame's error."""
        for index, path in enumerate(self.files):
            yield Frame(round(index * NANOSECONDS / self.fps), '', partial(self._decode, path))
        if len(self.files) == 1 and self._several:
            self.add_note(f'{self.name}: holds {self._several[self.files[0]]} pictures, only the '
                          'first is read')
        elif self._several:
            self.add_note(f'{self.name}: {len(self._several)} of {len(self.files)} files hold '
                          'several pictures, of which only the first is read: '
                          + listed(f'{path.name} ({count})'
                                   for path, count in self._several.items()))

    def _decode(self, path: Path, white_level: int) -> Picture:
        with _named(path):
            raw = read_regular_file(path, LARGEST_FILE)
            picture = decode_file(raw, white_level)
        if (count := picture_count(raw)) > 1:
            self._several[path] = count
        return picture


def read_picture_file(path: Path, white_level: int = WHITE_LEVEL) -> Picture:
    """The first picture in a file, in BGR, turned the way its EXIF orientation says.

    Args:
        path: The file.
        white_level: Of 16-bit samples, see `encodings.to_8_bits`.

    Raises:
        ImageError: The file cannot be read, or is damaged.
    """
    with _named(path):
        return decode_file(read_regular_file(path, LARGEST_FILE), white_level)


def holds_series(path: Path) -> bool:
    """Whether a JPEG file is a Motion JPEG stream: several pictures, one after the other.

    Raises:
        OSError: It cannot be read.
    """
    return picture_count(read_regular_file(path, LARGEST_FILE)) > 1


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Adds the name of the file to every error."""
    silence()
    try:
        yield
    except OSError as error:
        raise ImageError(f'{path}: {error.strerror}', cause='unreadable_file') from error
    except ImageError as error:
        raise ImageError(f'{path}: {error}', cause=error.cause) from error


def natural_order(path: Path) -> list[tuple[int, str]]:
    """A sorting key that puts shot2 before shot10."""
    return [(int(part), '') if part.isdecimal() else (-1, part)
            for part in re.split(r'(\d+)', str(path))]
