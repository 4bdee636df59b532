"""A bag for the tests of this folder."""
import pytest


@pytest.fixture(params=['mcap', 'sqlite3'])
def bag(request, tmp_path):
    """A bag folder with five images."""
    # Imported late, as rosbags may not be installed.
    from rosbags.rosbag2 import StoragePlugin
    from support.bags import image, write
    images = [('/image', image(i)) for i in range(5)]
    return write(tmp_path / 'bag', images, StoragePlugin[request.param.upper()])
