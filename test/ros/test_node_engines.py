"""The node on the other engines for a CPU, over DDS; what they compute is tested without ROS."""
import pytest
from support.astronauts import astronaut
from support.engines import need_engine
from support.ros import image


@pytest.mark.parametrize('engine', ['openvino', 'onnxruntime', 'opencv'])
def test_poses_are_published(peer, engine):
    need_engine(engine)
    peer.bring_to('unconfigured')
    assert peer.set(engine=engine, model='multipose') == []
    peer.bring_to('active')
    camera = peer.camera()
    try:
        with peer.infos() as infos, peer.poses() as came:
            assert peer.until(lambda: infos, 'the pose info')[0].engine.startswith(f'{engine} ')
            camera.prime(came)
            assert len(camera.show(image(astronaut(256, 256)[..., ::-1]), came).poses) == 1
    finally:
        camera.close()
        peer.bring_to('unconfigured')
        assert peer.set(engine='auto', model='lightning') == []
