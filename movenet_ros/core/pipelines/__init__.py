"""The pipelines: one person, several people, and several people each read by a second network."""
