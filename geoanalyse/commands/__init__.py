"""One module per command; heavy imports stand inside the functions, so that ``--help`` answers at once."""
