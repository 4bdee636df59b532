"""Two nodes in one namespace, on one camera, each with names of its own."""
import numpy as np
import pytest
from support.process import NodeProcess
from support.ros import Peer, image

BLANK = image(np.zeros((48, 64, 3), np.uint8))


@pytest.fixture(scope='module')
def nodes():
    with NodeProcess('-r __ns:=/robot -r __node:=one -r image:=/camera/image_raw',
                     autostart='true') as one, \
            NodeProcess('-r __ns:=/robot -r __node:=two -r image:=/camera/image_raw '
                        '-r ~/poses:=/people', autostart='true') as two:
        for node in (one, two):
            node.wait_for_line('active: ')
        yield


def test_two_nodes_on_one_camera(nodes):
    peer = Peer()
    camera = peer.camera('/camera/image_raw')
    try:
        with peer.poses('/robot/one/poses') as ones, peer.poses('/people') as twos:
            for came in (ones, twos):
                camera.prime(came)
            camera.publish(BLANK, frame_id='both')
            for came in (ones, twos):
                peer.until(lambda came=came: [p for p in came if p.header.frame_id == 'both'],
                           'both answers')
            assert peer.node.count_publishers('/robot/two/poses') == 0
            assert peer.transition('deactivate', '/robot/one')
            ones.clear()
            camera.show(BLANK, twos, frame_id='after')
            assert twos[-1].header.frame_id == 'after'
            assert (peer.state('/robot/one'), peer.state('/robot/two')) == ('inactive', 'active')
            assert ones == []
    finally:
        peer.close()
