// Which conversation the page shows: the one in the address. The server reads it when the address says another, when
// something was asked in another window, and when the server is there again.

import { answering } from "./asking.js";
import { tellOthers } from "./pulse.js";
import { current, go } from "./router.js";

let shown = null; // the id of the conversation on the page; empty before its first question
let differs = null; // the newest question elsewhere, as it was when it was last looked for

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
	if (!id && !first && matchMedia("(pointer: fine)").matches) {
		document.querySelector("#question textarea")?.focus({ preventScroll: true });
	}
}

document.addEventListener("footnote:route", ({ detail }) => {
	if (detail.screen === "ask" && detail.id !== shown) open(detail.id);
});

// What the library is like is told anew, as long as nothing was asked.
export const refreshWelcome = () => shown === "" && !answering() && open("", true);

// The first question of a conversation gives it its address; every question is news for other windows.
export function began(id) {
	const isNew = shown !== id;
	shown = id;
	if (isNew && current().screen === "ask") go(`/c/${encodeURIComponent(id)}`, { quietly: true });
	if (!isNew && !answering()) return;
	document.dispatchEvent(new Event("footnote:conversations"));
	tellOthers();
}

// A question that is asked here reaches the server a moment before the page: only one that is missing twice is new.
document.addEventListener("footnote:pulse", ({ detail: { conversation, latest } }) => {
	const here = document.querySelector("#current .question")?.id;
	const missing = latest && conversation === shown && !answering() && here !== "refused" && here !== `t${latest}`;
	if (missing && differs === latest) open(shown);
	differs = missing && differs !== latest ? latest : null;
});

// A server that was started anew knows nothing of this page.
document.addEventListener("footnote:connected", () => shown && open(shown));
