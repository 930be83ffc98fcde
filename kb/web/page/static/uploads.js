// Files that are dropped, chosen or pasted, sent two at a time; one strip says how far they are.

import { fill, make } from "./common.js";
import { remove } from "./document_actions.js";
import { dropped, isReadable } from "./dropped_files.js";
import { go } from "./router.js";

const UPLOADS_AT_ONCE = 2;
const SHOWN_MS = 4000; // how long a strip without anything to look at stays

const early = []; // dropped before the library was on the page
const waiting = [];
const batch = { total: 0, done: 0, sent: new Map(), look: 0 };
let sending = 0;
let parts = null; // of the strip, while it is shown
let hiding = 0;

// Sends what was dropped before the library was on the page.
export const addEarly = () => add(early.splice(0));

const library = () => document.querySelector("footnote-library");

// The collection that files go to: what is written there, else the one that is listed.
function target() {
	const found = library();
	const written = document.getElementById("into")?.value.trim();
	return written || found?.filter?.collection || "";
}

function add(files) {
	const found = library();
	if (!found?.words) {
		early.push(...files);
		return;
	}
	if (!files.length) return;
	clearTimeout(hiding);
	const collection = target();
	batch.total += files.length;
	showStrip(found);
	for (const file of files) waiting.push({ file, collection, path: file.within ?? file.webkitRelativePath });
	sendNext();
}

function sendNext() {
	while (sending < UPLOADS_AT_ONCE && waiting.length) {
		sending += 1;
		upload(waiting.shift()).finally(() => {
			sending -= 1;
			sendNext();
			if (!sending && !waiting.length) ended();
		});
	}
	progress();
}

async function upload(sent) {
	const { words, dataset } = library();
	const megabytes = Number(dataset.maxMegabytes);
	if (sent.file.size > megabytes * 2 ** 20) return refused(sent, fill(words.upload_too_large, { megabytes }));
	if (!(await isReadable(sent.file))) return refused(sent, words.unreadable_file);
	const request = await post(sent);
	batch.sent.delete(sent);
	if (request.status === 200 || request.status === 201) accepted(sent, request.response);
	else refused(sent, request.response?.error ?? words.connection_lost);
}

// XMLHttpRequest, because fetch does not say how much of a body has been sent.
function post(sent) {
	const { file, collection, path, sameName } = sent;
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
		batch.sent.set(sent, loaded / total);
		progress();
	};
	return new Promise((done) => {
		request.onloadend = () => done(request);
		request.send(form);
	});
}

// Says what became of a file; where another of its name stays, it can be replaced after all.
function accepted(sent, { already_present: present, beside, replaces, document: added }) {
	batch.done += 1;
	const { words } = library();
	if (beside) {
		const item = look(sent, fill(words.upload_beside, { name: added.name }));
		const replace = make("button", words.upload_replace, { type: "button" });
		replace.addEventListener("click", async () => {
			replace.remove();
			const request = await post({ ...sent, sameName: "version" });
			if (request.status >= 300) return;
			await remove(added.id, words);
			item.querySelector(".upload-state").textContent = words.upload_version;
		});
		item.append(replace);
	} else if (present || replaces) {
		note(sent, present ? words.upload_present : words.upload_version);
	}
	progress();
}

function refused(sent, reason) {
	batch.done += 1;
	look(sent, fill(library().words.upload_failed, { reason })).classList.add("problem");
	progress();
}

// Lists a file whose end somebody should see.
function look(sent, text) {
	batch.look += 1;
	return note(sent, text);
}

function note({ file }, text) {
	const item = make("li", "");
	item.append(make("bdi", file.name), make("span", text, { className: "upload-state" }));
	parts.list.append(item);
	return item;
}

// --- The strip --------------------------------------------------------------------------------

