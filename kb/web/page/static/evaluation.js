// The evaluation tab, and the button that keeps a question with the passage that answers it.
// Markup comes ready from the server (kb/web/page/evaluation/render.py); here text is only ever set as text.

import { confirmed, fill, refusal, released, send, sleep } from "./common.js";

const WHILE_RUNNING_MS = 500;
const WHILE_IDLE_MS = 5000;
const OWN = "own"; // what stands for settings that are written, as in render_evaluation_start.py

// "a=1 b=2" as {a: "1", b: "2"}; throws a sentence for the person.
function settings(text, words) {
	const found = {};
	for (const each of text.split(/[\s,;]+/).filter(Boolean)) {
		const [name, ...value] = each.split("=");
		if (!value.length) throw new Error(words.evaluation_settings_form.replace("{text}", each));
		found[name] = value.join("=");
	}
	return found;
}

const keyOfDetails = (details) => `${details.closest("[id]")?.id} ${details.querySelector("summary").textContent}`;

class Evaluation extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.parts = Object.fromEntries([...this.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
		this.addEventListener("click", (event) => this.clicked(event.target.closest("[data-act]")));
		this.addEventListener("change", ({ target }) => target.matches("[data-settings]") && this.explain(target));
		this.alive = true;
		this.follow();
	}

	disconnectedCallback() {
		this.alive = false;
	}

	// Looks again and again while the tab is shown, more often while something runs.
	async follow() {
		while (this.alive) {
			const running = this.offsetParent !== null && (await this.look());
			const waiting = sleep(running ? WHILE_RUNNING_MS : WHILE_IDLE_MS);
			await Promise.race([waiting, new Promise((wake) => (this.wake = wake))]);
		}
	}

	async look() {
		try {
			const response = await fetch("/ui/evaluation");
			if (!response.ok) throw new Error(response.statusText);
			const found = await released(response.json());
			for (const name of ["head", "progress", "results", "disk", "kept"]) this.show(name, found[name]);
			return found.running;
		} catch {
			this.refuse(this.words.connection_lost);
			return false;
		}
	}

	// Replaces only what differs; what was opened stays open.
	show(name, html) {
		const part = this.parts[name];
		if (part.shown === html) return;
		const opened = new Map([...part.querySelectorAll("details")].map((each) => [keyOfDetails(each), each.open]));
		const focused = part.contains(document.activeElement) ? document.activeElement.dataset.act : null;
		part.shown = html;
		part.innerHTML = html;
		for (const each of part.querySelectorAll("details")) each.open = opened.get(keyOfDetails(each)) ?? each.open;
		if (focused) part.querySelector(`[data-act=${focused}]`)?.focus();
	}

	refuse(sentence) {
		const { refused } = this.parts;
		refused.replaceChildren();
		if (!sentence) return;
		const note = document.createElement("p");
		note.className = "note problem";
		note.role = "alert";
		note.textContent = sentence;
		refused.append(note);
	}

	// What the setting that was chosen means; a setting of one's own is written beside it.
	explain(select) {
		const place = select.closest(".setting-of");
		place.querySelector("p").textContent = select.selectedOptions[0].dataset.why;
		place.querySelector("input").hidden = select.value !== OWN;
	}

	async start(form) {
		const field = (name) => form.elements[name];
		const chosen = (name) => field(field(name).value === OWN ? `${name}-own` : name).value;
		const number = (name) => (field(name).value === "" ? null : Number(field(name).value));
		const folder = field("folder").value.trim();
		try {
			await this.begin({
				folders: folder ? [folder] : [],
				kept: field("kept").checked,
				config: settings(chosen("config"), this.words),
				compare: settings(chosen("compare"), this.words),
				limit: number("limit"),
				answers: number("answers"),
			});
		} catch (error) {
			this.refuse(error.message);
		}
	}

	async begin(asked) {
		try {
			const response = await send("POST", "/api/evaluations", asked);
			this.refuse(await refusal(response, this.words));
		} catch (error) {
			this.refuse(error.message);
		}
		this.wake?.();
	}

	async clicked(button) {
		if (button?.tagName !== "BUTTON") return;
		const forget = `/api/kept-questions/${button.closest("[data-kept]")?.dataset.kept}`;
		const address = { stop: "/api/evaluations/running", forget }[button.dataset.act];
		if (button.dataset.act === "remove") return this.remove(button.dataset);
		if (button.dataset.act === "measure") {
			button.disabled = true;
			return this.begin({ kept: true, answers: Number(button.dataset.answers) });
		}
		if (!address) return;
		button.disabled = true;
		this.refuse(await refusal(await send("DELETE", address), this.words));
		this.wake?.();
	}

	async remove(result) {
		if (!(await confirmed(fill(this.words.confirm_remove_result, result), this.words))) return;
		this.refuse(await refusal(await send("DELETE", `/api/evaluations/${result.result}`), this.words));
		this.wake?.();
	}
}

document.addEventListener("submit", (event) => {
	if (event.target.id !== "evaluate") return;
	event.preventDefault();
	document.querySelector("footnote-evaluation")?.start(event.target);
});
document.addEventListener("click", (event) => {
	if (event.target.closest?.("#tab-evaluation-button, [role=tab][aria-controls=tab-evaluation]")) {
		setTimeout(() => document.querySelector("footnote-evaluation")?.wake?.(), 100);
	}
});

// --- Keeping a question ---------------------------------------------------------------------

const keptHere = new Set(); // sources are drawn anew when an answer ends or a new question comes

const keyOf = ({ dataset }) => JSON.stringify([dataset.keep, dataset.question, dataset.quote]);

function showKept(button) {
	if (button.disabled) return;
	button.textContent = button.dataset.kept;
	button.disabled = true;
}

document.addEventListener("click", async (event) => {
	const button = event.target.closest?.("button[data-keep]");
	if (!button || button.disabled) return;
	const { keep, question, quote } = button.dataset;
	const response = await send("POST", "/api/kept-questions", { question, chunk_id: Number(keep), quote });
	if (response.ok) {
		keptHere.add(keyOf(button));
		showKept(button);
	} else {
		const body = await response.json().catch(() => ({}));
		button.title = body.error ?? response.statusText;
		button.classList.add("problem");
	}
});
new MutationObserver(() => {
	if (!keptHere.size) return;
	for (const button of document.querySelectorAll("button[data-keep]:not(:disabled)")) {
		if (keptHere.has(keyOf(button))) showKept(button);
	}
}).observe(document.body, { childList: true, subtree: true });

customElements.define("footnote-evaluation", Evaluation);
