// Draws the figures that the page around this frame hands over. Runs in a sandbox, where it can load and send nothing.
const figure = document.getElementById("figure");
// The outlines of maps would be fetched. With these, that hold none, a map shows what the figure itself has.
const layers = ["coastlines", "countries", "lakes", "land", "ocean", "rivers", "subunits"];
const objects = Object.fromEntries(layers.map((name) => [name, { type: "GeometryCollection", geometries: [] }]));
window.PlotlyGeoAssets = { topojson: new Proxy({}, { get: () => ({ type: "Topology", arcs: [], objects }) }) };

const config = { displaylogo: false, responsive: true };

addEventListener("message", async (event) => {
  if (event.source !== parent) return;
  const { data, layout, frames } = event.data;
  document.body.style.background = layout.paper_bgcolor;
  try {
    await Plotly.react(figure, { data, layout, frames, config });
    parent.postMessage({ drawn: true }, "*");
  } catch (error) {
    parent.postMessage({ failed: String(error) }, "*");
  }
});

parent.postMessage({ ready: true }, "*");
