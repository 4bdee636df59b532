"""Annotated pictures in the format of COCO, and pictures without people."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from movenet_ros.core.skeleton import KEYPOINTS
from movenet_ros.core.types import Picture
from movenet_ros.errors import SourceError, one_line
from movenet_ros.files.file_groups import group_files
from movenet_ros.files.pictures import read_picture_file
from movenet_ros.regular_files import parse_json, read_regular_file

PERSON = 1
"""COCO's category of people."""
LARGEST_JSON = 2**30
"""Those of COCO have up to 500 MB [bytes]."""


@dataclass(frozen=True)
class AnnotatedImage:
    """One picture to be looked at.

    Attributes:
        id: COCO's number of it, or its place in the folder.
        path: Its file.
        size: Width and height that the annotations state [px], if there are such.
    """

    id: int
    path: Path
    size: tuple[int, int] | None = None

    def picture(self) -> Picture:
        """Reads it.

        Raises:
            ImageError: The file cannot be read.
            SourceError: It has another size than its annotations were made on.
        """
        picture = read_picture_file(self.path)
        if self.size not in (None, (picture.width, picture.height)):
            raise SourceError(
                f'{self.path}: {picture.width} x {picture.height} px, but annotated as '
                f'{self.size[0]} x {self.size[1]}; give the folder with the original pictures')
        return picture


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures and what is in them.

    Attributes:
        shots: The pictures.
        annotations: COCO's annotations of people in these pictures.
    """

    shots: tuple[AnnotatedImage, ...]
    annotations: tuple[dict[str, Any], ...]

    @property
    def people(self) -> int:
        """How many people have to be found: no crowds, at least one keypoint annotated."""
        return sum(counts(item) for item in self.annotations)

    def alone(self) -> Dataset:
        """The pictures with exactly one person to be found.

        Raises:
            SourceError: There is none.
        """
        people = Counter(item['image_id'] for item in self.annotations if counts(item))
        shots = tuple(shot for shot in self.shots if people[shot.id] == 1)
        if not shots:
            raise SourceError(
                f'none of the {len(self.shots)} pictures has exactly one annotated person, as a '
                'single-person network needs; add --every-picture, or take --model multipose')
        ids = {shot.id for shot in shots}
        return Dataset(shots, tuple(item for item in self.annotations if item['image_id'] in ids))


def counts(annotation: dict[str, Any]) -> bool:
    """Whether COCO's evaluation asks for this person to be found."""
    return bool(annotation['num_keypoints'] and not annotation.get('iscrowd'))


def read_dataset(images: Path, annotations: Path, split: str | None = None) -> Dataset:
    """Reads COCO's keypoint annotations.

    Args:
        images: Folder of the pictures.
        annotations: COCO's JSON; its pictures may have the attribute `coco_split`.
        split: Only pictures whose `coco_split` is this one.

    Raises:
        SourceError: The file is not such a JSON, a picture is missing, or none is left.
    """
    content = _load(annotations)
    try:
        chosen = [item for item in content['images']
                  if split is None or item.get('coco_split') == split]
        shots = tuple(AnnotatedImage(int(item['id']), images / item['file_name'],
                           (int(item['width']), int(item['height']))) for item in chosen)
        ids = {shot.id for shot in shots}
        people = tuple(_person(item) for item in content['annotations']
                       if item['image_id'] in ids and item.get('category_id', PERSON) == PERSON)
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f'{annotations}: not an annotation of keypoints in the format of COCO '
            f'({type(error).__name__}: {error}); give a file like person_keypoints_val2017.json'
        ) from error
    if not shots:
        raise SourceError(_no_images(annotations, split, content['images']))
    if missing := [shot for shot in shots if not shot.path.is_file()]:
        raise SourceError(f'{missing[0].path}: no such file, and {len(missing) - 1} more of '
                          f'{len(shots)} annotated pictures are missing; is {images} their folder?')
    return Dataset(shots, people)


def read_folder(folder: Path) -> tuple[AnnotatedImage, ...]:
    """The pictures in a folder.

    Raises:
        SourceError: There is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise SourceError(f'{folder}: there is no such folder')
    pictures = group_files(folder.iterdir()).pictures
    if not pictures:
        raise SourceError(f'{folder}: no picture in this folder')
    return tuple(AnnotatedImage(index, path) for index, path in enumerate(pictures))


def _load(path: Path) -> Any:
    try:
        return parse_json(read_regular_file(path, LARGEST_JSON))
    except OSError as error:
        raise SourceError(f'{path}: {error.strerror}; give the JSON with the annotations') \
            from error
    except ValueError as error:
        raise SourceError(f'{path}: not a JSON file: {one_line(error)}') from error


def _person(item: dict[str, Any]) -> dict[str, Any]:
    keypoints = [float(value) for value in item['keypoints']]
    if len(keypoints) != 3 * KEYPOINTS:
        raise ValueError(f'annotation {item["id"]} has {len(keypoints)} numbers as keypoints, '
                         f'not {3 * KEYPOINTS}')
    return {'id': int(item['id']), 'image_id': int(item['image_id']), 'category_id': PERSON,
            'keypoints': keypoints, 'area': float(item['area']),
            'bbox': [float(value) for value in item['bbox']],
            'iscrowd': int(item.get('iscrowd', 0)), 'segmentation': item.get('segmentation'),
            'num_keypoints': sum(value > 0 for value in keypoints[2::3])}


def _no_images(path: Path, split: str | None, images: list[dict[str, Any]]) -> str:
    if split is None:
        return f'{path}: it lists no pictures'
    known = sorted({str(item['coco_split']) for item in images if 'coco_split' in item})
    remedy = f'there are: {", ".join(known)}' if known else 'none has any: leave --split out'
    return f'{path}: no picture has coco_split {split!r}; {remedy}'
