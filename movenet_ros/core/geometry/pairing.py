"""Which depth image belongs to which poses, by stamps alone."""
