"""The weights of the networks, read from the LiteRT files without LiteRT."""
