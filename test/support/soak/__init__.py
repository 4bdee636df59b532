"""A long run with faults: real processes over DDS, and everything they did accounted for."""
