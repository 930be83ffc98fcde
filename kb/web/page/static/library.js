// The live table of documents. Markup comes ready from the server (kb/web/page/render_library.py); here text is only
// ever set as text.

import { confirmed, fill, make, refusal, send, sleep, tell, written } from "./common.js";
import { control, label, putAway, remove } from "./document_actions.js";
import { addEarly } from "./uploads.js";

const PER_PAGE = 50;
const BETWEEN_LOOKS_MS = 400;
const QUEUE_ROUTES = { "pause-all": "pause", "resume-all": "resume", "retry-failed": "retry-failed" };

class Library extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.offset = 0;
		this.collection = "";
		this.picked = new Set();
		this.lost = make("p", this.words.connection_lost, { className: "note problem", hidden: true });
		this.table = make("div", "");
		this.replaceChildren(this.lost, this.table);
		this.table.addEventListener("click", (event) => this.clicked(event.target.closest("[data-act]")));
		this.table.addEventListener("change", (event) => this.changed(event.target));
		this.follow();
		addEarly();
	}

	disconnectedCallback() {
		this.looking?.abort();
		this.looking = null;
	}

	// Asks for the table, shows it, and asks again; the server answers when something changed.
	async follow() {
		this.looking?.abort();
		const mine = (this.looking = new AbortController());
		let seen = -1;
		while (!mine.signal.aborted) {
			try {
				const query = new URLSearchParams({ seen, offset: this.offset, collection: this.collection });
				const response = await fetch(`/ui/library?${query}`, { signal: mine.signal });
				if (!response.ok) throw new Error(response.statusText);
				const found = await response.json();
				if (mine.signal.aborted) return;
				seen = found.seen;
				this.show(found.html);
				this.lost.hidden = true;
				await sleep(BETWEEN_LOOKS_MS);
			} catch (error) {
				if (mine.signal.aborted) return;
				this.lost.hidden = false;
				seen = -1;
				await sleep(2000);
			}
		}
	}

	// Replaces only what differs, so that focus, ticks and a text selection stay where they are.
	show(html) {
		if (html === this.shown) return;
		this.shown = html;
		const fresh = document.createElement("template");
		fresh.innerHTML = html;
		const before = this.table.querySelector("table.docs");
		const after = fresh.content.querySelector("table.docs");
		if (before && after) {
			mergeRows(before, after);
			after.replaceWith(before);
		}
		const focused = document.activeElement?.closest?.("select, .pager button")?.dataset.act;
		this.table.replaceChildren(...fresh.content.childNodes);
		if (focused) this.table.querySelector(`[data-act="${focused}"]`)?.focus();
		for (const row of this.table.querySelectorAll("tbody")) {
			row.querySelector("[data-act=pick]").checked = this.picked.has(row.dataset.document);
		}
		this.countPicked();
	}

	changed(control) {
		if (control.dataset.act === "pick") {
			const id = control.closest("tbody").dataset.document;
			control.checked ? this.picked.add(id) : this.picked.delete(id);
			this.countPicked();
		} else if (control.dataset.act === "filter") {
			this.collection = control.value;
			this.offset = 0;
			this.picked.clear();
			this.follow();
		}
	}

	countPicked() {
		const acts = this.table.querySelector(".selected-acts");
		if (acts) acts.hidden = this.picked.size === 0;
	}

	async clicked(button) {
		if (button?.tagName !== "BUTTON") return;
		const row = button.closest("tbody")?.dataset;
		switch (button.dataset.act) {
			case "page":
				this.offset = Math.max(0, this.offset + PER_PAGE * Number(button.dataset.step));
				return this.follow();
			case "put-away":
				return this.each([button.dataset.notice], putAway);
			case "retry":
			case "pause":
			case "resume":
			case "cancel":
				return this.each([row.document], (id, words) => control(id, button.dataset.act, words));
			case "enable":
			case "disable":
				return this.each([row.document], (id, words) => label(id, { enabled: button.dataset.act === "enable" }, words));
			case "tag":
				return this.tag([row.document], fill(this.words.tags_of_one, row));
			case "tag-selected":
				return this.tag([...this.picked], fill(this.words.tags_of_many, { count: this.picked.size }));
			case "pause-all":
			case "resume-all":
			case "retry-failed":
				return this.all(QUEUE_ROUTES[button.dataset.act]);
			case "retry-selected":
				return this.each([...this.picked], (id, words) => control(id, "retry", words));
			case "delete":
				if (await confirmed(fill(this.words.confirm_delete_one, row), this.words)) {
					await this.each([row.document], remove);
				}
				return;
			case "delete-selected": {
				const ids = [...this.picked];
				if (await confirmed(fill(this.words.confirm_delete_many, { count: ids.length }), this.words)) {
					await this.each(ids, remove);
				}
			}
		}
	}

	// One request after the other; the first refusal is said, and the rest are tried all the same.
	async each(ids, act) {
		const refused = [];
		for (const id of ids) {
			const reason = await act(id, this.words);
			if (reason) refused.push(reason);
			this.picked.delete(id);
		}
		this.countPicked();
		if (refused.length) await tell([...new Set(refused)].join("\n"));
		this.follow();
	}

	// Edits the tags that all of the documents have; what is written besides is added to each.
	async tag(ids, question) {
		const sets = ids.map((id) => document.getElementById(`doc-${id}`)?.dataset.tags.split(" ").filter(Boolean) ?? []);
		const before = sets[0].filter((tag) => sets.every((tags) => tags.includes(tag)));
		const line = await written(question, before.join(" "), this.words);
		if (line === null) return;
		const after = line.split(/[\s,，、;；]+/).filter(Boolean).map((tag) => tag.replace(/^#+/, ""));
		const changes = {
			add_tags: after.filter((tag) => tag && !before.includes(tag)),
			remove_tags: before.filter((tag) => !after.includes(tag)),
		};
		if (changes.add_tags.length + changes.remove_tags.length) {
			await this.each(ids, (id, words) => label(id, changes, words));
		}
	}

	async all(route) {
		const reason = await refusal(await send("POST", `/api/queue/${route}`), this.words);
		if (reason) await tell(reason);
		this.follow();
	}
}

// Makes `before` equal to `after`, row by row; rows that are the same keep their elements.
function mergeRows(before, after) {
	const old = new Map([...before.tBodies].map((row) => [row.id, row]));
	const rows = [...after.tBodies].map((row) => {
		const known = old.get(row.id);
		return known && known.fresh === row.outerHTML ? known : Object.assign(row, { fresh: row.outerHTML });
	});
	const same = rows.length === old.size && rows.every((row, place) => before.tBodies[place] === row);
	if (!same) before.replaceChildren(after.tHead, ...rows);
}

customElements.define("footnote-library", Library);
