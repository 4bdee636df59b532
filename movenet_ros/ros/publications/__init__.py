"""What is published beside the 2-D poses: a small file for each topic."""
