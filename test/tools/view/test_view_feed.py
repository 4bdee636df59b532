"""The newest record for every watcher, however slow."""
import threading
import time

from movenet_ros.tools.view.feed import Feed

SOON = 10.0


def test_a_watcher_gets_the_newest_record_at_once():
    feed = Feed()
    feed.publish(b'old')
    feed.publish(b'new')
    with feed.watch() as watcher:
        assert watcher.next(0) == b'new'
        assert watcher.next(0) is None


def test_a_watcher_who_waits_gets_the_next_record():
    feed, got = Feed(), []
    with feed.watch() as watcher:
        thread = threading.Thread(target=lambda: got.append(watcher.next(SOON)))
        thread.start()
        feed.publish(b'one')
        thread.join()
    assert got == [b'one']


def test_who_has_had_the_newest_waits():
    feed = Feed()
    feed.publish(b'one')
    with feed.watch() as watcher:
        assert watcher.next(0) == b'one'
        before = time.monotonic()
        assert watcher.next(0.05) is None
        assert time.monotonic() - before >= 0.05


def test_records_that_a_slow_watcher_has_missed_are_left_out():
    feed = Feed()
    with feed.watch() as slow, feed.watch() as fast:
        taken = []
        for number in range(5):
            feed.publish(b'%d' % number)
            taken.append(fast.next(0))
        assert taken == [b'0', b'1', b'2', b'3', b'4']
        assert slow.next(0) == b'4'
        assert slow.next(0) is None


def test_an_equal_record_is_a_new_one():
    feed = Feed()
    with feed.watch() as watcher:
        feed.publish(b'same')
        assert watcher.next(0) == b'same'
        feed.publish(b'same')
        assert watcher.next(0) == b'same'


def test_watchers_are_counted():
    feed = Feed()
    assert feed.watchers == 0
    with feed.watch(), feed.watch():
        assert feed.watchers == 2
    assert feed.watchers == 0


def test_a_cleared_record_is_not_given_to_those_who_come_later():
    feed = Feed()
    feed.publish(b'old')
    feed.clear()
    with feed.watch() as watcher:
        assert watcher.next(0) is None
        feed.publish(b'new')
        assert watcher.next(0) == b'new'


def test_closing_wakes_all_watchers():
    feed, got = Feed(), []
    with feed.watch() as one, feed.watch() as other:
        threads = [threading.Thread(target=lambda w=watcher: got.append(w.next(SOON)))
                   for watcher in (one, other)]
        for thread in threads:
            thread.start()
        feed.close()
        for thread in threads:
            thread.join(SOON / 2)
        assert got == [None, None]
        assert feed.closed
        feed.publish(b'late')
        assert one.next(SOON) is None


def test_producer_and_watchers_may_be_in_different_threads():
    feed, count = Feed(), 2000
    seen = {number: [] for number in range(3)}
    ready = threading.Barrier(4)

    def watch(number):
        with feed.watch() as watcher:
            ready.wait()
            while (record := watcher.next(SOON)) != b'%d' % (count - 1):
                seen[number].append(int(record))
    threads = [threading.Thread(target=watch, args=(number,)) for number in seen]
    for thread in threads:
        thread.start()
    ready.wait()
    for number in range(count):
        feed.publish(b'%d' % number)
    for thread in threads:
        thread.join()
    for numbers in seen.values():
        assert numbers == sorted(set(numbers))
