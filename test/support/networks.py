"""Networks for tests that show the same pictures to them again and again."""
import hashlib

from movenet_ros.core.network import REFERENCE_PEOPLE, Networks


class RememberingNetwork:
    """Runs each input once: an output depends on nothing else, see test_engine_conformance.py."""

    def __init__(self, network):
        self._network, self._outputs = network, {}
        self.info, self.close = network.info, network.close

    def infer(self, pictures, center_weight=None, max_people=REFERENCE_PEOPLE):
        weight = b'' if center_weight is None else center_weight.tobytes()
        content = hashlib.blake2b(pictures.tobytes() + weight).digest()
        key = content, pictures.shape, pictures.dtype, max_people, center_weight is None
        if key not in self._outputs:
            self._outputs[key] = self._network.infer(pictures, center_weight, max_people)
        return self._outputs[key].copy()


def remembering(networks):
    """The networks of a configuration, each of which runs each input once."""
    return Networks(*(network and RememberingNetwork(network)
                      for network in (networks.main, networks.refine)))
