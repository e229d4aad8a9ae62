// Last in line: start when the page is there.

import { start } from "./page.js";

start();
