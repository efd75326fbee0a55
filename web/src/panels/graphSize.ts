/** The size of a layer's box; apart from the layout, so that drawing does not wait for dagre. */

export const NODE_WIDTH = 210;
export const NODE_HEIGHT = 58;
