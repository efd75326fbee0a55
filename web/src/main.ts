import { mount } from "svelte";
import "./app.css";
import App from "./App.svelte";
import { router } from "./state/router.svelte";

router.start();

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no element with the id `app`.");

const isGallery = /^\/gallery(\/|$)/.test(location.pathname);

export default isGallery
  ? import("./gallery/main").then(({ showGallery }) => showGallery(target))
  : mount(App, { target });
