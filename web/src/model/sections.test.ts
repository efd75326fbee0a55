import { expect, test } from "vitest";
import type { MetricKey } from "../api/types";
import { axisFor } from "./axis";
import { keyMatcher, panelTitle, sections, shortKey } from "./sections";

const key = (name: string, kind = "number", hidden = false): MetricKey => ({
  key: name,
  kind,
  hidden,
  run_count: 1,
  point_count: 1,
  last_step: 0,
  step_metric: null,
  goal: null,
});

test("keys are grouped by prefix, metrics first; a metric stands beside its validation twin", () => {
  const names = ["train/lr", "val_accuracy", "loss", "epoch", "accuracy", "val_loss", "_step", "a/b/c"];
  expect(sections(names.map((name) => key(name))).map((group) => [group.name, group.keys.map((k) => k.key)])).toEqual([
    ["metrics", ["loss", "val_loss", "accuracy", "val_accuracy", "epoch"]],
    ["a", ["a/b/c"]],
    ["train", ["train/lr"]],
  ]);
});

test("hidden keys are left out; media come behind lines", () => {
  const keys = [key("examples", "images/separated"), key("loss"), key("secret", "number", true)];
  expect(sections(keys)[0].keys.map((k) => k.key)).toEqual(["loss", "examples"]);
});

test("a search is a regular expression, or plain text when it is none", () => {
  expect(["loss", "val_loss", "lr"].filter(keyMatcher("^(val_)?LOSS$"))).toEqual(["loss", "val_loss"]);
  expect(["a[0", "b"].filter(keyMatcher("a["))).toEqual(["a[0"]);
});

test("only the first part of a key is its section", () => {
  expect([shortKey("gradients/dense/kernel"), shortKey("loss"), shortKey("/x")]).toEqual([
    "dense/kernel",
    "loss",
    "/x",
  ]);
});

test("system metrics are over time, other metrics over their own step or what was chosen", () => {
  const defined = { ...key("val/loss"), step_metric: "epoch" };
  expect([axisFor(key("system/cpu"), "epoch"), axisFor(key("system/cpu"), "time")]).toEqual(["relative", "time"]);
  expect([axisFor(defined, null), axisFor(defined, "step"), axisFor(key("loss"), null)]).toEqual([
    "epoch",
    "step",
    "step",
  ]);
});

test("system metrics are called in words with their units, the accelerator and the process first", () => {
  expect(
    [
      "cpu.percent",
      "cpu.load_1m",
      "gpu.0.memory_mb",
      "gpu.1.temperature_c",
      "disk.read_mb_s",
      "process.cpu_percent",
    ].map((name) => panelTitle(`system/${name}`)),
  ).toEqual([
    "CPU (%)",
    "CPU load (1 min)",
    "GPU 0 memory (MiB)",
    "GPU 1 temperature (°C)",
    "Disk read (MiB/s)",
    "Process CPU (%)",
  ]);
  expect(panelTitle("val/accuracy_percent")).toBe("accuracy_percent");
  const keys = ["cpu.percent", "network.sent_mb_s", "process.memory_mb", "gpu.0.percent", "odd"].map((name) =>
    key(`system/${name}`),
  );
  expect(sections(keys)[0].keys.map((one) => shortKey(one.key))).toEqual([
    "gpu.0.percent",
    "process.memory_mb",
    "cpu.percent",
    "network.sent_mb_s",
    "odd",
  ]);
});
