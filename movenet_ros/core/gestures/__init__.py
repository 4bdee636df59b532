"""Gestures, posture and joint angles of the people in a stream of images; see `recognition`."""
