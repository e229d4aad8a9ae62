"""Look into the demo with geopandas: which zones stand out, and where they lie.

    python examples/verken_demo.py

Everything here comes from the published table: a release in Python holds nothing that its files may not hold.
"""

import geoanalyse

if __name__ == "__main__":
    release = geoanalyse.build("zuidoost")
    print("DEMO: verzonnen gegevens")
    zones = release.frame("zone", "fiu-signalen")
    hot = zones[zones["hotspot"] == "hotspot"]
    hectares = hot.to_crs(28992).area.sum() / 10_000
    print(f"{len(hot)} van {len(zones)} zones liggen in een hotspot, samen {hectares:.0f} hectare.")
    print("De hoogste vijf, met het bereik waarin het echte aantal ligt:")
    print(hot.nlargest(5, "ratio")[["zone", "addresses", "low", "high", "ratio"]].to_string(index=False))

    print("Wijken naar het totaalbeeld witwassen (1 is het gemiddelde):")
    wijken = release.frame("wijk", "thema:witwassen").nlargest(3, "ratio")
    for code, ratio in zip(wijken["zone"], wijken["ratio"], strict=True):
        print(f"  {release.geography.regions.name(code)}: {ratio:.1f}")
