"""A comparison as text and as JSON."""
from __future__ import annotations

from typing import Any

from movenet_ros.comparison.compare import (
    Comparison,
    ImageDifference,
    PersonDifference,
    Tolerances,
)
from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import listed

LONGEST_LIST = 10
"""Most images that are listed one by one."""


def as_text(comparison: Comparison, a: str = 'A', b: str = 'B') -> str:
    """A comparison in a few lines.

    Args:
        comparison: What was found.
        a: What to call the first run.
        b: What to call the second.
    """
    both = len(comparison.images)
    lines = [f'A: {a}, {comparison.counts[0]} images',
             f'B: {b}, {comparison.counts[1]} images; {both} are in both']
    for name, stamps in (('A', comparison.only_a), ('B', comparison.only_b)):
        if stamps:
            lines.append(f'only in {name}: {len(stamps)} images, stamps '
                         f'{listed(map(seconds, stamps), LONGEST_LIST)}')
    if both:
        lines += _summary(comparison)
    elif all(comparison.counts):
        lines.append('no stamp is in both: poses of a replay have those of its images only with '
                     '`movenet replay --stamps source`')
    different = comparison.different
    if different:
        lines.append(f'{len(different)} of {both} images differ by more than '
                     f'{comparison.tolerances.px:g} px, {comparison.tolerances.score:g} in score:')
        lines += [f'  {line}' for image in different[:LONGEST_LIST]
                  for line in _describe(image, comparison.tolerances)]
        if len(different) > LONGEST_LIST:
            lines.append(f'  ... and {len(different) - LONGEST_LIST} more (--json has all)')
    lines.append('equal' if comparison.equal else 'different')
    return '\n'.join(lines)


def _summary(comparison: Comparison) -> list[str]:
    images = comparison.images
    people = sum(not (image.only_a or image.only_b) for image in images)
    pairs = [(image, person) for image in images for person in image.people]
    ids = sum(person.ids[0] == person.ids[1] for _, person in pairs)
    lines = [f'the same people in {people} of {len(images)} images, '
             f'the same id for {ids} of {len(pairs)} people']
    if pairs:
        image, person = max(pairs, key=lambda pair: pair[1].distance)
        lines.append(f'largest distance {person.distance:.3g} px'
                     + (f': {_place(image, person)}, {person.where}' if person.distance else ''))
        image, person = max(pairs, key=lambda pair: pair[1].score)
        lines.append(f'largest score difference {person.score:.3g}'
                     + (f': {_place(image, person)}, {person.score_where}' if person.score else ''))
    return lines


def _place(image: ImageDifference, person: PersonDifference) -> str:
    return f'image {image.index} ({seconds(image.stamp_ns)} s), person {person.ids[0]}'


def _describe(image: ImageDifference, tolerances: Tolerances) -> list[str]:
    """What differs in one image, a line for each person."""
    where = f'image {image.index} ({seconds(image.stamp_ns)} s)'
    lines = [f'{where}: person {number} is only in {name}'
             for name, ids in (('A', image.only_a), ('B', image.only_b)) for number in ids]
    if image.sizes[0] != image.sizes[1]:
        sizes = [f'{width} x {height}' for width, height in image.sizes]
        lines.append(f'{where}: {sizes[0]} px in A, {sizes[1]} px in B')
    for person in image.people:
        if person.within(tolerances):
            continue
        parts = []
        if person.ids[0] != person.ids[1]:
            parts.append(f'id {person.ids[0]} in A, {person.ids[1]} in B')
        if person.distance > tolerances.px:
            parts.append(f'{person.where} {person.distance:.3g} px apart')
        if person.score > tolerances.score:
            parts.append('score of {} {:.3g} in A, {:.3g} in B'.format(
                person.score_where, *person.scores))
        lines.append(f'{where}, person {person.ids[0]}: {"; ".join(parts)}')
    return lines


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Everything that was found; lists hold all images that differ."""
    people = [person for image in comparison.images for person in image.people]
    return {
        'equal': comparison.equal,
        'images': {'a': comparison.counts[0], 'b': comparison.counts[1],
                   'both': len(comparison.images), 'different': len(comparison.different)},
        'only_a': list(comparison.only_a), 'only_b': list(comparison.only_b),
        'largest': {'px': max((person.distance for person in people), default=0.0),
                    'score': max((person.score for person in people), default=0.0)},
        'different': [{
            'index': image.index, 'stamp_ns': image.stamp_ns,
            'sizes': [list(size) for size in image.sizes],
            'only_a': list(image.only_a), 'only_b': list(image.only_b),
            'people': [{
                'ids': list(person.ids), 'px': person.distance, 'where': person.where,
                'score': person.score, 'score_where': person.score_where,
                'scores': list(person.scores)} for person in image.people]}
            for image in comparison.different]}


def seconds(stamp_ns: int) -> str:
    """A stamp as people read it, without losing a nanosecond."""
    whole, rest = divmod(stamp_ns, NANOSECONDS)
    return f'{whole}.{rest:09d}'
