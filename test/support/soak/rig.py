"""The node, its cameras and a witness, each in a process of its own; the witness is this one."""
import time
from bisect import bisect_left
from dataclasses import dataclass, field

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.event_handler import SubscriptionEventCallbacks
from support.process import NodeProcess
from support.ros import Peer, values_of
from support.soak.camera import CameraProcess

from movenet_ros.msg import PoseArray

SETTLED = 0.3  # s, for the answer to a single image
REPORT_PERIOD = 0.2  # s
RECOVERY_DEADLINE = 20.0  # s
FATES = ('processed', 'skipped', 'lost', 'rejected', 'failed')


@dataclass(frozen=True)
class Answer:
    """A PoseArray as it came.

    Attributes:
        number: Of the image, by its camera's count.
        published, received: When the image went out and the answer came [ns since the epoch].
    """

    number: int
    published: int
    received: int

    @property
    def latency(self):
        """From the camera to here [s]."""
        return (self.received - self.published) / 1e9


@dataclass(frozen=True)
class Mark:
    """Where a camera stood when all of its images were accounted for.

    Attributes:
        camera: Who counted.
        sent: Images it had published.
        counts: What the node had counted, by `images ...` on /diagnostics.
        answers: Answers that had come here.
    """

    camera: CameraProcess
    sent: int
    counts: dict
    answers: int


@dataclass
class Account:
    """Where a camera's images have gone, over all stretches that could be counted."""

    sent: int = 0
    processed: int = 0
    skipped: int = 0
    lost: int = 0
    rejected: int = 0
    failed: int = 0
    uncounted: int = 0
    lost_answers: int = 0
    stretches: int = 0
    causes: dict = field(default_factory=dict)


class Rig:
    """Everything that runs, and what is known of it.

    Attributes:
        peer: The witness.
        node: The node's process.
        cameras: By name.
        answers: Those that came, by camera.
        accounts: By camera.
    """

    def __init__(self, names, reliable=(), **parameters):
        """Starts the node with cameras of these names; those in `reliable` offer and ask for it."""
        self.peer = Peer()
        self.reliability = {
            name: 'reliable' if name in reliable else 'best_effort' for name in names}
        overrides = [f'-p qos_overrides./{name}/image.subscription.reliability:=reliable'
                     for name in reliable]
        self.node = NodeProcess(*overrides, cameras=f'[{",".join(names)}]', autostart=True, **{
            'diagnostics.period': REPORT_PERIOD, **parameters})
        self.answers = {name: [] for name in names}
        self.accounts = {name: Account() for name in names}
        self._marks, self._statuses, self._reports = {}, {}, 0
        self._listen()
        self.node.wait_for_line(f'poses on /movenet/{names[-1]}/poses')
        self.cameras = {name: self._camera(name) for name in names}
        self.peer.until(lambda: self._reports, 'a report')

    def _camera(self, name):
        return CameraProcess(self.peer, name, self.reliability[name])

    def _listen(self):
        quiet = SubscriptionEventCallbacks(use_default_callbacks=False)
        self._subscriptions = [self.peer.node.create_subscription(
            PoseArray, f'/movenet/{name}/poses', self._receive, 1000, event_callbacks=quiet)
            for name in self.answers]
        self._subscriptions.append(self.peer.node.create_subscription(
            DiagnosticArray, '/diagnostics', self._report, 100, event_callbacks=quiet))

    def _receive(self, message):
        now = time.time_ns()
        name, number, at = message.header.frame_id.split()
        self.answers[name].append(Answer(int(number), int(at), now))

    def _report(self, message):
        self._reports += 1
        for status in message.status:
            name = status.name.removeprefix('movenet: ').removesuffix('/poses')
            self._statuses[name] = status

    def close(self):
        """Ends everything; returns the node's exit code."""
        for camera in self.cameras.values():
            camera.close()
        code = self.node.stop()[0]
        self.peer.close()
        return code

    def restart_camera(self, name):
        """A new process for a camera that was killed; returns what its start took [s]."""
        began = time.time()
        self.cameras[name] = self._camera(name)
        return time.time() - began

    def play(self, **command):
        """Gives all cameras a command; returns the number and time of each one's first image."""
        return {name: camera.command(**command) for name, camera in self.cameras.items()}

    def recover(self, kind='good'):
        """Plays images, and waits until each camera's are processed; the longest wait [s]."""
        begun = {name: at for name, (_, at) in self.play(kind=kind).items()}
        return max(self._first_answer(name, at) for name, at in begun.items())

    def _first_answer(self, name, at):
        """How long after a time [ns] the first answer came to an image published since [s]."""
        answers = self.answers[name]
        self.peer.until(lambda: answers and answers[-1].published >= at,
                        f'an answer to {name}', RECOVERY_DEADLINE)
        since = bisect_left(answers, at, key=lambda answer: answer.published)
        return (answers[since].received - at) / 1e9

    def processed(self, name, begin, end):
        """How many images that a camera published between two times [ns] have been processed."""
        first, last = (bisect_left(self.answers[name], at, key=lambda answer: answer.published)
                       for at in (begin, end))
        return last - first

    def status(self, name):
        """The next status of a camera."""
        before = self._reports
        # The first may have been on its way already.
        self.peer.until(lambda: self._reports >= before + 2, 'two reports')
        return self._statuses[name]

    def settle(self):
        """Waits until every image is accounted for, and books what has come since the last time."""
        sent = {name: self._last_processed(camera) for name, camera in self.cameras.items()}
        self.status(next(iter(sent)))
        for name, camera in self.cameras.items():
            counts = {key.removeprefix('images '): int(value) for key, value in
                      values_of(self._statuses[name]).items() if key.startswith('images ')}
            mark = Mark(camera, sent[name], counts, len(self.answers[name]))
            if name in self._marks:
                self._book(self.accounts[name], self._marks[name], mark)
            self._marks[name] = mark

    def forget(self, *names):
        """From here to the next `settle` nothing can be counted: the one who counts is gone."""
        for name in names or self.cameras:
            self._marks.pop(name, None)

    def _last_processed(self, camera):
        """Sends single good images until one is processed; returns how many have been sent."""
        camera.pause()
        answers = self.answers[camera.name]
        while True:
            number, at = camera.command(count=1)
            end = time.monotonic() + SETTLED
            while time.monotonic() < end:
                if answers and answers[-1].published >= at:
                    return number
                self.peer.executor.spin_once(timeout_sec=0.02)
            assert self.node.process.poll() is None, 'the node is gone'

    @staticmethod
    def _book(account, before, after):
        def change(key):
            return after.counts.get(key, 0) - before.counts.get(key, 0)
        sent = after.sent - before.sent
        account.stretches += 1
        account.sent += sent
        for key in FATES:
            setattr(account, key, getattr(account, key) + change(key))
        account.uncounted += abs(sent - sum(map(change, FATES)))
        account.lost_answers += abs(change('processed') - (after.answers - before.answers))
        for key in after.counts:
            if key.startswith('rejected: ') and change(key):
                cause = key.removeprefix('rejected: ')
                account.causes[cause] = account.causes.get(cause, 0) + change(key)
