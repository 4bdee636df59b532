"""The messages of other packages that the node fills: vision_msgs 4 and hri_msgs 2.

The real ones where they are installed; otherwise classes made from their field lists.
"""
from importlib import import_module
from importlib.util import find_spec

from support.message_classes import MessageClasses

VISION_MSGS = {
    'Detection2DArray': 'std_msgs/Header header\nDetection2D[] detections',
    'Detection2D': 'std_msgs/Header header\nObjectHypothesisWithPose[] results\n'
                   'BoundingBox2D bbox\nstring id',
    'ObjectHypothesisWithPose': 'ObjectHypothesis hypothesis\n'
                                'geometry_msgs/PoseWithCovariance pose',
    'ObjectHypothesis': 'string class_id\nfloat64 score',
    'BoundingBox2D': 'Pose2D center\nfloat64 size_x\nfloat64 size_y',
    'Pose2D': 'Point2D position\nfloat64 theta',
    'Point2D': 'float64 x\nfloat64 y',
    'Detection3DArray': 'std_msgs/Header header\nDetection3D[] detections',
    'Detection3D': 'std_msgs/Header header\nObjectHypothesisWithPose[] results\n'
                   'BoundingBox3D bbox\nstring id',
    'BoundingBox3D': 'geometry_msgs/Pose center\ngeometry_msgs/Vector3 size',
}
HRI_MSGS = {
    'IdsList': 'std_msgs/Header header\nstring[] ids',
    'Skeleton2D': 'std_msgs/Header header\nNormalizedPointOfInterest2D[18] skeleton',
    'NormalizedPointOfInterest2D': 'float32 x\nfloat32 y\nfloat32 c',
    'NormalizedRegionOfInterest2D': 'std_msgs/Header header\nfloat32 xmin\nfloat32 ymin\n'
                                    'float32 xmax\nfloat32 ymax\nfloat32 c',
}
TEXTS = {'vision_msgs': VISION_MSGS, 'hri_msgs': HRI_MSGS}


class InstalledMessages:
    """A package of messages that is installed, like `MessageClasses`."""

    def __init__(self, package):
        self.messages = import_module(f'{package}.msg')

    def copy(self, message):
        """A message as a subscriber gets it: serialized and read again."""
        from rclpy.serialization import deserialize_message, serialize_message
        return deserialize_message(serialize_message(message), type(message))


def from_field_lists(package):
    """A package from its field lists."""
    return MessageClasses(package, TEXTS[package])


def every_way(package):
    """A package in every way that is possible here."""
    installed = [InstalledMessages(package)] if find_spec(package) else []
    return [from_field_lists(package), *installed]
