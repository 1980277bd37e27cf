import { render } from "preact";
import { addressOf } from "./address.js";
import { App } from "./app.js";
import { Kept } from "./kept/kept.js";
import { followTheme } from "./ui/theme.js";

const kept = new Kept();
followTheme(kept.theme);
const page = document.querySelector("#page");
if (page !== null) render(<App address={addressOf(location.pathname)} kept={kept} />, page);
