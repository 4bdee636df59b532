"""The node that people write first, to compare with.

Written after the pattern of the public MoveNet and MediaPipe nodes in Python: a typed
subscription of depth 10, the image as cv_bridge gives it, the whole of it turned to RGB
and scaled into the network's square, the runtime with its default settings, a loop over
the keypoints. Like most of them it does not track, does not filter, and reads nobody from
a crop. It is not slowed down: it scales before it pads, logs nothing, and draws only on request.
"""
from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeAlias

import cv2
import numpy as np
import rclpy
from numpy.typing import NDArray
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from sensor_msgs.msg import Image

from movenet_ros.engines.loading import load_network
from movenet_ros.engines.models import find_models_dir
from movenet_ros.msg import Keypoint, PersonPose, PoseArray

SIDE = 192
MIN_SCORE = 0.3
EDGES = ((0, 1), (0, 2), (1, 3), (2, 4), (0, 5), (0, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 6),
         (5, 11), (6, 12), (11, 12), (11, 13), (13, 15), (12, 14), (14, 16))

Pixels: TypeAlias = NDArray[np.uint8]
Run: TypeAlias = Callable[[Pixels], Any]  # RGB -> [17, 3]: y, x, score, 0 to 1


def imgmsg_to_cv2(message: Image) -> Pixels:
    """What cv_bridge does for desired_encoding='bgr8': a view, cut to the width, then a copy."""
    rows = np.ndarray((message.height, message.step // 3, 3), np.uint8, message.data)
    return np.array(rows[:, :message.width], np.uint8)


def cv2_to_imgmsg(pixels: Pixels, header: Any) -> Image:
    """And back."""
    message = Image(header=header, height=pixels.shape[0], width=pixels.shape[1],
                    encoding='bgr8', step=pixels.strides[0])
    message.data.frombytes(pixels.tobytes())
    return message


def with_litert() -> Run:
    """LiteRT, with its default settings; OpenCV scales the image and pads it to a square."""
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(model_path=str(find_models_dir() / 'movenet_lightning.tflite'))
    interpreter.allocate_tensors()
    given, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def run(rgb: Pixels) -> Any:
        small = np.expand_dims(letterbox(rgb), 0).astype(given['dtype'])
        interpreter.set_tensor(given['index'], small)
        interpreter.invoke()
        return interpreter.get_tensor(result['index'])[0, 0]

    return run


def letterbox(rgb: Pixels) -> Any:
    """The image scaled into the network's square."""
    height, width = rgb.shape[:2]
    scale = SIDE / max(height, width)
    small: Any = cv2.resize(rgb, (round(width * scale), round(height * scale)))
    below, right = SIDE - small.shape[0], SIDE - small.shape[1]
    return cv2.copyMakeBorder(small, below // 2, below - below // 2, right // 2,
                              right - right // 2, cv2.BORDER_CONSTANT)


def with_tensorflow() -> Run:
    """TensorFlow, on all CPUs, which also scales and pads, as its MoveNet tutorial does.

    The graph is that of our Keras engine, which runs as one from TensorFlow Hub does.
    """
    os.environ['KERAS_BACKEND'] = 'tensorflow'
    import tensorflow as tf
    network = load_network('lightning', engine='keras', device='cpu',
                           threads=os.cpu_count() or 1)

    def run(rgb: Pixels) -> Any:
        small = tf.image.resize_with_pad(tf.expand_dims(rgb, 0), SIDE, SIDE)
        return network.infer(tf.cast(small, tf.uint8).numpy())[0]

    return run


class StraightforwardNode(Node):
    """Images in, poses out.

    Parameters: `runtime`, litert or tensorflow; `draw`, whether to publish every image
    with the keypoints drawn on it.
    """

    def __init__(self) -> None:
        super().__init__('straightforward')
        runtime: Any = self.declare_parameter('runtime', 'litert').value
        self.draw: Any = self.declare_parameter('draw', False).value
        self.run = with_tensorflow() if runtime == 'tensorflow' else with_litert()
        self.poses = self.create_publisher(PoseArray, 'poses', 10)
        self.annotated = self.create_publisher(Image, 'annotated', 10)
        self.create_subscription(Image, 'image', self.on_image, 10)

    def on_image(self, message: Image) -> None:
        """Answers an image."""
        bgr = imgmsg_to_cv2(message)
        rgb: Any = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        person = self.person(self.run(rgb), message.width, message.height)
        self.poses.publish(PoseArray(header=message.header, width=message.width,
                                     height=message.height, model='lightning', poses=[person]))
        if self.draw:
            self.annotated.publish(cv2_to_imgmsg(annotate(bgr, person), message.header))

    def person(self, rows: NDArray[np.float32], width: int, height: int) -> PersonPose:
        """From the network's rows to pixels of the image."""
        longest = max(width, height)
        left, top = (longest - width) / 2, (longest - height) / 2
        person = PersonPose(id=1)
        for index in range(len(rows)):
            y, x, score = rows[index]
            person.keypoints[index] = Keypoint(
                x=float(x * longest - left), y=float(y * longest - top), score=float(score))
        sure = [k for k in person.keypoints if k.score > MIN_SCORE]
        if sure:
            person.score = sum(k.score for k in sure) / len(sure)
            person.x_min, person.x_max = min(k.x for k in sure), max(k.x for k in sure)
            person.y_min, person.y_max = min(k.y for k in sure), max(k.y for k in sure)
        return person


def annotate(bgr: Pixels, person: PersonPose) -> Pixels:
    """Draws the sure keypoints and what joins them, in place."""
    points = [(int(k.x), int(k.y)) for k in person.keypoints]
    sure = [k.score > MIN_SCORE for k in person.keypoints]
    for a, b in EDGES:
        if sure[a] and sure[b]:
            cv2.line(bgr, points[a], points[b], (0, 255, 0), 2)
    for point, good in zip(points, sure, strict=True):
        if good:
            cv2.circle(bgr, point, 4, (0, 0, 255), -1)
    return bgr


def main() -> None:
    """The entry point."""
    rclpy.init()
    node = StraightforwardNode()
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        node.destroy_node()
        rclpy.try_shutdown()


if __name__ == '__main__':
    main()
