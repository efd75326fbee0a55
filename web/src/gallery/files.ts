/** Files of the gallery, written byte by byte: pictures (BMP), sound (WAV), and JSON. Pure. */

export type Bytes = Uint8Array<ArrayBuffer>;

export function jsonFile(value: unknown): Bytes {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** A picture from the colour (red, green, blue; 0 to 255) of each pixel, the first row on top. */
export function bmp(width: number, height: number, color: (x: number, y: number) => readonly number[]): Bytes {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const bytes = new Uint8Array(54 + stride * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = color(x, y);
      bytes.set([blue, green, red], 54 + (height - 1 - y) * stride + x * 3);
    }
  }
  return bytes;
}

/** One channel of 8 bits. */
export function wav(rate_hz: number, samples: readonly number[]): Bytes {
  const bytes = new Uint8Array(44 + samples.length);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  word(0, "RIFF");
  view.setUint32(4, 36 + samples.length, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate_hz, true);
  view.setUint32(28, rate_hz, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  word(36, "data");
  view.setUint32(40, samples.length, true);
  bytes.set(
    samples.map((sample) => Math.round(127.5 + 127 * sample)),
    44,
  );
  return bytes;
}
