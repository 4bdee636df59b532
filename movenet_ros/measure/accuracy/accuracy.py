"""COCO's keypoint accuracy, by COCO's own code."""
from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.types import Poses
from movenet_ros.measure.accuracy.dataset import PERSON, AnnotatedImage, Dataset, counts
from movenet_ros.measure.report.tools import tool

MAX_PEOPLE = 20
"""Per picture: COCO's rule for keypoints."""


@dataclass(frozen=True, eq=False)
class Case:
    """One annotated person and how well they were met.

    Attributes:
        shot: The picture.
        truth: float64 [17,3], x, y [px], visibility (0: not annotated).
        area: Of the person [px^2].
        oks: Of the pose that is most like this person; 0 where there is none.
        found: float32 [17,2] that pose's keypoints [px]; None where there is none.
    """

    shot: AnnotatedImage
    truth: NDArray[np.float64]
    area: float
    oks: float
    found: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class Accuracy:
    """COCO's numbers for one mode.

    Attributes:
        ap: Average precision over the OKS thresholds 0.50, 0.55 ... 0.95.
        ap50: At OKS 0.50.
        ap75: At OKS 0.75.
        ar: Average recall over the same thresholds.
        recall: float64 [101], at which `precision` is given.
        precision: float64 [10,101], per OKS threshold.
        cases: Every person that has to be found.
    """

    ap: float
    ap50: float
    ap75: float
    ar: float
    recall: NDArray[np.float64]
    precision: NDArray[np.float64]
    cases: tuple[Case, ...]


def score(dataset: Dataset, found: Mapping[int, Poses]) -> Accuracy:
    """Compares poses with the annotations; a person's score decides their rank.

    Args:
        dataset: Pictures and annotations.
        found: Poses by number of the picture.

    Raises:
        MovenetError: pycocotools is not installed.
    """
    cocoeval = tool('pycocotools.cocoeval')
    # It prints its progress, and offers no other way to keep it quiet.
    with contextlib.redirect_stdout(io.StringIO()):
        judge = cocoeval.COCOeval(_index(dataset, dataset.annotations),
                                  _index(dataset, _results(found)), 'keypoints')
        judge.params.imgIds = sorted(shot.id for shot in dataset.shots)
        judge.params.maxDets = [MAX_PEOPLE]
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    # AP, AP50, AP75, AP of medium and of large people, AR, ...; -1 stands for "not a number".
    values = [float(value) if value >= 0 else float('nan') for value in judge.stats]
    return Accuracy(values[0], values[1], values[2], values[5], np.array(judge.params.recThrs),
                    judge.eval['precision'][:, :, 0, 0, 0], tuple(_cases(dataset, found, judge)))


def keypoint_distances(accuracy: Accuracy, reference: Accuracy) -> NDArray[np.float64]:
    """How far apart the keypoints are that two modes found of the same people in the same pictures.

    Args:
        accuracy: Of one mode.
        reference: Of the other one, on the same data set.

    Returns:
        float64 [K] [px], for each annotated keypoint of a person whom both found.
    """
    distances = [np.zeros(0)]
    for case, other in zip(accuracy.cases, reference.cases, strict=True):
        if case.found is not None and other.found is not None:
            apart = np.linalg.norm(case.found - other.found, axis=1)
            distances.append(apart[case.truth[:, 2] > 0])
    return np.concatenate(distances)


def _index(dataset: Dataset, annotations: Sequence[dict[str, Any]]) -> Any:
    coco = tool('pycocotools.coco').COCO()
    coco.dataset = {
        'images': [{'id': shot.id} for shot in dataset.shots],
        # Copies, because the evaluation writes into them.
        'annotations': [dict(annotation) for annotation in annotations],
        'categories': [{'id': PERSON, 'name': 'person'}]}
    coco.createIndex()
    return coco


def _results(found: Mapping[int, Poses]) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    for image, poses in found.items():
        for row in range(len(poses)):
            results.append(_result(len(results) + 1, image, poses, row))
    return results


def _result(number: int, image: int, poses: Poses, row: int) -> dict[str, Any]:
    xy = poses.xy[row].astype(float)
    low, high = xy.min(axis=0), xy.max(axis=0)
    keypoints = np.column_stack((xy, poses.keypoint_score[row].astype(float)))
    return {'id': number, 'image_id': image, 'category_id': PERSON, 'iscrowd': 0,
            'keypoints': keypoints.ravel().tolist(), 'score': float(poses.score[row]),
            'bbox': [*low, *(high - low)], 'area': float(np.prod(high - low))}


def _cases(dataset: Dataset, found: Mapping[int, Poses], judge: Any) -> list[Case]:
    truth: dict[int, list[dict[str, Any]]] = {shot.id: [] for shot in dataset.shots}
    for annotation in dataset.annotations:
        truth[annotation['image_id']].append(annotation)
    cases = []
    for shot in dataset.shots:
        poses = found.get(shot.id, Poses.empty())
        # By falling score and in the order of the annotations; an empty list without either.
        similarity = np.reshape(judge.ious[shot.id, PERSON],
                                (min(len(poses), MAX_PEOPLE), len(truth[shot.id])))
        order = np.argsort(-poses.score, kind='mergesort')
        for column, annotation in enumerate(truth[shot.id]):
            if counts(annotation):
                cases.append(_case(shot, annotation, similarity[:, column], poses.xy[order]))
    return cases


def _case(shot: AnnotatedImage, annotation: dict[str, Any], similarity: NDArray[np.float64],
          xy: NDArray[np.float32]) -> Case:
    best = int(np.argmax(similarity)) if len(similarity) else None
    return Case(shot, np.reshape(annotation['keypoints'], (-1, 3)), annotation['area'],
                0.0 if best is None else float(similarity[best]),
                None if best is None else xy[best])
