// What happens around a question: its answer comes into view and is announced, the buttons have names, seconds are
// counted, and what was typed outlives a reload.

import { fill, make } from "./common.js";
import { began } from "./conversations.js";

const DRAFT = "footnote_draft";
const ANNOUNCED = 300; // characters: who listens can read on from there
const DRAWN_MS = 300; // the button changes before the last words are drawn
const SENT_MS = 4000; // patience with a question that is refused without a word of an answer
const IN_VIEW = 40; // pixels above the box: what of the newest question is seen at least

const box = () => document.querySelector("#question textarea");
const doingAt = () => document.querySelector("#question .input-container");
const newest = () => document.querySelector("#current .question");

// Asks as if it had been typed.
export function askFor(text) {
	const question = box();
	question.value = text;
	question.dispatchEvent(new Event("input", { bubbles: true }));
	question.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true }));
}

export const answering = () => document.querySelector("#question .stop-button") !== null;

class Asking extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.said = document.getElementById("said");
		this.latest = make("button", `↓ ${this.words.latest}`, { type: "button", className: "latest", hidden: true });
		this.append(this.latest);
		this.latest.addEventListener("click", () => this.show(true));
		this.watching = new MutationObserver(() => this.looked());
		this.watching.observe(document.getElementById("tab-ask"), { childList: true, subtree: true });
		addEventListener("scroll", () => this.placed(), { passive: true });
		addEventListener("resize", () => this.placed());
		addEventListener("pagehide", () => this.keep());
		document.addEventListener("input", ({ target }) => target === box() && this.keep());
		document.addEventListener("footnote:asked", () => this.sent());
		document.addEventListener("keypress", ({ target, key, shiftKey }) => {
			if (target === box() && key === "Enter" && !shiftKey && target.value.trim()) this.sent();
		});
		document.addEventListener("click", ({ target }) => {
			if (target.closest?.("#question .submit-button") && box().value.trim()) this.sent();
		});
		this.restore();
		this.looked();
	}

	disconnectedCallback() {
		this.watching.disconnect();
		clearInterval(this.counting);
	}

	looked() {
		box()?.setAttribute("aria-label", this.words.question);
		document.querySelector("#question .submit-button")?.setAttribute("aria-label", this.words.send);
		document.querySelector("#question .stop-button")?.setAttribute("aria-label", this.words.stop);
		const question = newest();
		if (question && question.id !== this.shown) this.asked(question);
		if (!question) this.shown = null;
		const now = answering();
		if (now) this.answered = true;
		if (now !== Boolean(this.since) && (now || this.answered)) now ? this.started() : this.ended();
		this.placed();
	}

	asked(question) {
		this.shown = question.id;
		if (question.dataset.conversation) began(question.dataset.conversation, question.id);
		// the earlier turns arrive as a piece of their own, a moment before or after
		setTimeout(() => this.show(false), 100);
	}

	show(calmly) {
		const still = !calmly || matchMedia("(prefers-reduced-motion: reduce)").matches;
		newest()?.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
	}

	// A question is on its way: that is shown before the server has said anything.
	sent() {
		if (this.since || answering()) return;
		this.answered = false;
		this.started();
		setTimeout(() => this.answered || this.over(), SENT_MS);
	}

	started() {
		this.since = Date.now();
		this.keep();
		clearInterval(this.counting);
		this.counting = setInterval(() => this.count(), 1000);
		this.count();
	}

	count() {
		const seconds = Math.round((Date.now() - this.since) / 1000);
		const said = document.querySelector("#current .waiting")?.textContent;
		const waiting = this.answered ? (said ?? this.words.writing) : this.words.asking;
		const doing = waiting.replace(/[\s.…]+$/, "");
		doingAt().dataset.doing = fill(this.words.elapsed, { doing, seconds });
	}

	over() {
		clearInterval(this.counting);
		this.since = null;
		this.keep();
		delete doingAt().dataset.doing;
	}

	ended() {
		this.over();
		setTimeout(() => this.announce(), DRAWN_MS);
	}

	announce() {
		const text = [...document.querySelectorAll("#current :is(.answer, .note)")].map((each) => each.innerText).join(" ");
		if (text) this.said.textContent = fill(this.words.answered, { text: text.slice(0, ANNOUNCED) });
	}

	// The way down stands above the box, where the newest question is below the window.
	placed() {
		const question = newest();
		const composer = document.getElementById("composer")?.getBoundingClientRect();
		const away = Boolean(composer?.width && question && question.getBoundingClientRect().top > composer.top - IN_VIEW);
		this.latest.hidden = !away;
		if (!away) return;
		this.latest.style.bottom = `${innerHeight - composer.top + 8}px`;
		this.latest.style.left = `${composer.left + composer.width / 2}px`;
	}

	keep() {
		sessionStorage.setItem(DRAFT, box()?.value ?? "");
	}

	restore() {
		const kept = sessionStorage.getItem(DRAFT);
		const question = box();
		if (!kept || !question || question.value) return;
		question.value = kept;
		question.dispatchEvent(new Event("input", { bubbles: true }));
	}
}

customElements.define("footnote-asking", Asking);
