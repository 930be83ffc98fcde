// What was to be added stands behind `#` of the address: it waits in this tab, and leaves the address and the history.
import { keep } from "./shared_text.js";

const NAMES = ["title", "url", "text"]; // where it goes to, no other site says
const came = [...new URLSearchParams(location.hash.slice(1))].filter(([name]) => NAMES.includes(name));
if (new URLSearchParams(location.search).get("next") === "/add" && came.length && keep(came)) {
	history.replaceState(null, "", location.pathname + location.search);
}