function showStrip(found) {
	if (parts) return;
	const { words } = found;
	const place = found.querySelector(".uploads");
	const said = make("span", "", { className: "said" });
	said.setAttribute("role", "status");
	const bar = make("progress", "");
	bar.setAttribute("aria-label", words.uploading);
	const list = make("ul", "", { id: "uploads", hidden: true });
	const details = make("button", words.details, { type: "button", hidden: true });
	details.setAttribute("aria-expanded", "false");
	details.addEventListener("click", () => {
		list.hidden = !list.hidden;
		details.setAttribute("aria-expanded", String(!list.hidden));
	});
	const close = make("button", "✕", { type: "button", className: "plain", hidden: true });
	close.setAttribute("aria-label", words.close);
	close.addEventListener("click", clear);
	const line = make("div", "", { className: "work-line" });
	line.append(said, bar, details, close);
	place.replaceChildren(line, list);
	place.hidden = false;
	parts = { place, said, bar, list, details, close };
}

function progress() {
	const found = library();
	if (!parts || !found) return;
	const { words } = found;
	const whole = batch.done + [...batch.sent.values()].reduce((sum, part) => sum + part, 0);
	parts.bar.max = batch.total;
	parts.bar.value = whole;
	const added = batch.done - batch.look;
	const said = [
		batch.done < batch.total
			? fill(words.upload_progress, { done: batch.done, total: batch.total })
			: fill(words.uploads_done, { count: Math.max(0, added) }),
	];
	if (batch.look) said.push(fill(words.upload_refused, { count: batch.look }));
	parts.said.textContent = said.join(" · ");
	parts.details.hidden = !parts.list.children.length;
}

function ended() {
	if (!parts) return;
	progress();
	parts.bar.hidden = true;
	parts.close.hidden = false;
	if (batch.look) {
		parts.list.hidden = false;
		parts.details.setAttribute("aria-expanded", "true");
	} else hiding = setTimeout(clear, SHOWN_MS);
}

function clear() {
	if (!parts) return;
	parts.place.hidden = true;
	parts.place.replaceChildren();
	parts = null;
	Object.assign(batch, { total: 0, done: 0, look: 0 });
	batch.sent.clear();
}

// --- Where files come from --------------------------------------------------------------------

// Asks for a text and adds it as a file of its title.
export function paste(words) {
	const dialog = make("dialog", "", { className: "ask paste" });
	const form = make("form", "", { method: "dialog" });
	const title = make("input", "", { type: "text", maxLength: 120, autocomplete: "off" });
	const body = make("textarea", "", { rows: 10, required: true });
	const labelled = (text, control) => {
		const label = make("label", text);
		label.append(control);
		return label;
	};
	const save = make("button", words.add, { value: "yes", className: "primary" });
	const cancel = make("button", words.cancel, { value: "", formNoValidate: true });
	form.append(labelled(words.paste_title, title), labelled(words.paste_body, body), save, cancel);
	dialog.append(form);
	document.body.append(dialog);
	dialog.addEventListener("close", () => {
		const name = (title.value.trim() || words.paste_name).replace(/[/\\]/g, "-");
		if (dialog.returnValue === "yes" && body.value.trim()) add([new File([body.value], `${name}.txt`)]);
		dialog.remove();
	});
	dialog.showModal();
}

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

function over(event) {
	if (!carriesFiles(event)) return;
	event.preventDefault();
	const found = library();
	if (found?.words) {
		const { words, dataset } = found;
		const into = target();
		const collection = !into || into === dataset.defaultCollection ? words.general : into;
		document.body.dataset.drop = fill(words.drop_to, { collection });
	}
	document.documentElement.classList.add("dragging");
}

// Both: where what lies under the pointer is drawn anew, the next event is `dragenter`, and what is let go then is lost
// unless that one was handled too.
for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, over);
document.addEventListener("dragleave", (event) => {
	if (!event.relatedTarget) document.documentElement.classList.remove("dragging");
});
// Adds files from another screen: the library shows what becomes of them.
export function take(files) {
	go("/library");
	add(files);
}

document.addEventListener("drop", (event) => {
	if (!carriesFiles(event)) return;
	event.preventDefault();
	document.documentElement.classList.remove("dragging");
	const files = dropped(event.dataTransfer);
	go("/library");
	files.then(add);
});
document.addEventListener("change", (event) => {
	if (event.target.id !== "files" && event.target.id !== "folder") return;
	add([...event.target.files].filter((file) => !file.webkitRelativePath.includes("/.")));
	event.target.value = "";
});
