"""Pictures in from messages, bags, videos and files; poses out to files and drawings. No ROS."""
