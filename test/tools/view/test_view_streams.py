"""Streams of records: the newest for each client, and none waits for another."""
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.view import (
    FixedSubject,
    Stream,
    address_of,
    connected,
    read_all,
    read_until,
    served,
)

from movenet_ros.tools.view.handler import RequestHandler
from movenet_ros.tools.view.stream import set_options

RECORD = 50_000


def record(number):
    return number.to_bytes(4, 'big') + bytes(RECORD - 4)


def number_of(data):
    return int.from_bytes(data[:4], 'big')


@pytest.fixture(name='subject')
def _subject():
    return FixedSubject()


@pytest.fixture(name='server')
def _server(subject):
    with served(subject) as running:
        yield running


def start_of_stream(server):
    port = address_of(server)[1]
    return b'GET /stream?camera=front HTTP/1.1\r\nHost: localhost:%d\r\n\r\n' % port


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_client_gets_the_newest_record_at_once(server, subject):
    for number in range(3):
        subject.feeds['front'].publish(record(number))
    stream = Stream(server)
    assert stream.response.status == 200
    assert stream.response.headers['Content-Type'] == 'application/octet-stream'
    assert number_of(stream.record(RECORD)) == 2
    stream.close()


def test_each_record_is_a_chunk(server, subject):
    with connected(server) as connection:
        connection.sendall(start_of_stream(server))
        subject.feeds['front'].publish(b'first')
        received = read_until(connection, b'first\r\n')
        subject.feeds['front'].close()
        received += read_all(connection)
    head, _, body = received.partition(b'\r\n\r\n')
    assert b'Transfer-Encoding: chunked' in head
    assert body == b'5\r\nfirst\r\n0\r\n\r\n'


def test_a_slow_client_does_not_delay_a_fast_one_nor_the_producer(server, subject):
    feed, count = subject.feeds['front'], 200
    slow = connected(server, receive_buffer=4096)
    slow.sendall(start_of_stream(server))
    fast = Stream(server)
    wait_for(lambda: feed.watchers == 2)
    numbers = []
    for number in range(count):
        feed.publish(record(number))
        # Were the producer to wait for the slow client, or records to be queued, this would end.
        numbers.append(number_of(fast.record(RECORD)))
    assert numbers == list(range(count))
    assert feed.watchers == 2
    feed.close()
    # The slow one has not had them all, and of those it had none is older than the one before.
    received = read_all(slow)
    chunks = received.partition(b'\r\n\r\n')[2].split(b'c350\r\n')[1:]
    numbers = [number_of(chunk) for chunk in chunks]
    assert 1 <= len(numbers) < count / 2
    assert numbers == sorted(set(numbers))
    slow.close()
    fast.close()


def test_what_has_not_been_sent_is_left_out_when_a_slow_client_reads_again(server, subject):
    feed = subject.feeds['front']
    with connected(server, receive_buffer=4096) as slow:
        slow.sendall(start_of_stream(server))
        wait_for(lambda: feed.watchers == 1)
        for number in range(1000):
            feed.publish(record(number))
        received = b''
        while number_of(received.rpartition(b'c350\r\n')[2]) != 999:
            received += slow.recv(65536)
    # what fits into the buffers of both sides
    assert received.count(b'c350\r\n') < 20


def test_the_system_keeps_few_records_for_a_client(server):
    with connected(server) as connection:
        set_options(connection)
        # Linux takes it twice, for what it adds
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * 65536


def test_who_stops_reading_is_dropped(subject, monkeypatch, capfd):
    monkeypatch.setattr(RequestHandler, 'timeout', 0.3)
    feed = subject.feeds['front']
    with served(subject) as running, connected(running, receive_buffer=4096) as stopped:
        stopped.sendall(start_of_stream(running))
        wait_for(lambda: feed.watchers == 1)
        for number in range(50):
            feed.publish(record(number))
            if not feed.watchers:
                break
            time.sleep(0.02)
        wait_for(lambda: feed.watchers == 0)
    assert capfd.readouterr() == ('', '')


def test_who_leaves_is_noticed_while_there_is_nothing_to_send(server, subject, capfd):
    stream = Stream(server)
    wait_for(lambda: subject.feeds['front'].watchers == 1)
    stream.close()
    wait_for(lambda: subject.feeds['front'].watchers == 0)
    assert capfd.readouterr() == ('', '')


def test_who_leaves_within_a_record_is_forgotten(server, subject, capfd):
    feed = subject.feeds['front']
    with connected(server, receive_buffer=4096) as leaving:
        leaving.sendall(start_of_stream(server))
        wait_for(lambda: feed.watchers == 1)
        feed.publish(bytes(5_000_000))
        assert leaving.recv(100)
    wait_for(lambda: feed.watchers == 0)
    assert capfd.readouterr() == ('', '')


def test_a_record_comes_at_once_after_a_pause(server, subject, monkeypatch):
    # While nothing comes, the server looks whether the client is still there; that must not block.
    feed = subject.feeds['front']
    stream = Stream(server)
    feed.publish(record(1))
    assert number_of(stream.record(RECORD)) == 1
    time.sleep(0.3)
    before = time.monotonic()
    feed.publish(record(2))
    assert number_of(stream.record(RECORD)) == 2
    assert time.monotonic() - before < RequestHandler.timeout / 2
    stream.close()


def test_a_request_that_follows_a_stream_is_not_answered(server, subject):
    with connected(server) as connection:
        connection.sendall(start_of_stream(server) + start_of_stream(server))
        wait_for(lambda: subject.feeds['front'].watchers == 1)
        subject.feeds['front'].publish(b'last')
        received = read_until(connection, b'last\r\n')
        subject.feeds['front'].close()
        received += read_all(connection)
    assert received.count(b'HTTP/1.1 200') == 1
    assert received.endswith(b'\r\n0\r\n\r\n')


def test_streams_of_several_cameras(server, subject):
    front, rear = Stream(server), Stream(server, 'left/rear')
    for number in range(3):
        subject.feeds['front'].publish(record(number))
        subject.feeds['left/rear'].publish(record(number + 100))
        assert number_of(front.record(RECORD)) == number
        assert number_of(rear.record(RECORD)) == number + 100
    front.close()
    rear.close()


def test_closing_ends_a_stream_at_the_end_of_a_record(subject):
    feed, closed = subject.feeds['front'], threading.Event()

    def produce():
        while not closed.wait(0.001):
            feed.publish(record(1))
    with served(subject) as running, ThreadPoolExecutor() as threads:
        producer = threads.submit(produce)
        stream = Stream(running)
        # raises IncompleteRead if it is cut off
        everything = threads.submit(stream.response.read)
        wait_for(lambda: feed.watchers == 1)
        running.close()
        received = everything.result()
        closed.set()
        producer.result()
        stream.close()
    assert len(received) % RECORD == 0


def test_the_page_may_ask_while_it_watches(server, subject):
    # The answer to a slow request of one client keeps nobody else waiting.
    started, go_on = threading.Event(), threading.Event()

    def select(camera, selection):
        started.set()
        assert go_on.wait(10)
        return 'done'
    subject.select = select
    body = b'{"camera": "front", "criterion": "none"}'
    with connected(server) as asking:
        asking.sendall(
            b'POST /target HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: application/json\r\n'
            b'Content-Length: %d\r\nConnection: close\r\n\r\n' % (address_of(server)[1], len(body))
            + body)
        assert started.wait(10)
        stream = Stream(server)
        subject.feeds['front'].publish(record(5))
        assert number_of(stream.record(RECORD)) == 5
        go_on.set()
        assert b'{"message": "done"}' in read_all(asking)
        stream.close()
