// Footnotes that open, and the newest question in view.

import { began } from "./conversations.js";

function openSource(id) {
	const source = document.getElementById(id);
	if (!source) return;
	for (const other of source.closest(".sources").querySelectorAll("details.source[open]")) {
		other.open = other === source;
	}
	const also = source.closest("details.also");
	if (also) also.open = true;
	source.open = true;
	const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
	source.querySelector("summary").focus({ preventScroll: true });
	source.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

document.addEventListener("click", (event) => {
	const link = event.target.closest?.("a[data-source], a[data-back]");
	if (!link) return;
	event.preventDefault();
	if (link.dataset.source) openSource(link.dataset.source);
	else document.getElementById(link.dataset.back)?.focus();
});

// When an answer is complete its sources are drawn anew: what is open stays open. And a new question
// comes into view once.
const open = new Set();
let latest = null;

document.addEventListener(
	"toggle",
	({ target }) => {
		if (!target.id || !target.closest(".sources")) return;
		target.open ? open.add(target.id) : open.delete(target.id);
	},
	true,
);
new MutationObserver(() => {
	for (const id of open) document.getElementById(id)?.setAttribute("open", "");
	const question = document.querySelector("#current .question");
	if (!question || question.id === latest) return;
	const first = latest === null;
	latest = question.id;
	if (question.dataset.conversation) began(question.dataset.conversation);
	if (first) return;
	// The earlier turns arrive as a piece of their own, a moment before or after.
	setTimeout(() => document.getElementById(latest)?.scrollIntoView({ block: "start" }), 100);
}).observe(document.body, { childList: true, subtree: true });
