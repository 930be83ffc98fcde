// The drawings on the buttons of the reader and of what it opens in.

import { make } from "./common.js";

const ICONS = {
	thumbnails: "M4 4h6v7H4zM14 4h6v7h-6zM4 14h6v6H4zM14 14h6v6h-6z",
	smaller: "M5 12h14",
	larger: "M5 12h14M12 5v14",
	previous: "M6 15l6-6 6 6",
	next: "M6 9l6 6 6-6",
	back: "M15 6l-6 6 6 6",
	close: "M6 6l12 12M18 6L6 18",
	open: "M14 4h6v6M20 4l-9 9M18 13v7H4V6h7",
};

export function icon(name) {
	const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
	drawing.setAttribute("viewBox", "0 0 24 24");
	drawing.setAttribute("aria-hidden", "true");
	const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
	path.setAttribute("d", ICONS[name]);
	drawing.append(path);
	return drawing;
}

export function iconButton(name, label, act) {
	const button = make("button", "", { type: "button", className: "icon", title: label });
	button.setAttribute("aria-label", label);
	button.append(icon(name));
	button.addEventListener("click", act);
	return button;
}
