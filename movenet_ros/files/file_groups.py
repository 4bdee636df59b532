"""What is in a folder or matches a pattern: pictures, videos, bags and other files."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from movenet_ros.errors import listed
from movenet_ros.files.file_kind import file_kind
from movenet_ros.files.pictures import PICTURE_FILES, natural_order
from movenet_ros.images.content_kind import BAGS, PICTURES, REMEDIES, FileKind
from movenet_ros.regular_files import open_regular_file

# OpenCV reads these in some builds only.
MAYBE_PICTURES = frozenset({FileKind.AVIF, FileKind.JPEG_2000})
# What a damaged picture may be taken for. Named as one, it is reported as one that is damaged.
SHAPELESS = frozenset({FileKind.EMPTY, FileKind.UNKNOWN, FileKind.TEXT})
MOTION_JPEG_FILES = ('.mjpeg', '.mjpg')


@dataclass(frozen=True)
class FileGroup:
    """Files by what is read from them; hidden files are in none of these.

    Attributes:
        pictures: Those that are read as pictures, in natural order.
        videos: Those that are read as videos.
        bags: Storage files of bags.
        others: Everything else, with what it is; folders come last.
    """

    pictures: tuple[Path, ...] = ()
    videos: tuple[Path, ...] = ()
    bags: tuple[Path, ...] = ()
    others: Mapping[Path, str] = field(default_factory=dict)


def group_files(paths: Iterable[Path]) -> FileGroup:
    """Groups files by their content, in natural order."""
    groups: dict[str, list[Path]] = {'picture': [], 'video': [], 'bag': []}
    others: dict[Path, str] = {}
    for path in sorted(paths, key=lambda path: (path.is_dir(), natural_order(path))):
        if path.name.startswith('.'):
            continue
        use, kind = _use(path)
        if use:
            groups[use].append(path)
        else:
            others[path] = kind
    return FileGroup(tuple(groups['picture']), tuple(groups['video']), tuple(groups['bag']),
                     others)


def _use(path: Path) -> tuple[str, str]:
    """'picture', 'video', 'bag' or '' for something else, and what the file is."""
    if path.is_dir():
        return '', 'a folder'
    if not path.is_file():
        return '', 'no regular file'
    named_picture = path.suffix.lower() in PICTURE_FILES
    try:
        kind = file_kind(path)
    except OSError as error:
        return 'picture' if named_picture else '', f'cannot be read: {error.strerror}'
    if is_picture(path, kind) or (named_picture and kind in SHAPELESS):
        return 'picture', kind.value
    if kind in BAGS:
        return 'bag', kind.value
    video = kind in (FileKind.VIDEO, FileKind.GIF, FileKind.JPEG)
    return 'video' if video else '', kind.value


def is_picture(path: Path, kind: FileKind) -> bool:
    """Whether a file of this kind is read as a picture. GIFs are videos, as most of them move."""
    if kind in MAYBE_PICTURES:
        return _opencv_reads(path)
    if kind is FileKind.JPEG and path.suffix.lower() in MOTION_JPEG_FILES:
        return False
    return kind in PICTURES and kind is not FileKind.GIF


def _opencv_reads(path: Path) -> bool:
    import cv2
    with open_regular_file(path) as file:
        # not by its name, which may be one that OpenCV cannot take
        return bool(cv2.haveImageReader(f'/proc/self/fd/{file.fileno()}'))


def listed_kinds(others: Mapping[Path, str]) -> str:
    """The first names with what each is, and how many more there are."""
    return listed(f'{path.name} ({kind})' for path, kind in others.items())


def remedy_for(others: Mapping[Path, str]) -> str:
    """What to do about the first of these files, if there is something to do."""
    remedies = {kind.value: text for kind, text in REMEDIES.items()}
    return next((f'; {remedies[kind]}' for kind in others.values() if kind in remedies), '')
