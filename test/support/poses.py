"""Poses that a test draws, and recordings of them."""
import numpy as np

from movenet_ros.core.types import NANOSECONDS, Picture, Poses
from movenet_ros.files.sinks import Result, open_sink
from movenet_ros.messages.pose_array import PoseMessage

SIZE = (640, 480)


def people(*places, ids=None, score=0.5):
    """People with all keypoints on a diagonal from their place on, one px apart."""
    count = len(places)
    steps = np.arange(17, dtype=np.float32)
    xy = np.array([[(x + step, y + step) for step in steps] for x, y in places], np.float32)
    xy = xy.reshape(count, 17, 2)
    box = np.concatenate([xy[:, 0], xy[:, -1]], axis=1)
    return Poses(xy=xy, keypoint_score=np.full((count, 17), score, np.float32), box=box,
                 score=np.full(count, score, np.float32),
                 id=np.array(ids or range(1, count + 1), np.int32),
                 age=np.zeros(count, np.float32), visible=np.full((count, 17), score >= 0.3),
                 velocity=np.zeros((count, 2), np.float32), truncated=np.zeros(count, np.bool_),
                 time_unseen=np.zeros(count, np.float32))


def message(stamp_ns, poses, sequence=0, size=SIZE):
    return PoseMessage(divmod(stamp_ns, NANOSECONDS), 'camera', *size, sequence, 'lightning', poses)


def write(path, messages, topic='/movenet/poses'):
    """Writes a recording, by the ending of its name."""
    with open_sink(path, topic=topic) as sink:
        for item in messages:
            picture = Picture(np.zeros((item.height, item.width, 1), np.uint8), 'mono')
            sink.write(Result(item.stamp_ns, item.frame_id, item.sequence, item.model, picture,
                              item.poses))
    return str(path)
