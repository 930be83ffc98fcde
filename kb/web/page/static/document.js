// The page of one document: its text on the left, what is known of it and its passages on the right.

import { fill, make, refusal, released, send, sleep, tagsOf, tell, written } from "./common.js";
import { current, go } from "./router.js";
import { toast } from "./toast.js";

const BETWEEN_LOOKS_MS = 500;
const UNDO_MS = 10000;

class DocumentPage extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.routed = () => this.open();
		document.addEventListener("footnote:route", this.routed);
		this.addEventListener("click", (event) => this.clicked(event.target.closest("button[data-act]")));
		this.open();
	}

	disconnectedCallback() {
		document.removeEventListener("footnote:route", this.routed);
		this.looking?.abort();
	}

	get reader() {
		return this.querySelector("footnote-reader");
	}

	open() {
		const { screen, id, query } = current();
		if (screen !== "document" || !id) {
			this.looking?.abort();
			this.looking = null;
			return;
		}
		const page = Number(query.get("page")) || 1;
		if (id === this.shown && this.looking) {
			if (query.has("page")) this.read(id, page);
			return;
		}
		if (id !== this.shown) {
			this.clear();
		}
		this.shown = id;
		this.read(id, page);
		this.follow();
	}

	read(id, page) {
		const { reader } = this;
		if (reader.body) return reader.show({ document: id, page });
		Object.assign(reader.dataset, { page, document: id }); // it reads them once it is drawn
	}

	get base() {
		return `/ui/document/${encodeURIComponent(this.shown)}`;
	}

	// Shows what is known, and asks again; the server answers when something changed.
	async follow() {
		this.looking?.abort();
		const mine = (this.looking = new AbortController());
		let seen = -1;
		while (!mine.signal.aborted) {
			try {
				const response = await fetch(`${this.base}?seen=${seen}`, { signal: mine.signal });
				if (response.status === 404) return this.gone();
				if (!response.ok) throw new Error(response.statusText);
				const found = await released(response.json());
				if (mine.signal.aborted) return;
				this.show(found);
				seen = found.seen;
				await sleep(BETWEEN_LOOKS_MS);
			} catch (error) {
				if (mine.signal.aborted) return;
				seen = -1;
				await sleep(2000);
			}
		}
	}

	show({ about, text }) {
		const place = this.querySelector(".doc-about");
		if (place.shown !== about) {
			const focused = place.contains(document.activeElement) ? document.activeElement.dataset.act : null;
			place.shown = about;
			place.innerHTML = about;
			if (focused) place.querySelector(`[data-act="${focused}"]`)?.focus();
		}
		if (text !== this.text) {
			this.text = text;
			this.showPassages(0);
		}
	}

	gone() {
		this.clear();
		this.querySelector(".doc-about").append(make("p", this.words.gone, { className: "none-match" }));
	}

	clear() {
		const about = this.querySelector(".doc-about");
		about.shown = null;
		about.replaceChildren();
		this.querySelector(".doc-passages").replaceChildren();
		this.text = null;
	}

	async showPassages(start) {
		const id = this.shown;
		const response = await fetch(`${this.base}/passages?start=${start}`).catch(() => null);
		if (!response?.ok || id !== this.shown) return;
		const place = this.querySelector(".doc-passages");
		if (start === 0) place.replaceChildren();
		place.querySelector("[data-act=more]")?.remove();
		place.insertAdjacentHTML("beforeend", (await response.json()).html);
	}

	async clicked(button) {
		if (!button) return;
		const { act } = button.dataset;
		const passage = button.closest(".passage");
		const { name, tags, askedAs } = this.querySelector(".doc-acts")?.dataset ?? {};
		switch (act) {
			case "more":
				return this.showPassages(Number(button.dataset.start));
			case "show":
				return this.reader.show({
					document: this.shown,
					page: Number(passage.dataset.page),
					marks: [{ chunk: Number(passage.dataset.chunk), page: Number(passage.dataset.page), quote: passage.querySelector(".said").textContent, kind: "strong" }],
				});
			case "leave":
				return this.edit({ chunk_id: Number(passage.dataset.chunk), corrected: null });
			case "correct":
				return this.correct(passage);
			case "undo":
				return this.say(await send("DELETE", `${this.edits}/${passage.dataset.edit}`));
			case "ask":
				return this.ask(askedAs);
			case "tag":
				return this.editTags(name, tags);
			case "remove":
				return this.remove(name);
			case "leave_out":
			case "take_in":
			case "read_again":
				return this.say(await send("POST", "/api/library/actions", { act, ids: [this.shown] }));
		}
	}

	get edits() {
		return `/api/documents/${encodeURIComponent(this.shown)}/passage-edits`;
	}

	async edit(change) {
		await this.say(await send("POST", this.edits, change));
	}

	async correct(passage) {
		const before = passage.querySelector(".said").textContent;
		const text = await this.longText(this.words.correct_question, before);
		if (text !== null && text !== before) await this.edit({ chunk_id: Number(passage.dataset.chunk), corrected: text });
	}

	longText(question, value) {
		const dialog = make("dialog", "", { className: "ask paste" });
		const form = make("form", "", { method: "dialog" });
		const label = make("label", question);
		const area = make("textarea", "", { rows: 12, value });
		label.append(area);
		const use = make("button", this.words.use_correction, { value: "yes", className: "primary" });
		form.append(label, use, make("button", this.words.cancel, { value: "" }));
		dialog.append(form);
		document.body.append(dialog);
		dialog.showModal();
		return new Promise((done) =>
			dialog.addEventListener("close", () => {
				dialog.remove();
				done(dialog.returnValue === "yes" ? area.value : null);
			}),
		);
	}

	// The question begins with the condition that it is asked of this document.
	ask(askedAs) {
		go("/");
		const box = document.querySelector("#question textarea");
		if (!box) return;
		const condition = `document:"${askedAs}" `;
		if (!box.value.includes(condition)) box.value = condition + box.value;
		box.dispatchEvent(new Event("input", { bubbles: true }));
		box.focus();
	}

	async editTags(name, tags) {
		const line = await written(fill(this.words.tags_question, { name }), tags, this.words);
		if (line === null) return;
		const before = tags.split(" ").filter(Boolean);
		const after = tagsOf(line);
		const changes = {
			add_tags: after.filter((tag) => !before.includes(tag)),
			remove_tags: before.filter((tag) => !after.includes(tag)),
		};
		await this.say(await send("PATCH", `/api/documents/${encodeURIComponent(this.shown)}`, changes));
	}

	async remove(name) {
		const response = await send("POST", "/api/library/actions", { act: "remove", ids: [this.shown] });
		const reason = await refusal(response.clone(), this.words);
		if (reason) return tell(reason);
		const { undo } = await response.json();
		const back = `/d/${this.shown}`;
		const { deleted_one, close, undo: label } = this.words;
		this.shown = null;
		go("/library");
		toast(fill(deleted_one, { name }), {
			label,
			ms: UNDO_MS,
			closeLabel: close,
			act: async () => {
				const refused = await refusal(await send("POST", `/api/library/undo/${undo}`), this.words);
				refused ? await tell(refused) : go(back);
			},
		});
	}

	async say(response) {
		const reason = await refusal(response, this.words);
		if (reason) await tell(reason);
		this.follow();
	}
}

customElements.define("footnote-document", DocumentPage);
