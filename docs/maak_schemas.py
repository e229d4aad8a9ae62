"""Write the public schemas into docs/schemas/: ``python docs/maak_schemas.py``, after a change of what files hold."""
# ruff: noqa: INP001 - a script beside the pages

from pathlib import Path

from geoanalyse import schemas

FOLDER = Path(__file__).parent / "schemas"


def main() -> None:
    """Write every document; one that has no name any more goes."""
    FOLDER.mkdir(exist_ok=True)
    names = (*schemas.INPUTS, *schemas.OUTPUTS)
    for path in FOLDER.glob("*.json"):
        if path.stem not in names:
            path.unlink()
    for name in names:
        (FOLDER / f"{name}.json").write_text(schemas.text(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
