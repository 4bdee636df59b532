"""The Keras engine: whole batches on a GPU, the decoding included."""
