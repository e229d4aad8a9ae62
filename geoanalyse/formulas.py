"""Keep a spreadsheet from running a text of a CSV as a formula, and take that guard away again."""

_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Put a quote before a text that a spreadsheet would run.

    Examples
    --------
    >>> guarded("=1+1"), guarded("'t Veld")
    ("'=1+1", "'t Veld")
    """
    return f"'{text}" if text.startswith(_SIGNS) else text


def unguarded(text: str) -> str:
    """Take that quote away.

    Examples
    --------
    >>> unguarded("'=1+1"), unguarded("'t Veld")
    ('=1+1', "'t Veld")
    """
    return text[1:] if text.startswith("'") and text[1:].startswith(_SIGNS) else text
