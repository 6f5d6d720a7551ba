"""Statistics of a labelled image set: class maps, handwriting properties, a 2-D map of images."""
