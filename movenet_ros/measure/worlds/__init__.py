"""Drawn clips of people who cross and hide each other, with the truth about who is where.

Real people, cut out of annotated pictures, walk over a background. So boxes, ids and keypoints are
known in every image.
"""
