"""Where somebody points.

The direction is that from the eyes to the wrist, not that from the shoulder. People who point bring
eye, finger and target into one line (Herbort and Kunde, "Spatial (mis-)interpretation of pointing
gestures to distal referents", 2016). Their arm leads above and beside the target then, by 20 to 30
degrees, because the shoulder is not where the eyes are. The line from head to hand is also what
robots have used (Nickel and Stiefelhagen, "Pointing gesture recognition based on 3D-tracking of
face, hands and head orientation", 2003). An arm that points is stretched, so the wrist is close to
the line from the eyes to the finger.
"""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.gestures.bodies import EYES, HEAD, WRISTS, Floats, known_mean, lengths


def pointing_directions(points: NDArray[np.floating], visible: NDArray[np.bool_],
                        active: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Unit vectors from the eyes to the wrists of arms that point.

    Args:
        points: float [N,17,D], keypoints in the image (D = 2), or in the optical frame (D = 3).
        visible: bool [N,17].
        active: bool [N,2], whether the left and right arms point.

    Returns:
        float32 [N,2,D]; NaN where an arm does not point, or its wrist or the head is not visible.
        Where neither eye is visible, as from behind, the other keypoints of the head replace them.
    """
    known = np.where(visible[:, :, None], points, np.nan).astype(np.float64)
    eyes, head = known_mean(known[:, EYES]), known_mean(known[:, HEAD])
    start = np.where(np.isnan(eyes), head, eyes)
    line: Floats = known[:, WRISTS] - start[:, None]
    length = lengths(line)[:, :, None]
    unit = line / np.where(length > 0, length, np.nan)
    return np.where(active[:, :, None], unit, np.nan).astype(np.float32)
