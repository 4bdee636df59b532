"""Videos: reading, with the times of their frames, and writing."""
