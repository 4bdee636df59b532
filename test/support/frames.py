"""What is in the frames of a source."""


def grey_levels(frames):
    """The mean of each picture, rounded."""
    return [round(frame.picture().pixels.mean()) for frame in frames]
