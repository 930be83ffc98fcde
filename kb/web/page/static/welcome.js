// The page before the first question: how to begin, and questions that are one click away.

import { askFor } from "./asking.js";
import { fill, make } from "./common.js";
import { refreshWelcome } from "./conversations.js";
import { take } from "./uploads.js";

class Welcome extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.addEventListener("click", (event) => this.clicked(event.target.closest("button")));
		this.pulse = ({ detail }) => this.told(detail);
		this.model = ({ detail }) => this.answers(detail);
		document.addEventListener("footnote:pulse", this.pulse);
		document.addEventListener("footnote:model", this.model);
		document.dispatchEvent(new Event("footnote:which-model"));
	}

	disconnectedCallback() {
		document.removeEventListener("footnote:pulse", this.pulse);
		document.removeEventListener("footnote:model", this.model);
	}

	clicked(button) {
		if (!button) return;
		if (button.dataset.add) this.choose(button.dataset.add);
		else if (button.dataset.choose !== undefined) document.querySelector("footnote-composer .opens.model").click();
		else if (button.dataset.ask !== undefined) askFor(button.textContent);
	}

	choose(kind) {
		const input = make("input", "", { type: "file", multiple: true, webkitdirectory: kind === "folder" });
		input.addEventListener("change", () => take([...input.files].filter((file) => !file.webkitRelativePath.includes("/."))));
		input.click();
	}

	// While something is imported the count goes down, and with the first ready document there is something to ask.
	told({ imports, documents }) {
		const before = Number(this.dataset.imports);
		if (imports === before && documents === Number(this.dataset.documents)) return;
		Object.assign(this.dataset, { imports, documents });
		const nothingReady = this.dataset.ready === "0";
		if (nothingReady || !imports || !before) return refreshWelcome();
		this.querySelector(".being-read").textContent = fill(this.words.importing, { count: imports });
	}

	answers({ name, quotes }) {
		const step = this.querySelector("[data-of=model]");
		if (!step) return;
		const found = name && !quotes;
		step.classList.toggle("is-done", Boolean(found));
		step.querySelector(".state").textContent = found ? fill(this.words.model_found, { name }) : this.words.model_none;
	}
}

customElements.define("footnote-welcome", Welcome);
