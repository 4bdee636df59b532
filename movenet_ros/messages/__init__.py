"""Messages that are written as serialized bytes, by the node and into bags alike."""
