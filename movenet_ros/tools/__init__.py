"""Programs beside the node: players of recordings, and what the demo needs."""
