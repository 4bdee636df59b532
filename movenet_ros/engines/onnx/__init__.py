"""The networks as ONNX files, made from the shipped weights, and what their runtimes share."""
