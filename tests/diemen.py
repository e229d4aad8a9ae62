"""Own data of Diemen: a part of the demo that reads and builds in seconds."""

from pathlib import Path

import numpy as np
import pandas as pd

from geoanalyse import grid
from geoanalyse.geography import shipped_regions


def keep_diemen(folder: Path) -> None:
    """Leave of a written demo what happened in Diemen, as if it were one's own data; it has no zones yet."""
    base = pd.read_csv(folder / "adressen.csv", sep=";", dtype=str)
    cells = grid.cells_at(base["oost"].astype(float), base["noord"].astype(float))
    base = base[np.isin(cells, shipped_regions().under("GM0384"))]
    base.to_csv(folder / "adressen.csv", sep=";", index=False)
    for file in folder.glob("*.csv"):
        if file.stem != "adressen":
            rows = pd.read_csv(file, sep=";", dtype=str)
            rows[rows["sleutel"].isin(base["sleutel"])].to_csv(file, sep=";", index=False)
    (folder / "leegstand.csv").unlink()  # kept by Amsterdam alone
    grondslag = (folder / "grondslag.toml").read_text(encoding="utf-8")
    assert "\ndemo = true\n" in grondslag
    (folder / "grondslag.toml").write_text(grondslag.replace("demo = true\n", ""), encoding="utf-8", newline="\n")
