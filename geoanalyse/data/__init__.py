"""Public tables that ship with the package."""
