"""One chosen person: selection, following, and re-identification by the torso's colours."""
