"""Makes the model files of this package from the published TensorFlow.js graphs."""
