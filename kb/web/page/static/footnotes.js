// The newest question in view: once, when it is asked.

import { began } from "./conversations.js";

let latest = null;

new MutationObserver(() => {
	const question = document.querySelector("#current .question");
	if (!question || question.id === latest) return;
	const first = latest === null;
	latest = question.id;
	if (question.dataset.conversation) began(question.dataset.conversation);
	if (first) return;
	// The earlier turns arrive as a piece of their own, a moment before or after.
	setTimeout(() => document.getElementById(latest)?.scrollIntoView({ block: "start" }), 100);
}).observe(document.body, { childList: true, subtree: true });
