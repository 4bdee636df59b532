"""Measuring the chain: accuracy on annotated pictures, false people, jitter, lag and identity.

It drives the same `advance` as the node does. What it needs beyond that (pycocotools,
motmetrics, matplotlib) is the extra `evaluate`, imported when it is used.
"""
