"""The engine core: pure functions of plain arrays.

No ROS, no clock, no randomness, no file, no environment.
"""
