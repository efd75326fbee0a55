import { expect, test } from "vitest";
import { localFigure as local } from "./plotlyMaps";
import { isMap } from "./value";

const partOf = (value: unknown, name: string) => (isMap(value) ? value[name] : undefined);
const SHAPES = { type: "FeatureCollection", features: [] };

test("a figure that fetches nothing stays as it is", () => {
  const figure = { data: [{ type: "pie", values: [1] }], layout: { title: "a" } };
  expect(local(figure)).toEqual({ figure, missing: [], isEmpty: false });
  expect(local({ data: [] })).toEqual({ figure: { data: [] }, missing: [], isEmpty: false });
  const plain = { data: [{ type: "scattergeo", lon: [1], lat: [2] }], layout: { geo: { visible: false } } };
  expect(local(plain).missing).toEqual([]);
});

test("a map has a grid where its outlines are missing, and keeps what its author chose", () => {
  const { figure, missing } = local({
    data: [{ type: "scattergeo", lon: [1], lat: [2] }],
    layout: { geo: { scope: "europe", lataxis: { showgrid: false } } },
  });
  expect(missing).toEqual(["background"]);
  expect(partOf(figure.layout, "geo")).toEqual({
    scope: "europe",
    lonaxis: { showgrid: true },
    lataxis: { showgrid: false },
  });
});

test.each(["scattermap", "scattermapbox"])("places on tiles (%s) are drawn on a grid around them", (type) => {
  const subplot = type.replace("scatter", "");
  const { figure, missing } = local({
    data: [{ type, lon: [1], lat: [2], marker: { size: 5 }, subplot: `${subplot}2` }],
    layout: { [`${subplot}2`]: { style: "open-street-map", domain: { x: [0, 0.5] } } },
  });
  expect(missing).toEqual(["background"]);
  expect(figure.data).toEqual([{ type: "scattergeo", lon: [1], lat: [2], marker: { size: 5 }, geo: "geo102" }]);
  expect(partOf(figure.layout, "geo102")).toMatchObject({ fitbounds: "locations", domain: { x: [0, 0.5] } });
});

test("densities on tiles become coloured places, shapes stay shapes", () => {
  const { figure } = local({
    data: [
      { type: "densitymap", lon: [1], lat: [2], z: [3] },
      { type: "choroplethmapbox", geojson: SHAPES, locations: ["a"], z: [1] },
    ],
  });
  expect(figure.data).toMatchObject([
    { type: "scattergeo", mode: "markers", marker: { color: [3] }, geo: "geo101" },
    { type: "choropleth", geojson: SHAPES, geo: "geo101" },
  ]);
});

test("areas with shapes of their own are drawn, areas by name are not", () => {
  const own = local({ data: [{ type: "choropleth", geojson: SHAPES, locations: ["a"], z: [1] }] });
  expect(own).toMatchObject({ isEmpty: false, missing: ["background"] });
  const named = local({ data: [{ type: "choropleth", locations: ["FRA"], z: [1] }] });
  expect(named).toMatchObject({ isEmpty: true });
  const fetched = local({ data: [{ type: "choroplethmap", geojson: "https://example.org/shapes.json" }] });
  expect(fetched.isEmpty).toBe(true);
});

test("of a mixed figure the rest is drawn", () => {
  const { figure, missing, isEmpty } = local({
    data: [
      { type: "scattergeo", locations: ["FRA"] },
      { type: "scattergeo", lon: [1], lat: [2] },
    ],
    layout: { geo: { visible: false } },
  });
  expect(figure.data).toEqual([{ type: "scattergeo", lon: [1], lat: [2] }]);
  expect([missing, isEmpty]).toEqual([["areas"], false]);
});

test("pictures in the figure stay, pictures by address go", () => {
  const images = [{ source: "data:image/png;base64,AA==" }, { source: "https://example.org/a.png" }];
  const { figure, missing } = local({ data: [], layout: { images } });
  expect(partOf(figure.layout, "images")).toEqual([images[0]]);
  expect(missing).toEqual(["pictures"]);
});
