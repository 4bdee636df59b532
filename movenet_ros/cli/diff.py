"""Compares two recordings of poses, image by image and person by person.

Images are joined by their stamps, people by position. Reports which images are in one recording
only, and how far keypoints, boxes, scores and ids differ in the others.
"""
from __future__ import annotations

import argparse
import json
import math

from movenet_ros.cli.console import log, show_lines
from movenet_ros.cli.exit_codes import FAILED, OK, USAGE
from movenet_ros.comparison import Tolerances, as_json, as_text, compare
from movenet_ros.errors import MovenetError, ParameterError, SourceError, printable
from movenet_ros.files.recorded_poses import read_poses
from movenet_ros.measure.report.files import known

EXAMPLES = """\
examples:
  movenet diff live.mcap offline.mcap
  movenet diff recording/ poses.jsonl --topic /movenet/poses --px 0.5 --score 0.01
  movenet diff before.jsonl after.jsonl --json | jq .largest

"""

EXIT_CODES = """\
exit codes: 0 equal within the tolerances; 1 different; 2 cannot be compared; 130 interrupted"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    for name in 'A', 'B':
        parser.add_argument(name.lower(), metavar=name,
                            help='a bag of PoseArrays (folder, .mcap or .db3), or JSON lines '
                            '(.jsonl) of `movenet process`')
    parser.add_argument('--topic', help='the PoseArray topic of bags that have several')
    parser.add_argument('--topic-a', metavar='TOPIC', help='that of A, where it is another')
    parser.add_argument('--topic-b', metavar='TOPIC', help='that of B, where it is another')
    parser.add_argument('--px', type=float, default=0.0, metavar='DISTANCE',
                        help='how far keypoints and boxes may differ [px] (default: 0)')
    parser.add_argument('--score', type=float, default=0.0, metavar='DIFFERENCE',
                        help='how far scores may differ (default: 0)')
    parser.add_argument('--min-keypoint-score', type=float, default=0.0, metavar='SCORE',
                        help='leave out keypoints below this score in both, and boxes (default: 0)')
    parser.add_argument('--json', action='store_true', help='write JSON instead of a report')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    for option in 'px', 'score', 'min_keypoint_score':
        if not 0.0 <= getattr(args, option) < math.inf:
            raise ParameterError(f'--{option.replace("_", "-")}', getattr(args, option),
                                 'must be 0 or more')
    try:
        comparison = compare(
            read_poses(args.a, _topic(args, args.a, args.topic_a)),
            read_poses(args.b, _topic(args, args.b, args.topic_b)),
            Tolerances(args.px, args.score, args.min_keypoint_score))
        if not any(comparison.counts):
            raise SourceError(f'{args.a} and {args.b} hold no poses: there is nothing to compare')
    except (MovenetError, OSError) as error:
        # as other commands of this name do: 1 is for differences
        log(error)
        return USAGE
    show_lines(json.dumps(known(as_json(comparison)), indent=2, allow_nan=False) if args.json
               else as_text(comparison, printable(args.a), printable(args.b)))
    return OK if comparison.equal else FAILED


def _topic(args: argparse.Namespace, path: str, own: str | None) -> str | None:
    """The topic of one side; one for both sides is only for those that have topics."""
    return own or (None if path.lower().endswith('.jsonl') else args.topic)
