"""Where the classes of the map begin: apart from what computes them, so that a reader of a map needs no statistics."""

CLASS_BREAKS = (1.0, 1.5, 2.0, 3.0)
"""Times the rate of the region."""
COMPOSITE_FLOOR = 0.5
"""A composite below this share of the region's mean is in the lowest class."""
HIGHEST_RATIO = 5.0
"""A layer counts for at most this many times the region's rate, so that one tiny unit cannot fill the score."""
