/** How wide a text is drawn, for charts that must know before they draw. */

let context: CanvasRenderingContext2D | null | undefined;
let family = "";

/** The width in pixels in the page's own letters; `style` is weight and size: `550 11.5px`. */
export function textWidth(text: string, style: string): number {
  if (context === undefined) {
    context = document.createElement("canvas").getContext("2d");
    family = getComputedStyle(document.body).fontFamily;
  }
  if (context === null) return 0;
  context.font = `${style} ${family}`;
  return context.measureText(text).width;
}
