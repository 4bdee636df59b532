"""Pictures of one astronaut or several, in RGB, as the networks take them."""

import cv2
import numpy as np
from support.paths import DATA


def astronaut(height, width):
    """One, upright: uint8 [height,width,3]."""
    picture = cv2.imread(str(DATA / 'astronaut.jpg'), cv2.IMREAD_COLOR)
    return cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), (width, height))


def two_astronauts(side):
    """One and its mirror image, each half as wide as the picture: uint8 [side,side,3]."""
    one = astronaut(side // 2, side // 2)
    edge = side // 4
    return np.pad(np.concatenate([one, one[:, ::-1]], axis=1), ((edge, edge), (0, 0), (0, 0)))


def eight_astronauts():
    """Eight in a row, each darker than the one before: uint8 [96,768,3].

    So no two centers are equally strong: which of those comes first differs between backends.
    """
    one = astronaut(96, 96)
    return np.concatenate([cv2.convertScaleAbs(one, alpha=1 - 0.05 * i) for i in range(8)], axis=1)
