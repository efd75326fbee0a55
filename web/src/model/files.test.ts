import { expect, test } from "vitest";
import { imageType, previewKind } from "./files";
import { parseFiles } from "./mediaFiles";

test("a file is shown by its name", () => {
  expect(["a/b.PNG", "x.wav", "y.mp4", "z.html", "train.py", "model.keras"].map(previewKind)).toEqual([
    "image",
    "audio",
    "video",
    "html",
    "text",
    "none",
  ]);
  expect([imageType("jpg"), imageType("png")]).toEqual(["image/jpeg", "image/png"]);
});

test("media files are asked for with a type the server knows", () => {
  const file = (path: string) => ({ _type: "x-file", sha256: "ab", path });
  expect(parseFiles(file("media/audio/a_0_ab.wav"))[0]).toMatchObject({
    kind: "audio",
    type: "audio/wav",
    name: "a_0_ab.wav",
  });
  expect(parseFiles({ items: [file("a.mp4"), file("b.bin")] }).map((one) => one.kind)).toEqual(["video", "other"]);
});

test("every sound and film that can be logged is played, and webm is what it was logged as", () => {
  const kinds = (type: string, suffixes: string[]) =>
    suffixes.map((suffix) => parseFiles({ _type: type, sha256: "ab", path: `a.${suffix}` })[0].kind);
  const sounds = kinds("audio-file", ["wav", "mp3", "ogg", "oga", "flac", "m4a", "aac", "opus", "webm"]);
  expect(new Set(sounds)).toEqual(new Set(["audio"]));
  expect(kinds("video-file", ["mp4", "webm", "ogv", "gif"])).toEqual(["video", "video", "video", "moving"]);
});
