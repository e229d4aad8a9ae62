"""``python cli.py``: the command line from a checkout."""

from geoanalyse.cli import main

if __name__ == "__main__":
    main()
