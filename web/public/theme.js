// Runs before the first paint, so that a dark page never flashes white. The page's policy forbids inline scripts.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("kerascope.theme");
  } catch (error) {
    // Storage may be forbidden; then the system's wish counts.
  }
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
})();
