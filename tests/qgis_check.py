"""What QGIS itself makes of a GeoPackage; for the Python that has QGIS: ``python3 qgis_check.py PACKAGE PICTURES``.

Prints one JSON object: per layer what QGIS shows without anybody doing anything. Pictures are PNGs, one per layer and
one per style of a layer. No part of geoanalyse is imported here: this is another program that opens the file.
"""
# ruff: noqa: ANN001, ANN201 - QGIS and its types are not there when the others are checked

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

_WIDTH, _HEIGHT = 900, 700


def rules(layer):
    """Give label, filter and colours of every rule of the renderer."""
    renderer = layer.renderer()
    if renderer is None or renderer.type() != "RuleRenderer":
        return []
    return [
        {
            "label": rule.label(),
            "filter": rule.filterExpression(),
            "fills": [part.fillColor().name() for part in rule.symbol().symbolLayers()],
            "brushes": [int(part.brushStyle()) for part in rule.symbol().symbolLayers()],
            "outline": rule.symbol().symbolLayer(0).strokeColor().name(),
        }
        for rule in renderer.rootRule().children()
    ]


def aliases(layer):
    """Give what QGIS shows above each column."""
    return {field.name(): layer.attributeDisplayName(place) for place, field in enumerate(layer.fields())}


def metadata(layer):
    """Give what the tab Information of a layer shows."""
    told = layer.metadata()
    spatial = [
        [round(value) for value in (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())]
        for box in (each.bounds for each in told.extent().spatialExtents())
    ]
    periods = [
        [each.begin().date().toString("yyyy-MM-dd"), each.end().date().toString("yyyy-MM-dd")]
        for each in told.extent().temporalExtents()
    ]
    return {
        "identifier": told.identifier(),
        "parent": told.parentIdentifier(),
        "title": told.title(),
        "abstract": told.abstract(),
        "language": told.language(),
        "constraints": {each.type: each.constraint for each in told.constraints()},
        "rights": told.rights(),
        "licenses": told.licenses(),
        "history": told.history(),
        "contacts": [[each.name, each.organization, each.role] for each in told.contacts()],
        "crs": told.crs().authid(),
        "spatial": spatial,
        "extent crs": [each.extentCrs.authid() for each in told.extent().spatialExtents()],
        "temporal": periods,
        "links": len(told.links()),
    }


def picture(layer, path):
    """Draw the layer as it opens; gives how many pixels have each colour, the most common first."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(_WIDTH, _HEIGHT))
    extent = layer.extent()
    extent.scale(1.05)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(str(path))
    colours = {}
    for row in range(0, _HEIGHT, 2):
        for column in range(0, _WIDTH, 2):
            name = image.pixelColor(column, row).name()
            colours[name] = colours.get(name, 0) + 1
    errors = [f"{error.layerID}: {error.message}" for error in job.errors()]
    return {"colours": dict(sorted(colours.items(), key=lambda each: -each[1])[:40]), "errors": errors}


def looked_at(package, name, pictures):
    """Open one layer and say what QGIS shows."""
    layer = QgsVectorLayer(f"{package}|layername={name}", name, "ogr")
    count, ids, names, _, message = layer.listStylesInDatabase()
    found = {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "features": layer.featureCount(),
        "rows": sum(1 for _ in layer.getFeatures()),
        "geometries": sum(1 for each in layer.getFeatures() if each.hasGeometry() and not each.geometry().isEmpty()),
        "invalid": sum(1 for each in layer.getFeatures() if each.hasGeometry() and not each.geometry().isGeosValid()),
        "extent": [round(value) for value in layer.extent().toRectF().getCoords()],
        "spatial index": int(layer.hasSpatialIndex()),
        "aliases": aliases(layer),
        "types": {field.name(): field.typeName() for field in layer.fields()},
        "renderer": layer.renderer().type() if layer.renderer() else "",
        "rules": rules(layer),
        "legend": [item.label() for item in layer.renderer().legendSymbolItems()] if layer.renderer() else [],
        "styles": names[:count],
        "style errors": message,
        "metadata": metadata(layer),
        "picture": picture(layer, pictures / f"{name}.png"),
    }
    found["other styles"] = {}
    for number, style in zip(ids[1:count], names[1:count], strict=True):
        qml, _ = layer.getStyleFromDatabase(number)
        document = QDomDocument()
        document.setContent(qml)
        loaded, _ = layer.importNamedStyle(document)
        drawn = picture(layer, pictures / f"{name}-{style}.png")
        found["other styles"][style] = {
            "loaded": loaded,
            "rules": rules(layer),
            "aliases": aliases(layer),
            "picture": drawn,
        }
    return found


def main():
    """Look at every layer of a package."""
    package, pictures = sys.argv[1], Path(sys.argv[2])
    messages = []
    application = QgsApplication([], False)  # noqa: FBT003 - no windows
    application.initQgis()
    application.messageLog().messageReceived.connect(lambda text, tag, level: messages.append(f"{tag} {level}: {text}"))
    gdal.UseExceptions()
    source = gdal.OpenEx(package, gdal.OF_VECTOR)
    names = [source.GetLayer(place).GetName() for place in range(source.GetLayerCount())]
    places = [name for name in names if source.GetLayerByName(name).GetGeomType() != 100]  # 100: no geometry
    found = {name: looked_at(package, name, pictures) for name in places}
    QgsProject.instance().clear()
    sys.stdout.write(json.dumps({"layers": found, "messages": messages}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS may crash while it cleans up, after all is said


if __name__ == "__main__":
    main()
