"""Draws clips of people who cross and hide each other, with ground truth.

People are cut out of annotated pictures in the format of COCO. Each clip is a folder with pictures
(img), who is where in MOTChallenge's format (gt.txt), and keypoints (keypoints.json).
"""
from __future__ import annotations

import argparse
from pathlib import Path

from movenet_ros.cli.console import show
from movenet_ros.cli.exit_codes import OK
from movenet_ros.errors import ParameterError
from movenet_ros.measure.accuracy.dataset import read_dataset, read_folder
from movenet_ros.measure.worlds.casting import cast
from movenet_ros.measure.worlds.scenes import SCENES
from movenet_ros.measure.worlds.truth import write_world
from movenet_ros.measure.worlds.world import images

EXAMPLES = """\
examples:
  movenet draw-worlds --images val2017 --annotations person_keypoints_val2017.json worlds
  movenet draw-worlds --images I --annotations A.json --scenes crossing posts --rate 30 worlds
  movenet evaluate --sequence worlds/crossing_15hz/img --fps 15 --model multipose \\
      --ground-truth worlds/crossing_15hz/gt.txt \\
      --keypoint-truth worlds/crossing_15hz/keypoints.json

"""

HIGHEST_RATE = 240.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('out', metavar='OUT', type=Path,
                        help='folder for the clips; each is written to OUT/SCENE_RATEhz')
    parser.add_argument('--images', metavar='DIR', type=Path, required=True,
                        help='annotated pictures')
    parser.add_argument('--annotations', metavar='JSON', type=Path, required=True,
                        help="their people, in COCO's format, with polygons")
    parser.add_argument('--split', help='only pictures with this coco_split')
    parser.add_argument('--backgrounds', metavar='DIR', type=Path,
                        help='pictures without people (default: drawn)')
    parser.add_argument('--scenes', nargs='+', choices=SCENES, default=list(SCENES),
                        help='what happens (default: everything)')
    parser.add_argument('--rate', type=float, default=15.0, metavar='HZ',
                        help='images per second (default: 15)')
    parser.add_argument('--seed', type=int, default=1,
                        help='another one gives other people and backgrounds (default: 1)')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if not 1.0 <= args.rate <= HIGHEST_RATE:
        raise ParameterError('--rate', args.rate, f'must be from 1 to {HIGHEST_RATE:g}')
    if args.seed < 0:
        raise ParameterError('--seed', args.seed, 'must be 0 or more')
    dataset = read_dataset(args.images, args.annotations, args.split)
    backgrounds = read_folder(args.backgrounds) if args.backgrounds else ()
    for name in args.scenes:
        folder = args.out / f'{name}_{args.rate:g}hz'
        people, background = cast(name, dataset, backgrounds, args.seed)
        count = write_world(folder, images(SCENES[name], people, background, args.rate),
                            args.rate)
        show(f'{folder}: {count} images, {len(people)} people')
    return OK
