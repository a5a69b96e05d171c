"""Prepare the outlines behind the maps: src/technopole/data/map/*.geojson from public-domain files.

    python scripts/build_map.py land-110m.json land.geojson --south -60
    python scripts/build_map.py states-10m.json us_states.geojson --object states --tolerance 0.04

The input is TopoJSON (npm packages world-atlas, us-atlas) or anything GeoPandas reads (Natural Earth's own files).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
import shapely.affinity
from shapely.geometry import MultiPolygon, Polygon, box, mapping

MAPS = Path(__file__).resolve().parents[1] / "src" / "technopole" / "data" / "map"
Point = tuple[float, float]


def arcs(topology: dict[str, Any]) -> list[list[Point]]:
    """Decode the delta-encoded, quantised arcs of a TopoJSON file."""
    (scale_x, scale_y), (move_x, move_y) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    decoded: list[list[Point]] = []
    for arc in topology["arcs"]:
        x = y = 0
        line: list[Point] = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * scale_x + move_x, y * scale_y + move_y))
        decoded.append(line)
    return decoded


def rings(indices: list[list[int]], decoded: list[list[Point]]) -> list[list[Point]]:
    """Join arcs to closed rings; ~i is arc i backwards."""
    joined: list[list[Point]] = []
    for ring in indices:
        points: list[Point] = []
        for index in ring:
            arc = decoded[index] if index >= 0 else decoded[~index][::-1]
            points += arc[1:] if points else arc
        joined.append(points)
    return joined


def topojson_polygons(topology: dict[str, Any], name: str) -> Iterator[list[list[Point]]]:
    """Yield each polygon of an object as its rings."""
    decoded = arcs(topology)
    shape = topology["objects"][name]
    for geometry in shape.get("geometries", [shape]):
        if geometry["type"] == "Polygon":
            yield rings(geometry["arcs"], decoded)
        elif geometry["type"] == "MultiPolygon":
            for polygon in geometry["arcs"]:
                yield rings(polygon, decoded)


def unrolled(ring: list[Point]) -> list[Point]:
    """Let a ring that crosses 180 degrees run on beyond it."""
    out = [ring[0]]
    for x, y in ring[1:]:
        last = out[-1][0]
        out.append((x - 360 * round((x - last) / 360), y))
    return out


def cut(polygon: list[list[Point]]) -> MultiPolygon:
    """Cut a polygon at 180 degrees east and west; one that circles a pole is closed at the pole."""
    shell, *holes = [unrolled(ring) for ring in polygon]
    turn = shell[-1][0] - shell[0][0]
    if abs(turn) > 180:
        pole = -90.0 if shell[0][1] < 0 else 90.0
        shell += [(shell[-1][0], pole), (shell[0][0], pole)]
    whole = shapely.make_valid(Polygon(shell, holes))
    parts = [
        shapely.affinity.translate(whole.intersection(box(-180 + turn, -90, 180 + turn, 90)), -turn)
        for turn in (-360, 0, 360)
    ]
    return as_polygons(shapely.union_all(parts))


def as_polygons(geometry: Any) -> MultiPolygon:
    """Keep the areas of whatever an overlay returned."""
    found = [part for part in shapely.get_parts(geometry, return_index=False) if part.geom_type == "Polygon"]
    return MultiPolygon(found)


def outlines(path: Path, name: str) -> MultiPolygon:
    """Read the polygons of a file, whatever its format."""
    if path.suffix == ".json":
        topology = json.loads(path.read_text(encoding="utf-8"))
        if topology.get("type") == "Topology":
            polygons = [cut(polygon) for polygon in topojson_polygons(topology, name)]
            return MultiPolygon([part for polygon in polygons for part in polygon.geoms])
    frame = gpd.read_file(path).to_crs(4326)
    return as_polygons(shapely.union_all(shapely.get_parts(frame.geometry.to_numpy())))


def prepared(shape: MultiPolygon, *, south: float, tolerance: float, smallest: float) -> MultiPolygon:
    """Clip, simplify with shared borders kept, drop specks, and round to 0.01 degree (about 1 km)."""
    clipped = [part.intersection(box(-180, south, 180, 90)) for part in shape.geoms]
    parts = [part for piece in clipped for part in as_polygons(piece).geoms if part.area >= smallest]
    if tolerance:
        parts = list(shapely.coverage_simplify(parts, tolerance))
    rounded = shapely.set_precision(parts, 0.01)
    kept = [part for piece in rounded for part in as_polygons(piece).geoms]
    ordered = sorted(
        shapely.orient_polygons(kept), key=lambda part: (*(round(v, 2) for v in part.bounds), part.area)
    )
    return MultiPolygon(ordered)


def main() -> None:
    """Read the arguments and write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("target", help="file name under src/technopole/data/map, or a path")
    parser.add_argument("--object", default="land", help="the TopoJSON object to take")
    parser.add_argument(
        "--south", type=float, default=-90.0, help="leave out what lies south of this latitude"
    )
    parser.add_argument("--tolerance", type=float, default=0.0, help="simplify by this many degrees")
    parser.add_argument(
        "--smallest", type=float, default=0.0, help="drop parts below this many square degrees"
    )
    given = parser.parse_args()
    shape = outlines(given.source, given.object)
    shape = prepared(shape, south=given.south, tolerance=given.tolerance, smallest=given.smallest)
    coordinates = [
        [[[round(x, 2), round(y, 2)] for x, y in ring] for ring in polygon]
        for polygon in mapping(shape)["coordinates"]
    ]
    target = MAPS / given.target
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"type": "MultiPolygon", "coordinates": coordinates}, separators=(",", ":"))
    target.write_text(text + "\n", encoding="utf-8", newline="\n")
    print(f"{target.name}: {len(coordinates)} polygons, {len(text):,} bytes")


if __name__ == "__main__":
    main()
