"""Geometry of the camera: from pixels to directions and points in metres."""
