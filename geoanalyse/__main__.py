"""``python -m geoanalyse``."""

from geoanalyse.cli import main

if __name__ == "__main__":
    main()
