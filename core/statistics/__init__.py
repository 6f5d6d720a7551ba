"""What a labelled image set looks like in numbers: class maps, properties of the handwriting, a map
of every image.
"""
