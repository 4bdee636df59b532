"""Writes a world: pictures, ground truth of MOTChallenge, and keypoints."""
from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from movenet_ros.errors import SinkError
from movenet_ros.measure.report.files import write
from movenet_ros.measure.worlds.drawing import Image
from movenet_ros.measure.worlds.world import HEIGHT, WIDTH, Person

MIN_VISIBLE = 0.25
"""Who is less visible than this need not be found."""
QUALITY = 95


def write_world(folder: Path, moments: Iterable[tuple[Image, Sequence[Person]]],
                rate: float) -> int:
    """Writes img/000001.jpg and so on, gt.txt and keypoints.json into a folder.

    Args:
        folder: Made if absent; what is in it from before is replaced.
        moments: Images and the people in each.
        rate: Images per second [Hz].

    Returns:
        How many images were written.

    Raises:
        SinkError: A file cannot be written.
    """
    import cv2
    pictures = folder / 'img'
    try:
        pictures.mkdir(parents=True, exist_ok=True)
        for old in pictures.glob('*.jpg'):
            old.unlink()
    except OSError as error:
        raise SinkError(f'{pictures}: cannot be written: {error.strerror}') from error
    truth: list[list[Person]] = []
    for number, (image, people) in enumerate(moments, start=1):
        encoded = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
        write(pictures / f'{number:06d}.jpg', encoded.tobytes())
        truth.append(list(people))
    write(folder / 'gt.txt', ''.join(
        _line(number, person) for number, people in enumerate(truth, start=1)
        for person in people).encode())
    write(folder / 'keypoints.json', (json.dumps(_keypoints(truth, rate)) + '\n').encode())
    return len(truth)


def _line(frame: int, person: Person) -> str:
    """Frame, id, left, top, width, height, whether it counts, class, visible share."""
    left, top, right, bottom = person.box.tolist()
    counts = int(person.visible >= MIN_VISIBLE)
    return (f'{frame},{person.id},{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f},'
            f'{counts},1,{person.visible:.3f}\n')


def _keypoints(truth: Sequence[Sequence[Person]], rate: float) -> dict[str, object]:
    return {
        'rate': rate, 'width': WIDTH, 'height': HEIGHT,
        'area': {str(person.id): person.area for people in truth for person in people},
        'frames': [{str(person.id): [[round(x, 2), round(y, 2), int(v)]
                                     for x, y, v in person.keypoints.tolist()]
                    for person in people} for people in truth]}
