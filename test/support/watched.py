"""A camera beside a node that was activated for it alone, and what the node says of its images."""
import contextlib
from array import array

import numpy as np
from sensor_msgs.msg import CompressedImage, Image
from support.ros import image, jpeg, values_of

# A ramp: an image of one colour would be reported.
SMALL = np.tile(np.linspace(0, 255, 64).astype(np.uint8)[:, None], (48, 1, 3))
GOOD = {'raw': image(SMALL), 'compressed': jpeg(SMALL)}
TOPICS = {'raw': 'image', 'compressed': 'image/compressed'}


def raw(encoding='bgr8', *, height=48, width=64, step=None, data=None, is_bigendian=0):
    """An Image; step and data are those of 8-bit colour unless they are given."""
    step = 3 * width if step is None else step
    # No power of 2 and no multiple of it gives one colour.
    data = (bytes(range(251)) * 4000)[:min(step * height, 10**6)] if data is None else data
    return Image(encoding=encoding, height=height, width=width, step=step, data=array('B', data),
                 is_bigendian=is_bigendian)


def compressed(data, format='jpeg'):
    return CompressedImage(format=format, data=array('B', data))


class Watched:
    """What `watched` gives.

    Attributes:
        camera: Publishes.
        topic: Full name of its topic.
        poses, reports: What has come of it.
    """

    def __init__(self, node, peer, transport, poses, reports):
        self.node, self.peer, self.poses, self.reports = node, peer, poses, reports
        self.topic, self._good = f'/{TOPICS[transport]}', GOOD[transport]
        self.camera = peer.camera(TOPICS[transport], type(self._good))
        # Of each cause one line is logged in a while: that of a first image counts, too.
        self._first_line = len(node.lines)
        self.camera.prime(poses)
        reports.clear()

    def show(self, message=None, **header):
        """Publishes an image, a good one if none is given, and returns the answer."""
        return self.camera.show(message or self._good, self.poses, **header)

    def report(self):
        """The latest status."""
        self.peer.until(lambda: self.reports, 'a report')
        return self.reports[-1].status[0]

    def values(self):
        """Those of the latest report."""
        return values_of(self.report())

    def values_with(self, answer):
        """Those of a report in which an answer is the last."""
        wanted = str(answer.sequence + 1)
        self.peer.until(lambda: self.values()['images processed'] == wanted, 'a newer report')
        return self.values()

    def lines(self, part):
        """Lines of the node's log that hold a text."""
        return [line for line in self.node.lines[self._first_line:] if part in line]


@contextlib.contextmanager
def watched(node, peer, transport='raw'):
    """A `Watched`; a good image is processed before and after, and the node is active then."""
    if peer.get('transport', 'diagnostics.period') != [transport, 0.1]:
        peer.bring_to('unconfigured')
        assert peer.set(transport=transport, diagnostics__period=0.1) == []
    # afresh: counts, and lines that are said once in a while
    peer.bring_to('inactive')
    peer.bring_to('active')
    with peer.poses() as poses, peer.diagnostics() as reports:
        it = Watched(node, peer, transport, poses, reports)
        assert it.show(frame_id='before').header.frame_id == 'before'
        yield it
        last = it.show(frame_id='after')
        assert last.header.frame_id == 'after'
        assert it.values_with(last)['images failed'] == '0'
        assert peer.state() == 'active'
    it.camera.close()
