// Searches with one setting, or with two beside each other; a hit that is right is kept for the evaluation.

import { fill, make, refusal, send, tell } from "./common.js";
import { current, go } from "./router.js";
import { toast } from "./toast.js";

const SETTLING_MS = 300;
const HITS = 10;

class Search extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.form = this.querySelector("form");
		this.form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.search();
		});
		this.addEventListener("input", (event) => this.changed(event.target));
		this.addEventListener("click", (event) => this.clicked(event.target.closest("[data-act=right]")));
		this.routed = () => this.open();
		document.addEventListener("footnote:route", this.routed);
		this.open();
	}

	disconnectedCallback() {
		document.removeEventListener("footnote:route", this.routed);
	}

	// What was searched stands in the address, so that it can be kept and returned to.
	open() {
		const { screen, query } = current();
		const question = query.get("q");
		if (screen !== "search" || !question || question === this.question) return;
		this.form.question.value = question;
		this.search();
	}

	changed(control) {
		if (control.name === "compare") {
			this.querySelector("[data-side=B]").hidden = !control.checked;
			this.classList.toggle("compares", control.checked);
			if (control.checked && this.question) this.look("B");
		} else if (control.type === "range") {
			control.dataset.moved = "yes";
			control.parentElement.querySelector("output").textContent = Number(control.value).toFixed(2);
			this.lookSoon(control);
		} else if (control.classList.contains("refined")) this.lookSoon(control);
	}

	lookSoon(control) {
		clearTimeout(this.soon);
		this.soon = setTimeout(() => this.question && this.look(control.closest("[data-side]").dataset.side), SETTLING_MS);
	}

	search() {
		this.question = this.form.question.value.trim();
		if (!this.question) return;
		go(`/search?q=${encodeURIComponent(this.question)}`, { quietly: true });
		this.look("A");
		if (this.form.compare.checked) this.look("B");
	}

	async look(name) {
		const side = this.querySelector(`[data-side=${name}]`);
		const place = side.querySelector(".found");
		const slider = side.querySelector("[type=range]");
		const mine = (side.turn = (side.turn ?? 0) + 1);
		if (!place.childElementCount) place.replaceChildren(make("p", this.words.searching, { className: "fine" }));
		place.classList.add("waits");
		place.setAttribute("aria-busy", "true");
		const response = await send("POST", "/ui/search", {
			question: this.question,
			k: HITS,
			dense_weight: slider.dataset.moved ? Number(slider.value) : null,
			refined: side.querySelector(".refined").checked,
		}).catch(() => null);
		if (mine !== side.turn) return;
		place.classList.remove("waits");
		place.removeAttribute("aria-busy");
		const reason = response ? await refusal(response.clone(), this.words) : this.words.none_found;
		if (reason) return place.replaceChildren(make("p", reason, { className: "note problem" }));
		const found = await response.json();
		side.question = found.question;
		place.innerHTML = found.html;
	}

	async clicked(button) {
		if (!button) return;
		const question = button.closest("[data-side]").question;
		const chunk_id = Number(button.closest("[data-chunk]").dataset.chunk);
		const reason = await refusal(await send("POST", "/api/kept-questions", { question, chunk_id }), this.words);
		if (reason) return tell(reason);
		button.disabled = true;
		toast(fill(this.words.kept, {}));
	}
}

customElements.define("footnote-search", Search);
