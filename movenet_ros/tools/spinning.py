"""Spins the node of a program: by the program, or in a thread while it does something else."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from movenet_ros.ros.executor import create_executor


@contextmanager
def spun_node(name: str) -> Iterator[tuple[Node, SingleThreadedExecutor]]:
    """A node and what spins it, for as long as the block lasts; signals are left to the program."""
    with ExitStack() as stack:
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        stack.callback(rclpy.try_shutdown)
        node = rclpy.create_node(name)
        stack.callback(node.destroy_node)
        executor = create_executor()
        stack.callback(executor.shutdown)
        executor.add_node(node)
        yield node, executor


@contextmanager
def spinning(node: Node) -> Iterator[None]:
    """Spins a node in a thread for as long as the block lasts, e.g. to answer its service calls."""
    executor = create_executor(node.context)
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
