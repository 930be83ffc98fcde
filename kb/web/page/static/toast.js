// A line at the foot of the page that says what was done, for a while; it may take it back.

import { make } from "./common.js";

const SAID_MS = 6000;

// Says `text` for `ms`; with `act`, a button of the name `label` calls it once.
export function toast(text, { label = "", act = null, ms = SAID_MS, closeLabel = "" } = {}) {
	const box = make("div", "", { className: "toast" });
	box.append(make("span", text));
	const leave = () => {
		clearTimeout(timer);
		box.remove();
	};
	const timer = setTimeout(leave, ms);
	if (act) {
		const button = make("button", label, { type: "button" });
		button.addEventListener("click", () => {
			leave();
			act();
		});
		box.append(button);
		box.style.setProperty("--toast", `${ms}ms`);
		box.classList.add("timed");
	}
	const close = make("button", "✕", { type: "button", className: "plain" });
	close.setAttribute("aria-label", closeLabel || text);
	close.addEventListener("click", leave);
	box.append(close);
	shelf().append(box);
}

function shelf() {
	let found = document.getElementById("toasts");
	if (!found) {
		found = make("div", "", { id: "toasts" });
		found.setAttribute("role", "status");
		found.setAttribute("aria-live", "polite");
		document.body.append(found);
	}
	return found;
}
