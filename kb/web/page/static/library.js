// The library: a bar that narrows the list, a selection, and the table. Markup comes ready from the server
// (kb/web/page/library/render.py); here text is only ever set as text.

import { agreed, fill, make, refusal, released, send, setMarkup, sleep, tagsOf, tell, written } from "./common.js";
import { control, label, putAway } from "./document_actions.js";
import { showOptions, filterOf } from "./library_filter.js";
import { whereTo } from "./library_move.js";
import { Selection } from "./library_selection.js";
import { RowWindow } from "./library_table.js";
import { close, open, openMenu, openNote } from "./popup.js";
import { toast } from "./toast.js";
import { addEarly, paste } from "./uploads.js";

const BETWEEN_LOOKS_MS = 400;
const TYPING_MS = 200;
const UNDO_MS = 10000; // as kb.state.removals keeps it
const ASK_FROM = 20; // so many are not deleted without a question
const QUEUE_ROUTES = { "pause-all": "pause", "resume-all": "resume" };
const MENU = { open: "open", download: "download", tag: "edit_tags", move: "move", leave_out: "leave_out", take_in: "take_in",
	read_again: "read_again", retry: "retry", pause: "pause", resume: "resume", cancel: "cancel_import", remove: "delete" };

class Library extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.filter = {};
		this.sort = { sort: "added", descending: true };
		this.selection = new Selection();
		this.total = 0;
		this.workOpen = false;
		this.rows = new RowWindow(this.find("table.docs"), () => this.lookSoon());
		this.addEventListener("click", (event) => this.clicked(event));
		this.addEventListener("change", (event) => this.changed(event.target));
		this.addEventListener("input", (event) => event.target.dataset.filter === "text" && this.typed(event.target));
		this.find("table.docs").addEventListener("rows", () => this.showSelection());
		this.visible = new IntersectionObserver((seen) => seen[0].isIntersecting && this.rows.draw());
		this.visible.observe(this);
		this.showSort();
		this.follow();
		addEarly();
	}

	disconnectedCallback() {
		this.looking?.abort();
		this.looking = null;
		this.visible.disconnect();
		this.rows.end();
	}

	find(selector) {
		return this.querySelector(selector);
	}

	// --- What is listed ------------------------------------------------------------------------

	// Asks for the rows in sight, shows them, and asks again; the server answers when something changed.
	async follow() {
		this.looking?.abort();
		const mine = (this.looking = new AbortController());
		let seen = -1;
		while (!mine.signal.aborted) {
			try {
				const [offset, limit] = this.rows.range;
				const query = new URLSearchParams({ ...this.filter, ...this.sort, seen, offset, limit, work: this.workOpen });
				const response = await fetch(`/ui/library?${query}`, { signal: mine.signal });
				if (!response.ok) throw new Error(response.statusText);
				const found = await released(response.json());
				if (mine.signal.aborted) return;
				this.find(".lost").hidden = true;
				this.show(found);
				seen = found.seen;
				await sleep(BETWEEN_LOOKS_MS);
			} catch (error) {
				if (mine.signal.aborted) return;
				this.find(".lost").hidden = false;
				seen = -1;
				await sleep(2000);
			}
		}
	}

	// Rows are wanted that are not there: asked for once scrolling pauses for a moment.
	lookSoon() {
		clearTimeout(this.soon);
		this.soon = setTimeout(() => this.follow(), 30);
	}

	show(found) {
		const changed = found.seen !== this.seen;
		this.seen = found.seen;
		this.total = found.total;
		this.busy = found.busy;
		setMarkup(this.find(".notices"), found.notices);
		setMarkup(this.find(".work"), found.work);
		this.rows.take(found, changed);
		this.find("table.docs").hidden = found.total === 0;
		const many = found.total === 1 ? this.words.document_count_one : this.words.document_count;
		this.find(".count").textContent = found.total ? fill(many, { count: found.total.toLocaleString() }) : "";
		this.find(".empty").hidden = !found.is_empty;
		this.find(".none-match").hidden = found.total > 0 || found.is_empty;
		if (changed) showOptions(this);
		this.showSelection();
	}

	narrow(filter) {
		this.filter = filter;
		this.selection.clear();
		this.rows.forget();
		const any = Object.keys(filter).some((name) => name !== "text");
		this.find("[data-act=clear-filters]").hidden = !any;
		this.find("[data-act=filters]").classList.toggle("is-on", any);
		document.dispatchEvent(new Event("footnote:into"));
		this.follow();
	}

	typed() {
		clearTimeout(this.typing);
		this.typing = setTimeout(() => this.narrow(filterOf(this)), TYPING_MS);
	}

	showSort() {
		for (const head of this.querySelectorAll("th [data-sort]")) {
			const mine = head.dataset.sort === this.sort.sort;
			const way = this.sort.descending ? "descending" : "ascending";
			head.closest("th").setAttribute("aria-sort", mine ? way : "none");
		}
	}

	sortBy(key) {
		const first = ["added", "size", "length"].includes(key);
		const descending = this.sort.sort === key ? !this.sort.descending : first;
		this.sort = { sort: key, descending };
		this.rows.forget();
		this.showSort();
		this.follow();
	}

	// --- What is selected ----------------------------------------------------------------------

	changed(control) {
		if (control.dataset.act === "pick") {
			const row = control.closest("tr");
			this.selection.set(row.dataset.document, control.checked, { ...row.dataset });
			this.showSelection();
		} else if (control.dataset.act === "pick-every") {
			control.checked ? this.selection.takeAll() : this.selection.clear();
			this.showSelection();
		} else if (control.dataset.filter && control.dataset.filter !== "text") {
			this.narrow(filterOf(this));
		}
	}

	showSelection() {
		const count = this.selection.count(this.total);
		const bar = this.find(".selection");
		bar.hidden = count === 0;
		const said = count === 1 ? this.words.selected_one : fill(this.words.selected_many, { count });
		if (this.find(".picked").textContent !== said) this.find(".picked").textContent = said;
		for (const act of ["leave_out", "take_in"]) this.find(`[data-many=${act}]`).hidden = !this.selection.offers(act);
		const all = this.find("[data-act=pick-all]");
		all.textContent = fill(this.words.select_matching, { count: this.total });
		all.hidden = count === this.total;
		const every = this.find("[data-act=pick-every]");
		every.checked = count > 0 && count === this.total;
		every.indeterminate = count > 0 && count < this.total;
		for (const row of this.querySelectorAll("tr.doc")) {
			const picked = this.selection.has(row.dataset.document);
			row.querySelector("[data-act=pick]").checked = picked;
			row.classList.toggle("is-picked", picked);
		}
	}

	// --- What is done --------------------------------------------------------------------------

	async clicked(event) {
		const button = event.target.closest("button");
		if (!button || !this.contains(button)) return;
		if (button.closest(".add-menu")) close();
		if (button.dataset.sort) return this.sortBy(button.dataset.sort);
		if (button.dataset.many) return this.doToSelected(button.dataset.many);
		const about = button.closest("[data-document]")?.dataset.document;
		const cause = button.closest("[data-cause]")?.dataset.cause;
		switch (button.dataset.act) {
			case "menu":
				return this.openRowMenu(button);
			case "why":
				return this.openReason(button, about);
			case "add":
				return open(button, this.find(".add-menu"));
			case "add-files":
				return this.find("#files").click();
			case "add-folder":
				return this.find("#folder").click();
			case "paste":
				return paste(this.words);
			case "filters":
				return button.setAttribute("aria-expanded", this.classList.toggle("shows-filters"));
			case "clear-filters":
				for (const select of this.querySelectorAll("select[data-filter]")) select.value = "";
				return this.narrow(filterOf(this));
			case "pick-all":
				this.selection.takeAll();
				return this.showSelection();
			case "pick-none":
				this.selection.clear();
				return this.showSelection();
			case "work-open":
				this.workOpen = !this.workOpen;
				return this.follow();
			case "put-away":
				return this.say(await putAway(button.dataset.notice, this.words));
			case "pause":
			case "resume":
			case "cancel":
				return this.say(await control(about, button.dataset.act, this.words));
			case "pause-all":
			case "resume-all":
				return this.say(await refusal(await send("POST", `/api/queue/${QUEUE_ROUTES[button.dataset.act]}`), this.words));
			case "retry-cause":
				return this.act("retry", [{ matching: { cause } }]);
			case "show-cause":
				return this.narrow({ state: "failed", cause });
		}
	}

	openRowMenu(button) {
		const row = button.closest("tr").dataset;
		const items = row.acts.split(" ").filter(Boolean).map((act) => [this.words[MENU[act]], act, act === "remove"]);
		if (items.length) openMenu(button, button.getAttribute("aria-label"), items, (act) => this.doToOne(act, { ...row }));
	}

	// The whole of a sentence that a row has no room for, and what may help.
	openReason(button, id) {
		const { acts } = button.closest("tr").dataset;
		const retry = [[this.words.retry, () => this.doToOne("retry", { document: id })]];
		openNote(button, button.dataset.label, button.innerHTML, acts.split(" ").includes("retry") ? retry : []);
	}

	async doToOne(act, row) {
		const id = row.document;
		switch (act) {
			case "open":
				return document.getElementById(`doc-${id}`)?.querySelector("th a")?.click();
			case "download":
				return Object.assign(make("a", ""), { href: `/documents/${encodeURIComponent(id)}/original`, download: "" }).click();
			case "tag":
				return this.editTags(row);
			case "move":
				return this.move([{ ids: [id] }], fill(this.words.move_question, { name: row.name }));
			case "retry":
			case "pause":
			case "resume":
			case "cancel":
				return this.say(await control(id, act, this.words));
			case "remove":
				return this.remove([{ ids: [id] }], 1, row.name);
			default:
				return this.act(act, [{ ids: [id] }]);
		}
	}

	async doToSelected(act) {
		const count = this.selection.count(this.total);
		const asked = this.selection.asked(this.filter);
		if (act === "remove") {
			const name = count === 1 ? [...this.selection.ids.values()][0]?.name : null;
			return this.remove(asked, count, name);
		}
		if (act === "move") return this.move(asked, fill(this.words.move_many_question, { count }));
		if (act !== "tag") return this.act(act, asked);
		if (count === 1 && this.selection.ids.size) return this.editTags([...this.selection.ids.values()][0]);
		const line = await written(fill(this.words.add_tags_question, { count }), "", this.words);
		const tags = tagsOf(line);
		if (tags.length) await this.act("tag", asked, { add_tags: tags });
	}

	async editTags({ document: id, name, tags }) {
		const line = await written(fill(this.words.tags_question, { name }), tags, this.words);
		if (line === null) return;
		const before = tags.split(" ").filter(Boolean);
		const after = tagsOf(line);
		const changes = {
			add_tags: after.filter((tag) => !before.includes(tag)),
			remove_tags: before.filter((tag) => !after.includes(tag)),
		};
		if (changes.add_tags.length + changes.remove_tags.length) this.say(await label(id, changes, this.words));
	}

	// Does something to documents in as many requests as they take; says what could not be done.
	async act(act, asked, more = {}) {
		const done = { changed: 0, refused: 0, reason: null, undo: [] };
		for (const which of asked) {
			const response = await send("POST", "/api/library/actions", { act, ...which, ...more });
			const reason = await refusal(response.clone(), this.words);
			if (reason) return this.say(reason);
			const { changed, refused, reason: why, undo } = await response.json();
			done.changed += changed;
			done.refused += refused;
			done.reason ??= why;
			if (undo) done.undo.push(undo);
		}
		this.selection.clear();
		if (done.refused) {
			const { changed: count, refused, reason } = done;
			toast(fill(this.words.done_to, { count, refused, reason: reason ?? "" }), { closeLabel: this.words.close });
		}
		this.follow();
		return done;
	}

	// Deletes at once, for whoever searches; the server keeps everything until it cannot be undone any more.
	async remove(asked, count, name) {
		const { confirm_delete, deleted_one, deleted_many, undo } = this.words;
		if (count > ASK_FROM && !(await agreed(fill(confirm_delete, { count }), this.words.delete, this.words))) return;
		const done = await this.act("remove", asked);
		if (!done?.undo.length) return;
		const text = done.changed === 1 && name ? fill(deleted_one, { name }) : fill(deleted_many, { count: done.changed });
		toast(text, { label: undo, ms: UNDO_MS, closeLabel: this.words.close, act: () => this.undo(done.undo) });
	}

	async move(asked, question) {
		const collection = await whereTo(this, question);
		if (collection === null) return;
		const done = await this.act("move", asked, { collection });
		if (!done?.undo.length) return;
		const where = collection === this.dataset.defaultCollection ? this.words.general : collection;
		const text = fill(done.changed === 1 ? this.words.moved_one : this.words.moved_many, { count: done.changed, where });
		toast(text, { label: this.words.undo, ms: UNDO_MS, closeLabel: this.words.close, act: () => this.undo(done.undo) });
	}

	async undo(names) {
		let count = 0;
		for (const name of names) {
			const response = await send("POST", `/api/library/undo/${encodeURIComponent(name)}`);
			const reason = await refusal(response.clone(), this.words);
			if (reason) return this.say(reason);
			const undone = await response.json();
			count += undone.changed;
			if (undone.reason) await tell(undone.reason);
		}
		toast(fill(this.words.undone, { count }), { closeLabel: this.words.close });
		this.follow();
	}

	async say(reason) {
		if (reason) await tell(reason);
		this.follow();
	}
}

customElements.define("footnote-library", Library);
