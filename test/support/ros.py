"""A peer in the test's own process, for a node in another: they meet over DDS only."""
import contextlib
import time
from array import array

import cv2
import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import Parameter
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    SetParameters,
    SetParametersAtomically,
)
from rclpy.context import Context
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter as RosParameter
from rclpy.qos import QoSDurabilityPolicy, QoSProfile, QoSReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.msg import PoseArray, PoseInfo

DEADLINE = 20.0
LATCHED = QoSProfile(depth=1, durability=QoSDurabilityPolicy.TRANSIENT_LOCAL)


def best_effort(depth=1):
    return QoSProfile(depth=depth, reliability=QoSReliabilityPolicy.BEST_EFFORT)


class Peer:
    """Another participant: a camera, a subscriber and a lifecycle manager in one."""

    def __init__(self, target='/movenet'):
        self.context = Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('peer', context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.target = target
        self._clients = {}

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)

    def until(self, condition, what='the condition', deadline=DEADLINE):
        """Spins until `condition` gives something, which is returned."""
        end = time.monotonic() + deadline
        while not (value := condition()):
            assert time.monotonic() < end, f'waited {deadline} s for {what}'
            self.executor.spin_once(timeout_sec=0.02)
        return value

    def spin(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.executor.spin_once(timeout_sec=left)

    def call(self, kind, service, request, target=None, patience=2.0):
        """Calls a service; again, if no answer comes in `patience` seconds.

        The server may discover the client's reader of answers after its request.
        """
        client = self._client(kind, service, target or self.target)
        self.until(client.service_is_ready, client.srv_name)
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            future = client.call_async(request)
            soon = time.monotonic() + patience
            while not future.done() and time.monotonic() < soon:
                self.executor.spin_once(timeout_sec=0.02)
            if future.done():
                return future.result()
        raise AssertionError(f'no answer of {client.srv_name}')

    def _client(self, kind, service, target):
        name = f'{target}/{service}'
        if name not in self._clients:
            self._clients[name] = self.node.create_client(kind, name)
        return self._clients[name]

    def transition(self, label, target=None):
        self.state(target)
        request = ChangeState.Request()
        request.transition.label = label
        # Not to be asked for twice. But by now the other service has answered.
        return self.call(ChangeState, 'change_state', request, target, DEADLINE).success

    def state(self, target=None):
        # Created before, so that the server knows of it when it knows of the next.
        self._client(ChangeState, 'change_state', target or self.target)
        return self.call(GetState, 'get_state', GetState.Request(), target).current_state.label

    def bring_to(self, state):
        """Takes the node from any state but finalized to this one."""
        ups = ['unconfigured', 'inactive', 'active']
        while (now := self.state()) != state:
            up = ups.index(state) > ups.index(now)
            steps = ('configure', 'activate') if up else (None, 'cleanup', 'deactivate')
            assert self.transition(steps[ups.index(now)])

    def set(self, atomically=False, **values):
        """Sets parameters (`__` for the dot); returns the reasons of what was rejected."""
        parameters = [RosParameter(name.replace('__', '.'), value=value).to_parameter_msg()
                      for name, value in values.items()]
        return self.set_messages(parameters, atomically)

    def set_messages(self, parameters: list[Parameter], atomically=False):
        if atomically:
            kind, service = SetParametersAtomically, 'set_parameters_atomically'
            answer = self.call(kind, service, kind.Request(parameters=parameters))
            results = [answer.result]
        else:
            kind, service = SetParameters, 'set_parameters'
            results = self.call(kind, service, kind.Request(parameters=parameters)).results
        return [result.reason for result in results if not result.successful]

    def get(self, *names):
        answer = self.call(GetParameters, 'get_parameters', GetParameters.Request(names=names))
        return [rclpy.parameter.parameter_value_to_python(value) for value in answer.values]

    def describe(self, *names):
        request = DescribeParameters.Request(names=names)
        return self.call(DescribeParameters, 'describe_parameters', request).descriptors

    def camera(self, topic='image', kind=Image, qos=None, node=None):
        return Camera(self, topic, kind, qos or best_effort(), node or self.node)

    @contextlib.contextmanager
    def listening(self, topic, kind, qos=10, matched=True):
        """A list that fills with what comes on a topic."""
        came = []
        # rclpy's own callbacks use what rclpy has deprecated
        quiet = SubscriptionEventCallbacks(use_default_callbacks=False)
        subscription = self.node.create_subscription(
            kind, topic, came.append, qos, event_callbacks=quiet)
        if matched:
            self.until(lambda: self.node.count_publishers(topic), f'a publisher on {topic}')
        yield came
        self.node.destroy_subscription(subscription)

    def poses(self, topic='/movenet/poses'):
        return self.listening(topic, PoseArray, 1000)

    def infos(self):
        return self.listening('/movenet/pose_info', PoseInfo, LATCHED)

    def diagnostics(self):
        return self.listening('/diagnostics', DiagnosticArray)


class Camera:
    """Publishes pictures and waits for what comes of them."""

    def __init__(self, peer, topic, kind, qos, node):
        self.peer, self.node = peer, node
        self.publisher = node.create_publisher(
            kind, topic, qos, event_callbacks=PublisherEventCallbacks(use_default_callbacks=False))
        self.count = 0

    def close(self):
        self.node.destroy_publisher(self.publisher)

    def publish(self, message, frame_id='camera', stamp=None):
        self.count += 1
        seconds = 1000.0 + self.count / 30 if stamp is None else stamp
        message.header.frame_id = frame_id
        message.header.stamp.sec = int(seconds)
        message.header.stamp.nanosec = int(seconds % 1 * 1e9)
        self.publisher.publish(message)
        return message

    def prime(self, came):
        """Publishes blank images until one comes through, and returns what came of them.

        Each side learns of the other at its own time, and loses what it is sent before.
        """
        blank = image(np.zeros((32, 32, 3), np.uint8))
        if self.publisher.msg_type is CompressedImage:
            blank = jpeg(np.zeros((32, 32, 3), np.uint8))
        end = time.monotonic() + DEADLINE
        while True:
            self.publish(blank, frame_id=f'blank {self.count}')
            soon = time.monotonic() + 0.2
            while time.monotonic() < soon:
                self.peer.executor.spin_once(timeout_sec=0.02)
                if came and came[-1].header.frame_id == blank.header.frame_id:
                    first = list(came)
                    came.clear()
                    return first
            assert time.monotonic() < end, 'no image comes through'

    def show(self, message, came, **header):
        """Publishes one image and waits for the next message in `came`."""
        before = len(came)
        self.publish(message, **header)
        self.peer.until(lambda: len(came) > before, 'an answer to an image')
        return came[before]


def image(pixels, encoding='bgr8'):
    data = array('B')
    data.frombytes(np.ascontiguousarray(pixels).tobytes())
    height, width = pixels.shape[:2]
    return Image(height=height, width=width, encoding=encoding, data=data,
                 step=pixels.nbytes // height)


def jpeg(pixels):
    message = CompressedImage(format='jpeg')
    message.data.frombytes(cv2.imencode('.jpg', pixels)[1].tobytes())
    return message


def values_of(status):
    return {pair.key: pair.value for pair in status.values}
