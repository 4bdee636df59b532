"""Some hundred inputs of each property, the same every time; fuzz.py tries more."""
import pytest
from hypothesis import HealthCheck, given, settings
from support.properties import PROPERTIES

SOME = settings(max_examples=300, derandomize=True, deadline=None, database=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


# A library below writes to stderr, which cannot be switched off.
@pytest.mark.parametrize('name', PROPERTIES)
def test_a_right_result_or_an_error_of_our_own(name, capfd):
    check, arguments = PROPERTIES[name]
    SOME(given(**arguments)(check))()
