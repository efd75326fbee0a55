import { expect, test } from "vitest";
import { parseCloud, projection } from "./pointCloud";

test("points, classes and colours are read", () => {
  const plain = parseCloud({
    points: [
      [0, 0, 0],
      [2, 0, 0],
    ],
  });
  expect(plain.center).toEqual([1, 0, 0]);
  expect(plain.radius).toBe(1);
  expect([...parseCloud({ points: [[0, 0, 0, 3]] }).slots]).toEqual([3]);
  expect([...(parseCloud({ points: [[0, 0, 0, 9, 8, 7]] }).colors ?? [])]).toEqual([9, 8, 7]);
  expect(() => parseCloud({})).toThrow("not a point cloud");
});

test("a box has twelve edges, a vector is one line", () => {
  const corners = Array.from({ length: 8 }, (_, i) => [i & 1, (i >> 1) & 1, i >> 2]);
  const cloud = parseCloud({ points: [], boxes: [{ corners }], vectors: [{ start: [0, 0, 0], end: [1, 1, 1] }] });
  expect(cloud.segments).toHaveLength(13);
  const lengths = cloud.segments.slice(0, 12).map(({ from, to }) => Math.hypot(...from.map((a, i) => a - to[i])));
  expect(lengths.every((length) => length === 1)).toBe(true);
});

test("seen from the front x goes right and z up; a quarter turn brings y to the right", () => {
  const cloud = parseCloud({
    points: [
      [-1, 0, 0],
      [1, 0, 0],
    ],
  });
  const [px, py] = projection(cloud, { turn: 0, tip: 0, zoom: 1 }, 200, 200)(1, 0, 0);
  expect([px, py]).toEqual([192, 100]);
  expect(projection(cloud, { turn: 0, tip: 0, zoom: 1 }, 200, 200)(0, 0, 1)[1]).toBeCloseTo(8, 9);
  expect(projection(cloud, { turn: Math.PI / 2, tip: 0, zoom: 1 }, 200, 200)(0, 1, 0)[0]).toBeCloseTo(192, 9);
  const near = projection(cloud, { turn: 0, tip: 0, zoom: 1 }, 200, 200);
  expect(near(0, -1, 0)[2]).toBeLessThan(near(0, 1, 0)[2]);
});
