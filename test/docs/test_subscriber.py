"""The subscriber of the README prints the poses of a real node."""
import re
import subprocess
import sys

import cv2
from support.children import has_output
from support.paths import DATA, ROOT
from support.ros import image

TEXT = (ROOT / 'README.md').read_text(encoding='utf-8')
PROGRAM = re.search(r'## Subscriber\n\n```python\n(.*?)```', TEXT, re.DOTALL).group(1)
PERSON = image(cv2.imread(str(DATA / 'astronaut.jpg')))


def test_the_subscriber_prints_who_is_there(peer):
    peer.bring_to('active')
    camera = peer.camera()
    with subprocess.Popen([sys.executable, '-u', '-c', PROGRAM], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as subscriber:
        try:
            with peer.poses() as poses:
                camera.prime(poses)
                peer.until(lambda: peer.node.count_subscribers('/movenet/poses') > 1,
                           'the subscriber')
                # The node may learn of the subscriber late.
                peer.until(lambda: camera.show(PERSON, poses) and has_output(subscriber), 'a line')
        finally:
            subscriber.kill()  # a signal that rclpy handles may be lost
        printed = subscriber.stdout.read()
    camera.close()
    assert re.match(r'person \d+: nose at 2\d\d, 1\d\d px, score 0\.\d\d\n', printed)
