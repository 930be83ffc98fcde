// What is done with an answer: copied, asked again, rated, its question edited.

import { make, send } from "./common.js";
import { openModels } from "./models.js";

const SHOWN_MS = 1600;
const NOTES = ".weak, .unsupported, .target"; // what we say about the answer

// As somebody would write it: Gradio takes the value from the one event, and sends it at the other.
function order(what) {
	document.dispatchEvent(new Event("footnote:asked"));
	const box = document.querySelector("#again textarea, #again input");
	box.value = JSON.stringify(what);
	box.dispatchEvent(new Event("input", { bubbles: true }));
	box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true }));
}

function say(text) {
	const said = document.getElementById("said");
	if (said) said.textContent = text;
}

// --- Copying ------------------------------------------------------------------------------------

// The answer as it is read, without the elements that are `left` out; `mark` makes the text of a footnote of its number.
function textOf(turn, left, mark) {
	const blocks = document.getElementById(turn)?.closest(".text, #current").querySelectorAll(".answer") ?? [];
	return [...blocks]
		.map((block) => {
			const copy = block.cloneNode(true);
			for (const note of copy.querySelectorAll(left)) note.remove();
			for (const link of copy.querySelectorAll("a.fn")) link.replaceWith(mark(link.textContent));
			copy.style.cssText = "position: fixed; left: -200vw";
			document.body.append(copy); // what is laid out is read line by line
			const text = copy.innerText.replaceAll("\u2060", "").replace(/[ \t]+([.,;:!?。，；：！？]|$)/gm, "$1");
			copy.remove();
			return text.trim();
		})
		.join("\n\n");
}

function sourcesOf(turn) {
	const list = document.getElementById(`${turn}-sources`)?.querySelectorAll("li.cited") ?? [];
	return [...list].map((item) => {
		const [place] = JSON.parse(item.dataset.places);
		const where = item.querySelector(".where").textContent;
		const quote = place ? ` “${place.quote.replace(/\s+/g, " ")}”` : "";
		return `[${item.querySelector(".n").textContent}] ${place?.name ?? ""}${where ? `, ${where}` : ""}:${quote}`;
	});
}

async function copied(row, form) {
	const { turn, request } = row.dataset;
	if (form === "text") return textOf(turn, `${NOTES}, figcaption, footer`, () => "");
	if (form === "sources") return [textOf(turn, `${NOTES}, figcaption`, (number) => `[${number}]`), ...sourcesOf(turn)].join("\n");
	const response = await fetch(`/api/answers/${encodeURIComponent(request)}/export`);
	if (!response.ok) throw new Error(String(response.status));
	return response.text();
}

async function copy(button) {
	const menu = button.closest("details");
	const label = menu.querySelector("summary");
	const word = label.querySelector("span");
	const before = word.textContent;
	let done = button.dataset.copied;
	try {
		await navigator.clipboard.writeText(await copied(button.closest(".actions"), button.dataset.copy));
	} catch {
		done = button.dataset.refused;
	}
	menu.open = false;
	word.textContent = done;
	label.classList.add("says");
	label.focus();
	say(done);
	setTimeout(() => {
		word.textContent = before;
		label.classList.remove("says");
	}, SHOWN_MS);
}

// --- Rating -------------------------------------------------------------------------------------

const rated = new Map(); // request -> "good" or "bad"
let loaded = null;

async function load(conversation) {
	loaded = conversation;
	const response = await fetch(`/api/ratings?${new URLSearchParams({ conversation, limit: 1000 })}`).catch(() => null);
	if (!response?.ok) return;
	for (const { request_id, rating } of (await response.json()).ratings) rated.set(request_id, rating);
	press();
}

function press() {
	// Gradio draws another answer in the place of this one
	for (const form of document.querySelectorAll(".reason")) {
		if (form.previousElementSibling?.dataset?.request !== form.dataset.request) form.remove();
	}
	for (const button of document.querySelectorAll(".actions [data-rate]")) {
		const pressed = rated.get(button.closest(".actions").dataset.request) === button.dataset.rate;
		if (button.getAttribute("aria-pressed") !== String(pressed)) button.setAttribute("aria-pressed", String(pressed));
	}
}

