"""What goes wrong in the long run: each fault is a function of the rig and a source of chance."""
import os
import select
import signal
import subprocess
import sys
import time

from rclpy.event_handler import PublisherEventCallbacks
from sensor_msgs.msg import CompressedImage, Image
from support.paths import TESTS
from support.ros import best_effort
from support.soak.images import ANSWERED, REJECTED

EACH = 0.4  # s, for each kind of image
IMAGE_TIMEOUT = 1.0  # s, as the parameter of the node

SUBSCRIBER = """
import rclpy
from sensor_msgs.msg import Image
from movenet_ros.msg import PoseArray
rclpy.init()
node = rclpy.create_node('subscriber')
printed = set()
def hear(kind):
    if kind not in printed:
        printed.add(kind)
        print(kind, flush=True)
    return None
node.create_subscription(PoseArray, '/movenet/front/poses', lambda _: hear('poses'), 10)
node.create_subscription(Image, '/movenet/front/overlay', lambda _: hear('overlay'), 1)
rclpy.spin(node)
"""


def bad_images(rig, chance):
    """Images of every bad sort; none is processed."""
    for kind in chance.sample(list(REJECTED), len(REJECTED)):
        begun = rig.play(kind=kind)
        rig.peer.spin(EACH)
        ended = rig.play()
        rig.recover()
        processed = [rig.processed(name, begun[name][1], ended[name][1]) for name in rig.cameras]
        assert not any(processed), f'{kind} was processed'


def other_formats(rig, chance):
    """Encodings and sizes change in the middle; every sort is processed."""
    for kind in chance.sample(list(ANSWERED), len(ANSWERED)):
        rig.recover(kind=kind)
        rig.peer.spin(EACH)


def stamps(rig, chance):
    """Stamps go back, are paused, are far ahead, or nought."""
    commands = ['back', 'equal', 'future', 'zero']
    chance.shuffle(commands)
    for command in commands:
        rig.play(stamps=command)
        rig.peer.spin(EACH)


def burst(rig, chance):
    """200 images a second from each camera."""
    rig.play(rate=200.0)
    rig.peer.spin(2.0)


def camera_killed(rig, chance):
    """A camera is killed and started again."""
    name = chance.choice(list(rig.cameras))
    rig.settle()
    rig.play()
    rig.peer.spin(EACH)
    rig.forget(name)
    rig.cameras[name].kill()
    rig.restart_camera(name)


def subscriber_killed(rig, chance):
    """Somebody who has the poses and the overlay is killed and comes back."""
    for end in ('kill', 'terminate'):
        process = subprocess.Popen([sys.executable, '-c', SUBSCRIBER], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, cwd=TESTS)
        said = b''
        try:
            while said.count(b'\n') < 2:
                rig.peer.until(lambda process=process: _can_be_read(process.stdout),
                               'poses and overlays for the subscriber')
                said += os.read(process.stdout.fileno(), 100)
        finally:
            getattr(process, end)()
            process.wait()
            process.stdout.close()


def _can_be_read(stream):
    return select.select([stream], [], [], 0)[0]


def camera_frozen(rig, chance):
    """A camera is paused for a second."""
    camera = rig.cameras[chance.choice(list(rig.cameras))]
    camera.freeze()
    rig.peer.spin(1.0)
    camera.thaw()


def node_frozen(rig, chance):
    """The node itself is paused for a second."""
    rig.node.process.send_signal(signal.SIGSTOP)
    rig.peer.spin(1.0)
    rig.node.process.send_signal(signal.SIGCONT)


def reactivated(rig, chance):
    """Deactivated and activated while images come."""
    rig.settle()
    rig.play()
    rig.forget()
    _transitions(rig, 'deactivate', 'activate')


def reconfigured(rig, chance):
    """All the way down and up, with a configure that fails on the way."""
    rig.settle()
    rig.play()
    rig.forget()
    _transitions(rig, 'deactivate', 'cleanup')
    assert rig.peer.set(models_dir='/nowhere') == []
    assert not rig.peer.transition('configure')
    assert rig.peer.state() == 'unconfigured'
    assert rig.peer.set(models_dir='') == []
    _transitions(rig, 'configure', 'activate')


def _transitions(rig, *labels):
    for label in labels:
        assert rig.peer.transition(label), label


def wrong_transitions(rig, chance):
    """Transitions that an active node has to reject."""
    for label in ('configure', 'activate', 'cleanup'):
        assert not rig.peer.transition(label), label
    assert rig.peer.state() == 'active'


def parameters(rig, chance):
    """Live changes, and some that have to be rejected."""
    assert rig.peer.set(filter__beta=chance.uniform(10.0, 100.0)) == []
    assert rig.peer.set(min_pose_score=chance.uniform(0.2, 0.3), overlay__boxes=False) == []
    for rejected in ({'min_pose_score': 2.0}, {'model': 'thunder'}, {'min_pose_score': 'high'},
                    {'min_pose_score': float('nan')}):
        assert len(rig.peer.set(**rejected)) == 1, rejected
    [score] = rig.peer.get('min_pose_score')
    assert 0.2 <= score <= 0.3


def incompatible_camera(rig, chance):
    """A publisher that offers less than the node asks for: the node says what to change."""
    name = next(n for n, kind in rig.reliability.items() if kind == 'reliable')
    _stranger(rig, name, Image, f'a publisher on /{name}/image offers another reliability')


def other_type(rig, chance):
    """A publisher of another type on the topic: nothing comes of it."""
    _stranger(rig, chance.choice(list(rig.cameras)), CompressedImage, '')


def _stranger(rig, name, kind, warning):
    said = rig.node.text.count(warning)
    publisher = rig.peer.node.create_publisher(
        kind, f'/{name}/image', best_effort(),
        event_callbacks=PublisherEventCallbacks(use_default_callbacks=False))
    try:
        for _ in range(10):
            publisher.publish(kind())
            rig.peer.spin(0.05)
        if warning:
            rig.peer.until(lambda: rig.node.text.count(warning) > said, 'a warning')
    finally:
        rig.peer.node.destroy_publisher(publisher)


def silence(rig, chance):
    """No images at all: the node says so on /diagnostics, and what to check."""
    for camera in rig.cameras.values():
        camera.pause()
    end = time.monotonic() + IMAGE_TIMEOUT
    name = chance.choice(list(rig.cameras))
    rig.peer.until(lambda: rig.status(name).level == b'\x02', 'a report of the silence')
    assert time.monotonic() > end - 0.5
    assert 'is matched' in rig.status(name).message


ALL = (bad_images, other_formats, stamps, burst, camera_killed, subscriber_killed, camera_frozen,
       node_frozen, reactivated, reconfigured, wrong_transitions, parameters,
       incompatible_camera, other_type, silence)
