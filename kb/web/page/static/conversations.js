// Which conversation the page shows: the one in the address. The server reads it when the address says another.

import { current, go } from "./router.js";

let shown = null; // the id of the conversation on the page; empty before its first question

function open(id, first = shown === null) {
	shown = id;
	const wanted = document.querySelector("#wanted textarea");
	if (!wanted || !document.getElementById("said")) {
		// Gradio is not at work yet, and what it is told now would be lost
		return setTimeout(() => shown === id && open(id, first), 30);
	}
	wanted.value = id || (first ? "none-yet" : ""); // a question that was asked meanwhile is not taken away
	// as somebody would write it: Gradio takes the value from the one event, and sends it at the other
	wanted.dispatchEvent(new Event("input", { bubbles: true }));
	wanted.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true }));
	const question = document.querySelector("#question textarea");
	if (!id && matchMedia("(pointer: fine)").matches) question?.focus({ preventScroll: true });
}

document.addEventListener("footnote:route", ({ detail }) => {
	if (detail.screen === "ask" && detail.id !== shown) open(detail.id);
});

// The first question of a conversation gives it its address.
export function began(id) {
	if (shown === id) return;
	shown = id;
	const { screen } = current();
	if (screen === "ask") go(`/c/${encodeURIComponent(id)}`, { quietly: true });
	document.dispatchEvent(new Event("footnote:conversations"));
}
