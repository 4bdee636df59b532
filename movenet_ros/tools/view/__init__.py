"""`movenet view`: a page in the browser that shows images, poses and the state of the node."""
