import { expect, test } from "vitest";
import { fittingSize, isBoxSeen, opacityOf, overlayClasses, parseImages, PLAIN_LOOK, spreadPlaces } from "./images";

const image = { _type: "image-file", sha256: "ab", format: "png", width: 200, height: 100 };

test("one image and a list of images read alike", () => {
  expect(parseImages(image).map((one) => one.sha256)).toEqual(["ab"]);
  expect(parseImages({ _type: "images/separated", items: [image, { ...image, sha256: "cd" }] }).length).toBe(2);
  expect(parseImages(3)).toEqual([]);
});

test("boxes are parts of the image, given by corners or middle, in parts or pixels", () => {
  const boxes = [
    { position: { minX: 0.1, maxX: 0.5, minY: 0.2, maxY: 0.4 }, class_id: 1 },
    { position: { middle: [100, 50], width: 40, height: 20 }, domain: "pixel", class_id: 2 },
  ];
  const [parsed] = parseImages({ ...image, boxes: { truth: { box_data: boxes, class_labels: { "1": "cat" } } } });
  const [first, second] = parsed.boxes[0].boxes;
  expect(first).toMatchObject({ left: 0.1, top: 0.2, caption: "cat" });
  expect(first.width).toBeCloseTo(0.4);
  expect(second).toMatchObject({ left: 0.4, top: 0.4, width: 0.2, height: 0.2, classId: 2 });
});

test("overlay classes are listed once, by layer and number", () => {
  const mask = (labels: object) => ({ sha256: "m", class_labels: labels });
  const images = parseImages({
    items: [
      { ...image, masks: { pred: mask({ "2": "b", "1": "a" }) } },
      { ...image, masks: { pred: mask({ "1": "a" }), truth: mask({ "1": "a" }) } },
    ],
  });
  expect(overlayClasses(images).map((entry) => entry.id)).toEqual(["pred/1", "pred/2", "truth/1"]);
});

test("boxes are cut by their score, those without one stay", () => {
  const box = (score: number | null) => ({ left: 0, top: 0, width: 1, height: 1, classId: 1, caption: "", score });
  const look = { ...PLAIN_LOOK, score: 0.5 };
  expect([0.4, 0.5, null].map((score) => isBoxSeen(look, "truth", box(score)))).toEqual([false, true, true]);
  expect(isBoxSeen({ ...PLAIN_LOOK, off: ["truth/1"] }, "truth", box(1))).toBe(false);
});

test("a class has its own opacity, else that of all, and none when it is off", () => {
  const look = { ...PLAIN_LOOK, opacity: 0.4, opacities: { "a/1": 0.9 }, off: ["a/3"] };
  expect(["a/1", "a/2", "a/3"].map((id) => opacityOf(look, id))).toEqual([0.9, 0.4, 0]);
});

test("few large images fill the room, many or small ones keep their size", () => {
  const of = (count: number, width: number, height: number) =>
    parseImages({ items: Array(count).fill({ ...image, width, height }) });
  expect(fittingSize(of(3, 300, 200), 746, 220)).toBe(242);
  expect(fittingSize(of(1, 1000, 1000), 746, 300)).toBe(242);
  expect(fittingSize(of(1, 1000, 1000), 400, 900)).toBe(400);
  expect(fittingSize(of(40, 300, 200), 746, 220)).toBe(96);
  expect(fittingSize(of(3, 8, 8), 746, 220)).toBe(96);
  expect(fittingSize([], 746, 220)).toBe(96);
});

test("places are spread evenly with both ends", () => {
  expect(spreadPlaces(3, 8)).toEqual([0, 1, 2]);
  expect(spreadPlaces(101, 5)).toEqual([0, 25, 50, 75, 100]);
});
