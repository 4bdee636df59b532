"""The fields of foxglove_msgs/ImageAnnotations, as of foxglove_msgs 3.4.

A recording holds the definitions of its messages, so the package need not be installed.
"""
from __future__ import annotations

FOXGLOVE_MSGS = {
    'ImageAnnotations': """
        builtin_interfaces/Time timestamp
        foxglove_msgs/CircleAnnotation[] circles
        foxglove_msgs/PointsAnnotation[] points
        foxglove_msgs/TextAnnotation[] texts
        foxglove_msgs/KeyValuePair[] metadata""",
    'CircleAnnotation': """
        builtin_interfaces/Time timestamp
        foxglove_msgs/Point2 position
        float64 diameter
        float64 thickness
        foxglove_msgs/Color fill_color
        foxglove_msgs/Color outline_color
        foxglove_msgs/KeyValuePair[] metadata""",
    'PointsAnnotation': """
        builtin_interfaces/Time timestamp
        uint8 UNKNOWN=0
        uint8 POINTS=1
        uint8 LINE_LOOP=2
        uint8 LINE_STRIP=3
        uint8 LINE_LIST=4
        uint8 type
        foxglove_msgs/Point2[] points
        foxglove_msgs/Color outline_color
        foxglove_msgs/Color[] outline_colors
        foxglove_msgs/Color fill_color
        float64 thickness
        foxglove_msgs/KeyValuePair[] metadata""",
    'TextAnnotation': """
        builtin_interfaces/Time timestamp
        foxglove_msgs/Point2 position
        string text
        float64 font_size
        foxglove_msgs/Color text_color
        foxglove_msgs/Color background_color
        foxglove_msgs/KeyValuePair[] metadata""",
    'Point2': """
        float64 x
        float64 y""",
    'Color': """
        float64 r
        float64 g
        float64 b
        float64 a""",
    'KeyValuePair': """
        string key
        string value""",
}
"""The text of each message, by its name."""
