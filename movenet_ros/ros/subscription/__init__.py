"""The subscription to a camera's images, and advice when none arrive."""
