// Files that are dropped or chosen, sent one by one with their progress.

import { fill, make } from "./common.js";
import { remove } from "./document_actions.js";
import { go } from "./router.js";

const UPLOADS_AT_ONCE = 2;

const early = []; // dropped before the library was on the page
const waiting = [];
let sending = 0;

// Sends what was dropped before the library was on the page.
export const addEarly = () => add(early.splice(0));

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
	go("/library");
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
