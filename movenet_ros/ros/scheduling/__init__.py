"""When the images of the cameras are processed, and which of them share a run of a network.

- inline, for one camera: each image when it is received;
- batched, for several on an engine that gains from batches: those received together, at once;
- pipelined, for several on any other engine: the network runs on one image while the next is
  prepared.
"""
