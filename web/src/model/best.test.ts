import { expect, test } from "vitest";
import { bestOrder, isLowerBetter } from "./best";
import type { TableColumn } from "./columns";

const column = (name: string, kind = "number"): TableColumn => ({ name, label: name, kind, width: 100 });
const noGoal = () => null;

test.each([
  ["summary.val_loss", null, true],
  ["summary.val/accuracy", null, false],
  ["summary.top5_acc", null, false],
  ["summary.speed", null, null],
  ["summary.speed", "maximize", false],
  ["summary.accuracy", "minimize", true],
])("%s with goal %s: lower is better is %s", (name, goal, expected) => {
  expect(isLowerBetter(name, goal)).toBe(expected);
});

test("the best run is told by the address, else by the first validation result", () => {
  const columns = [column("config.loss"), column("summary.loss"), column("summary.val_accuracy")];
  expect(bestOrder(null, columns, noGoal)).toEqual({ field: "summary.val_accuracy", descending: true });
  const sections = [column("summary.batch/accuracy"), column("summary.epoch/val_loss")];
  expect(bestOrder(null, sections, noGoal)).toEqual({ field: "summary.epoch/val_loss", descending: false });
  expect(bestOrder("-summary.speed", columns, noGoal)).toEqual({ field: "summary.speed", descending: true });
  expect(bestOrder("none", columns, noGoal)).toBeNull();
  expect(bestOrder(null, [column("summary.speed")], noGoal)).toBeNull();
});
