"""Answers a node's service calls while its own program does something else."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.task import Future


@contextmanager
def spinning(node: Node) -> Iterator[None]:
    """Spins a node in a thread for as long as the block lasts."""
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    done: Future[None] = Future()
    thread = threading.Thread(target=executor.spin_until_future_complete, args=[done], daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Not executor.shutdown() first: it would destroy what the thread is waiting on.
        done.set_result(None)
        executor.wake()
        thread.join()
        executor.shutdown()