async function rate(button) {
	const row = button.closest(".actions");
	const address = `/api/answers/${encodeURIComponent(row.dataset.request)}/rating`;
	const value = button.dataset.rate;
	const withdraws = rated.get(row.dataset.request) === value;
	withdraws ? rated.delete(row.dataset.request) : rated.set(row.dataset.request, value);
	press();
	row.parentElement.querySelector(".reason")?.remove();
	const response = await (withdraws ? send("DELETE", address) : send("POST", address, { rating: value })).catch(() => null);
	if (!response?.ok) return say((await words).not_kept);
	if (!withdraws) askWhy(row, address, value, button);
}

async function askWhy(row, address, rating, button) {
	const said = await words;
	const form = make("form", "", { className: "reason" });
	form.dataset.request = row.dataset.request;
	const input = make("input", "", { type: "text", maxLength: 2000, placeholder: said.why_hint, autocomplete: "off" });
	input.setAttribute("aria-label", said.why);
	const label = make("label", said.why);
	label.append(input);
	form.append(label, make("button", said.send_reason, { type: "submit" }));
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		const response = await send("POST", address, { rating, reason: input.value }).catch(() => null);
		const done = response?.ok ? said.thanks : said.not_kept;
		form.replaceChildren(make("p", done, { className: "fine" }));
		say(done);
		button.focus({ preventScroll: true });
		setTimeout(() => form.remove(), 2 * SHOWN_MS);
	});
	form.addEventListener("keydown", (event) => {
		if (event.key !== "Escape") return;
		event.preventDefault();
		form.remove();
		button.focus();
	});
	row.after(form);
	input.focus({ preventScroll: true });
	form.scrollIntoView({ block: "nearest" }); // not behind the box to write in
}

// --- Editing the question, or what is searched for it --------------------------------------------

const editQuestion = (turn, opener) => edit(document.getElementById(turn), opener, (text) => order({ turn, how: "edit", text }));
const editSearched = (turn, chip) => edit(chip.parentElement, chip, (text) => order({ turn, how: "search", text }), { value: chip.dataset.query, label: chip.title });

// Puts a box in the place of `heading`, and what was written there into `send`.
async function edit(heading, opener, send, { value = heading?.textContent, label = "" } = {}) {
	const said = await words;
	if (!heading || heading.hidden) return;
	const form = make("form", "", { className: "edit" });
	const box = make("textarea", "", { value, rows: 2 });
	box.setAttribute("aria-label", label || said.edit_question);
	const cancel = make("button", said.cancel, { type: "button" });
	form.append(box, make("button", said.edit_send, { type: "submit" }), cancel);
	const end = () => {
		form.remove();
		heading.hidden = false;
	};
	const leave = () => {
		end();
		opener.focus();
	};
	cancel.addEventListener("click", leave);
	form.addEventListener("keydown", (event) => {
		if (event.key === "Enter" && !event.shiftKey && event.target === box && !event.isComposing) {
			event.preventDefault();
			form.requestSubmit();
		}
		if (event.key !== "Escape") return;
		event.preventDefault();
		leave();
	});
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		const text = box.value.trim();
		end();
		if (text) send(text);
	});
	heading.hidden = true;
	heading.after(form);
	box.focus();
}

// --- All of it ----------------------------------------------------------------------------------

const words = fetch("/ui/words/sources").then(async (response) => (await response.json()).pane);

document.addEventListener("click", (event) => {
	const button = event.target.closest?.("[data-again], [data-copy], [data-rate]");
	for (const menu of document.querySelectorAll(".actions details.copy[open]")) if (!menu.contains(event.target)) menu.open = false;
	if (!button) return;
	const turn = button.dataset.turn ?? button.closest(".actions").dataset.turn;
	if (button.dataset.copy) copy(button);
	else if (button.dataset.rate) rate(button);
	else if (button.dataset.again === "edit") editQuestion(turn, button);
	else if (button.dataset.again === "search") editSearched(turn, button);
	else if (button.dataset.again === "model") openModels({ chosen: null, once: true, take: (model) => order({ turn, how: "model", model }) });
	else order({ turn, how: button.dataset.again });
});
document.addEventListener("keydown", (event) => {
	const menu = event.key === "Escape" && event.target.closest?.("details.copy[open]");
	if (!menu) return;
	event.preventDefault();
	menu.open = false;
	menu.querySelector("summary").focus();
});

let waits = false;
new MutationObserver(() => {
	if (waits) return;
	waits = true;
	requestAnimationFrame(() => {
		waits = false;
		const conversation = document.querySelector("#current .question")?.dataset.conversation;
		if (conversation && conversation !== loaded) load(conversation);
		press();
	});
}).observe(document.body, { childList: true, subtree: true });
