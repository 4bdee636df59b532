"""The ROS shell around the engine: node, parameters, messages, diagnostics."""
