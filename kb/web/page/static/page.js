// The part of the page that Gradio does not draw: uploads, the live table, and footnotes that open.
// Markup comes ready from the server (kb/web/page/render*.py); here text is only ever set as text.

import { confirmed, fill, make, refusal, send, sleep, tell, written } from "./common.js";

const PER_PAGE = 50;
const BETWEEN_LOOKS_MS = 400;
const UPLOADS_AT_ONCE = 2;

// --- The table of documents -----------------------------------------------------------------

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
		add(early.splice(0));
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

const QUEUE_ROUTES = { "pause-all": "pause", "resume-all": "resume", "retry-failed": "retry-failed" };
const documentAt = (id) => `/api/documents/${encodeURIComponent(id)}`;
const control = async (id, act, words) => refusal(await send("POST", `${documentAt(id)}/${act}`), words);
const remove = async (id, words) => refusal(await send("DELETE", documentAt(id)), words);
const label = async (id, changes, words) => refusal(await send("PATCH", documentAt(id), changes), words);
const putAway = async (id, words) => refusal(await send("DELETE", `/api/notices/${encodeURIComponent(id)}`), words);

// --- Uploads --------------------------------------------------------------------------------

const early = []; // dropped before the library was on the page
const waiting = [];
let sending = 0;

function add(files) {
	const list = document.getElementById("uploads");
	const library = document.querySelector("footnote-library");
	if (!list || !library) {
		early.push(...files);
		return;
	}
	const { words } = library;
	const megabytes = Number(library.dataset.maxMegabytes);
	const collection = document.getElementById("into").value;
	for (const file of files) {
		const state = make("span", words.upload_waiting, { className: "upload-state" });
		const item = make("li", "");
		item.append(make("bdi", file.name), state);
		list.append(item);
		if (file.size > megabytes * 2 ** 20) {
			const reason = fill(words.upload_too_large, { megabytes });
			state.textContent = fill(words.upload_failed, { reason });
			item.className = "problem";
			continue;
		}
		waiting.push({ file, collection, item, state, words, path: file.within ?? file.webkitRelativePath });
	}
	sendNext();
}

// The files that were dropped; those of folders bring their paths along.
async function dropped(transfer) {
	const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
	return entries.some((entry) => entry.isDirectory) ? (await Promise.all(entries.map(filesOf))).flat() : transfer.files;
}

async function filesOf(entry) {
	if (entry.isFile) {
		const file = await new Promise((done, failed) => entry.file(done, failed));
		return [Object.assign(file, { within: entry.fullPath })];
	}
	const reader = entry.createReader();
	const found = [];
	for (;;) {
		const more = await new Promise((done, failed) => reader.readEntries(done, failed)); // a hundred at a time
		if (!more.length) break;
		found.push(...more.filter((each) => !each.name.startsWith(".")));
	}
	return (await Promise.all(found.map(filesOf))).flat();
}

function sendNext() {
	while (sending < UPLOADS_AT_ONCE && waiting.length) {
		sending += 1;
		upload(waiting.shift()).finally(() => {
			sending -= 1;
			sendNext();
		});
	}
}

// XMLHttpRequest, because fetch does not say how much of a body has been sent.
function upload(sent) {
	const { file, collection, item, state, words, path, sameName } = sent;
	const form = new FormData();
	form.append("name", file.name);
	form.append("collection", collection);
	if (path) form.append("path", path);
	if (sameName) form.append("same_name", sameName);
	form.append("file", file);
	const request = new XMLHttpRequest();
	request.open("POST", "/api/documents");
	request.responseType = "json";
	request.upload.onprogress = ({ loaded, total }) => {
		state.textContent = fill(words.upload_sending, { percent: Math.floor((100 * loaded) / total) });
	};
	return new Promise((done) => {
		request.onloadend = () => {
			if (request.status === 200 || request.status === 201) {
				accepted(sent, request.response);
			} else {
				const reason = request.response?.error ?? words.connection_lost;
				state.textContent = fill(words.upload_failed, { reason });
				item.className = "problem";
			}
			done();
		};
		request.send(form);
	});
}

// Says what became of a file; where another of its name stays, it can be replaced after all.
function accepted(sent, { already_present: present, beside, replaces, document: added }) {
	const { item, state, words } = sent;
	if (beside) {
		const replace = make("button", words.upload_replace, { type: "button" });
		replace.addEventListener("click", async () => {
			replace.remove();
			await upload({ ...sent, sameName: "version" });
			await remove(added.id, words);
		});
		state.textContent = fill(words.upload_beside, { name: added.name });
		item.append(replace);
		setTimeout(() => replace.isConnected && item.remove(), 60000);
		return;
	}
	state.textContent = present ? words.upload_present : replaces ? words.upload_version : words.upload_done;
	setTimeout(() => item.remove(), present || replaces ? 8000 : 1500);
}

function openLibrary() {
	document.querySelector("#tab-library-button, [role=tab][aria-controls=tab-library]")?.click();
}

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
	if (!carriesFiles(event)) return;
	event.preventDefault();
	document.documentElement.classList.add("dragging");
});
document.addEventListener("dragleave", (event) => {
	if (!event.relatedTarget) document.documentElement.classList.remove("dragging");
});
document.addEventListener("drop", (event) => {
	if (!carriesFiles(event)) return;
	event.preventDefault();
	document.documentElement.classList.remove("dragging");
	openLibrary();
	dropped(event.dataTransfer).then(add);
});
document.addEventListener("change", (event) => {
	if (event.target.id !== "files") return;
	add(event.target.files);
	event.target.value = "";
});
document.addEventListener("submit", (event) => {
	if (event.target.id === "drop") event.preventDefault();
});

// --- Earlier conversations --------------------------------------------------------------------

// Its id is all that the browser keeps of a conversation; the server reads it when the page opens.
const remember = (id) => {
	document.cookie = `footnote_conversation=${id}; path=/; SameSite=Strict; max-age=${id ? 31536000 : 0}`;
};

class Conversations extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.details = this.querySelector("details");
		this.list = this.querySelector(".list");
		this.details.addEventListener("toggle", () => this.details.open && this.look());
		this.list.addEventListener("click", (event) => this.clicked(event.target.closest("[data-act]")));
	}

	async look() {
		const response = await fetch("/ui/conversations");
		if (response.ok) this.list.innerHTML = (await response.json()).html;
	}

	async clicked(button) {
		if (!button) return;
		const item = button.closest("li");
		const id = item.dataset.conversation;
		if (button.dataset.act === "open") {
			remember(id);
			document.getElementById("reopen").click();
			this.details.open = false;
			return;
		}
		const name = item.querySelector("[data-act=open]").textContent;
		if (!(await confirmed(fill(this.words.confirm, { name }), this.words))) return;
		await send("DELETE", `/api/conversations/${encodeURIComponent(id)}`);
		const shown = document.querySelector("#current .question")?.dataset.conversation;
		if (shown === id) document.getElementById("anew").click();
		this.look();
	}
}

document.addEventListener(
	"click",
	(event) => event.target.closest?.("#anew") && remember(""),
	true,
);

// --- Footnotes ------------------------------------------------------------------------------

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
	if (question.dataset.conversation) remember(question.dataset.conversation);
	if (first) return;
	// The earlier turns arrive as a piece of their own, a moment before or after.
	setTimeout(() => document.getElementById(latest)?.scrollIntoView({ block: "start" }), 100);
}).observe(document.body, { childList: true, subtree: true });

customElements.define("footnote-library", Library);
customElements.define("footnote-conversations", Conversations);
