"""The page of `movenet view`: what a running node or a recording shows, in a browser."""
