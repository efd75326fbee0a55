/** Colour tokens as numbers, for canvases that are drawn pixel by pixel. */

import { token } from "../state/theme.svelte";

/** Red, green and blue of a token, 0 to 255; reads the theme. */
export function rgbOf(name: string): [number, number, number] {
  const [red, green, blue] = (token(name).match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}
