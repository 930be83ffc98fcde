// The questions of a long conversation, as marks on the edge of it: pointed at or reached by the keyboard they are read,
// and each leads to its turn, which is brought first where it is not on the page.

import { make, sleep } from "./common.js";
import { current } from "./router.js";

const EDGE = 22; // pixels: the marks stand in the margin beside the conversation
const BROUGHT_MS = 50;
const MOST_BROUGHT = 100; // times: each brings ten turns

class Questions extends HTMLElement {
	connectedCallback() {
		this.nav = this.querySelector("nav");
		this.list = this.querySelector("ol");
		document.addEventListener("footnote:route", () => this.look());
		document.addEventListener("footnote:conversations", () => this.look());
		addEventListener("scroll", () => this.soon(), { passive: true });
		addEventListener("resize", () => this.soon());
		this.nav.addEventListener("click", (event) => this.clicked(event));
		this.nav.addEventListener("mouseenter", () => this.inView());
		this.look();
	}

	async look() {
		const { screen, id } = current();
		const wanted = screen === "ask" ? id : "";
		this.wanted = wanted;
		const response = wanted ? await fetch(`/ui/conversations/${encodeURIComponent(wanted)}/questions`).catch(() => null) : null;
		if (this.wanted !== wanted) return;
		const questions = response?.ok ? (await response.json()).questions : [];
		this.nav.hidden = !questions.length;
		this.list.replaceChildren(
			...questions.map(({ turn, text }) => {
				const item = document.createElement("li");
				item.append(make("a", text, { href: `#${turn}`, dir: "auto" }));
				return item;
			}),
		);
		this.soon();
	}

	soon() {
		if (this.waits || this.nav.hidden) return;
		this.waits = true;
		requestAnimationFrame(() => {
			this.waits = false;
			this.placed();
		});
	}

	// On the edge of the conversation, with the question that is being read marked.
	placed() {
		const column = document.querySelector("#tab-ask > .column")?.getBoundingClientRect();
		if (!column?.width) return;
		this.nav.style.right = `${document.documentElement.clientWidth - column.right - EDGE}px`;
		const above = [...document.querySelectorAll("#tab-ask .turn .question")].filter((each) => each.getBoundingClientRect().top < innerHeight / 2);
		const read = above[above.length - 1]?.id;
		for (const link of this.list.querySelectorAll("a")) {
			if (link.hash === `#${read}`) link.setAttribute("aria-current", "true");
			else link.removeAttribute("aria-current");
		}
	}

	inView() {
		this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
	}

	async clicked(event) {
		const link = event.target.closest("a");
		if (!link) return;
		event.preventDefault();
		const turn = link.hash.slice(1);
		for (let n = 0; n < MOST_BROUGHT && !document.getElementById(turn); ) {
			const older = document.querySelector("footnote-earlier");
			if (!older) return;
			if (!older.bringing) n += 1;
			older.bring();
			await sleep(BROUGHT_MS);
		}
		const question = document.getElementById(turn);
		if (!question) return;
		question.tabIndex = -1;
		question.focus({ preventScroll: true });
		question.scrollIntoView({ block: "start", behavior: "instant" });
	}
}

customElements.define("footnote-questions", Questions);
