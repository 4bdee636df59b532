"""Poses of recordings: from the images of a source to the results that sinks take."""
