/** Weighs parameters off the page's thread. */

import { importances, type ImportanceTask } from "../model/importance";

addEventListener("message", (event: MessageEvent<ImportanceTask>) => postMessage(importances(event.data)));
