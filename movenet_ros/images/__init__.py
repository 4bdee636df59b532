"""Images as messages hold them: decoding, warnings about them, and drawing on them.

No ROS and no files.
"""
