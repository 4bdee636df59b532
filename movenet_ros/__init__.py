"""MoveNet for ROS 2: people's key points from camera images."""

# The generated message package has the same name and may lie in another folder: find both.
__path__ = __import__('pkgutil').extend_path(__path__, __name__)
