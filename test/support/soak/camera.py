"""A camera in a process of its own that follows commands, and counts what it publishes.

As a program, `python -m support.soak.camera NAME RELIABILITY`: each line on stdin is a command,
each is processed by a line on stdout.
"""
import json
import queue
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass

from support.paths import TESTS

NANOSECONDS = 10**9
AWAY = 3600 * NANOSECONDS

STAMPS = {
    'now': lambda now, began: now,
    'back': lambda now, began: now - AWAY,
    'equal': lambda now, began: began,
    'future': lambda now, began: now + AWAY,
    'zero': lambda now, began: 0,
}


@dataclass(frozen=True)
class Command:
    """What to publish from now on.

    Attributes:
        kind: Of the images, see `images`.
        rate: How many a second [Hz].
        stamps: Which, see `STAMPS`.
        count: How many; None for ever.
    """

    kind: str = 'good'
    rate: float = 30.0
    stamps: str = 'now'
    count: int | None = None


class CameraProcess:
    """The camera from the outside.

    Attributes:
        name: Its images are on `/NAME/image`.
        process: The process.
    """

    def __init__(self, peer, name, reliability='best_effort'):
        """Starts it, and waits for a subscriber."""
        self.peer, self.name = peer, name
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'support.soak.camera', name, reliability], cwd=TESTS,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answers = []
        threading.Thread(target=self._read, daemon=True).start()
        self._await(1)

    def _read(self):
        for line in self.process.stdout:
            self._answers.append(json.loads(line))

    def _await(self, number):
        self.peer.until(lambda: len(self._answers) >= number, f'the camera {self.name}')
        return self._answers[-1]

    def command(self, *arguments, **named):
        """Sends a command; returns number and time [ns] of the first image that follows it."""
        number = len(self._answers) + 1
        print(json.dumps(asdict(Command(*arguments, **named))), file=self.process.stdin, flush=True)
        answer = self._await(number)
        return answer['number'], answer['at']

    def pause(self):
        """Publishes nothing more; returns how many images there have been."""
        return self.command(count=0)[0] - 1

    def freeze(self):
        """Stops the process, as a debugger or a busy machine would."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """Lets it go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        """Kills it, without a chance to say so to anybody."""
        self.process.kill()
        self.close()

    def close(self):
        """Ends it."""
        self.process.stdin.close()
        self.process.wait()


class Camera:
    """The camera from the inside."""

    def __init__(self, name, reliability):
        import rclpy
        from rclpy.qos import QoSProfile, QoSReliabilityPolicy
        from sensor_msgs.msg import Image
        rclpy.init()
        self.node = rclpy.create_node(f'camera_{name}')
        self.publisher = self.node.create_publisher(Image, f'{name}/image', QoSProfile(
            depth=1, reliability=QoSReliabilityPolicy[reliability.upper()]))
        self.name, self.number, self._command = name, 0, Command(count=0)
        self._began = self._due = 0.0
        self._left = 0

    def run(self, commands):
        """Follows commands, until there are no more (None)."""
        while True:
            try:
                command = commands.get(timeout=self._patience())
            except queue.Empty:
                self._publish()
                continue
            if command is None:
                return
            self._begin(command)

    def close(self):
        """Leaves, and says so to the others."""
        import rclpy
        self.node.destroy_node()
        rclpy.shutdown()

    def _patience(self):
        return None if self._left == 0 else max(0.0, self._due - time.monotonic())

    def _begin(self, command):
        self._command, self._began = command, time.time_ns()
        self._left = -1 if command.count is None else command.count
        self._due = time.monotonic()
        print(json.dumps({'number': self.number + 1, 'at': self._began}), flush=True)

    def _publish(self):
        from support.soak.images import messages
        # Who is late by more than an image leaves it out.
        now, period = time.monotonic(), 1 / self._command.rate
        self._due = max(self._due + period, now - period)
        self.number += 1
        self._left -= 1
        kind = messages(self._command.kind)
        message, at = kind[self.number % len(kind)], time.time_ns()
        stamp = STAMPS[self._command.stamps](at, self._began)
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp, NANOSECONDS)
        message.header.frame_id = f'{self.name} {self.number} {at}'
        self.publisher.publish(message)


def main(name, reliability):
    """The program."""
    from support.soak.images import messages
    camera = Camera(name, reliability)
    messages('good')
    while not camera.publisher.get_subscription_count():
        time.sleep(0.001)
    commands = queue.SimpleQueue()

    def read():
        for line in sys.stdin:
            commands.put(Command(**json.loads(line)))
        commands.put(None)

    threading.Thread(target=read, daemon=True).start()
    print(json.dumps({'number': 0, 'at': time.time_ns()}), flush=True)
    camera.run(commands)
    camera.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
