"""Plays a video, pictures or a bag on a ROS topic, as a camera would."""
from __future__ import annotations

import argparse
import math
from pathlib import Path

from movenet_ros.cli.console import log
from movenet_ros.cli.run import require_ros
from movenet_ros.errors import ParameterError
from movenet_ros.fastdds_profile import use_large_image_profile

EXAMPLES = """\
examples:
  movenet replay clip.mp4
  movenet replay recording/ --bag-topic /camera/image_raw --topic /front/image --loop
  movenet replay clip.mp4 --transport compressed --rate 0.5

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('input', metavar='INPUT',
                        help='a video, a picture, a folder or quoted pattern of pictures, '
                        'or a rosbag2')
    parser.add_argument('--topic', default='image',
                        help='publish the images here (default: image); compressed ones on '
                        'its /compressed')
    parser.add_argument('--transport', choices=('raw', 'compressed'), default='raw',
                        help='Image, or CompressedImage in JPEG')
    parser.add_argument('--rate', type=float, default=1.0,
                        help='2 plays twice as fast as recorded (default: 1)')
    parser.add_argument('--loop', action='store_true', help='start again at the end')
    parser.add_argument('--frame-id', default='',
                        help="in the headers, instead of a bag's own (default of other sources: "
                        'camera)')
    parser.add_argument('--stamps', choices=('now', 'source'), default='now',
                        help='header stamps: the time of publishing (default), or as recorded')
    delivery = parser.add_mutually_exclusive_group()
    delivery.add_argument('--reliable', action='store_true', default=True,
                          help='reliable delivery, as camera drivers have it (default)')
    delivery.add_argument('--best-effort', dest='reliable', action='store_false',
                          help='best-effort delivery')
    parser.add_argument('--wait', type=float, default=10.0, metavar='SECONDS',
                        help='how long to wait for subscribers (default: 10)')
    parser.add_argument('--subscribers', type=int, default=1, metavar='N',
                        help='how many to wait for (default: 1)')
    parser.add_argument('--bag-topic', metavar='TOPIC',
                        help='the topic of a bag that has several with images')
    parser.add_argument('--fps', type=float,
                        help='rate of pictures, which have no stamps (default: 30); replaces '
                        "a video's own times")
    parser.add_argument('--stamps-log', metavar='OUT.csv', type=Path,
                        help='write a line for each image: its place and stamp in the source, and '
                        'the stamp it was published with')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    _check(args)
    use_large_image_profile()
    require_ros()
    from movenet_ros.tools.player import ReplayOptions
    from movenet_ros.tools.replay import main
    options = ReplayOptions(
        topic=args.topic, transport=args.transport, speed=args.rate, loop=args.loop,
        frame_id=args.frame_id, stamps=args.stamps, reliable=args.reliable, wait=args.wait,
        subscribers=args.subscribers)
    return main(args.input, options, bag_topic=args.bag_topic, fps=args.fps,
                report=log, stamps_log=args.stamps_log)


def _check(args: argparse.Namespace) -> None:
    if not 0.0 < args.rate < math.inf:
        raise ParameterError('--rate', args.rate, 'must be above 0')
    if not 0.0 <= args.wait < math.inf:
        raise ParameterError('--wait', args.wait, 'must be 0 or more')
    if args.subscribers < 0:
        raise ParameterError('--subscribers', args.subscribers, 'must be 0 or more')
