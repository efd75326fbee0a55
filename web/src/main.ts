import { mount } from "svelte";
import "./app.css";
import App from "./App.svelte";
import { router } from "./state/router.svelte";

router.start();

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no element with the id `app`.");

export default mount(App, { target });
