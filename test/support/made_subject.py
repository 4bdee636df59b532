"""A subject for the page of `movenet view` that shows what a test gives it."""
from __future__ import annotations

from movenet_ros.errors import MovenetError
from movenet_ros.tools.view.feed import Feed
from movenet_ros.tools.view.record import ViewFrame, encode_record


class MadeSubject:
    """Keeps what it is asked for, in `selections` and `playback`."""

    def __init__(self, cameras=('front',), duration=None, can_select=True, title='/movenet'):
        self.kind = 'live' if duration is None else 'recording'
        self.title, self.duration, self.can_select = title, duration, can_select
        self.selections, self.playback = [], []
        self.rejection = None
        self._feeds = {name: Feed() for name in cameras}

    def cameras(self):
        return tuple(self._feeds)

    def feed(self, camera):
        return self._feeds[camera]

    def select(self, camera, selection):
        if self.rejection:
            raise MovenetError(self.rejection)
        self.selections.append((camera, selection))
        return f'accepted: {selection.criterion.value}'

    def play(self, paused, position):
        self.playback.append((paused, position))

    def show(self, poses=None, jpeg=b'', camera='front', size=(640, 480), **fields):
        """Publishes a record."""
        frame = {'topic': '/image', 'stamp_ns': 0, 'sequence': 1, 'frame_id': 'camera',
                 'model': 'lightning', **fields}
        self._feeds[camera].publish(encode_record(
            ViewFrame(camera=camera, width=size[0], height=size[1], poses=poses, **frame), jpeg))
