"""A recognizer tested on drawn handwriting: sweeps, hard examples, realism."""
