/** The script of pages that stand alone: draws the data that lies in the page. */

import { mount } from "svelte";
import "../app.css";
import { answerWith } from "../api/client";
import { offlineTransport } from "../offline/answers";
import { offlineData, readData } from "./data";
import { figureFrame } from "./figureFrame";
import StaticPage from "./StaticPage.svelte";

const source = document.getElementById("data");
const target = document.getElementById("app");
if (source === null || target === null) throw new Error("The page has no elements with the ids `data` and `app`.");

const data = readData(source.textContent ?? "");
answerWith({ ...offlineTransport(offlineData(data)), figureFrame });

export default mount(StaticPage, { target, props: { data } });
