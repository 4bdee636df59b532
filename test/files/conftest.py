"""A bag for the tests of this folder."""
import pytest
from support.bags import STORAGES, image, write


@pytest.fixture(params=STORAGES, ids=['mcap', 'sqlite3'])
def bag(request, tmp_path):
    """A bag folder with five images."""
    return write(tmp_path / 'bag', [('/image', image(i)) for i in range(5)], request.param)
