// What the page's other scripts share: elements, requests, and dialogs that ask.

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export function make(tag, text, properties = {}) {
	const element = Object.assign(document.createElement(tag), properties);
	element.textContent = text;
	return element;
}

export function send(method, address, body) {
	const headers = body ? { "Content-Type": "application/json" } : {};
	return fetch(address, { method, headers, body: body && JSON.stringify(body) });
}

const HELD_MS = 3000; // a press whose end nobody is told, outside of the window, holds up what is live no longer
let held = null; // while something is pressed: until it is let go
let letGo = null;
document.addEventListener("pointerdown", () => (held ??= new Promise((done) => (letGo = done))), true);
for (const end of ["pointerup", "pointercancel"])
	document.addEventListener(end, () => setTimeout(() => (letGo?.(), (held = letGo = null))), true); // after the click

// What was found, once nothing is pressed: markup that is exchanged under a press loses the click.
export async function released(found) {
	const value = await found;
	if (held) await Promise.race([held, sleep(HELD_MS)]);
	return value;
}

// Sets markup of the server where it differs; what had the focus has it again.
export function setMarkup(place, html) {
	if (place.shown === html) return;
	const focused = place.contains(document.activeElement) ? document.activeElement.dataset.act : null;
	place.shown = html;
	place.innerHTML = html;
	if (focused) place.querySelector(`[data-act="${focused}"]`)?.focus();
}

// The tags that a person wrote in a line.
export const tagsOf = (line) => (line ?? "").split(/[\s,，、;；]+/).map((tag) => tag.replace(/^#+/, "")).filter(Boolean);

// Why a request was refused, in a sentence; null where it was not.
export async function refusal(response, words) {
	if (response.ok) return null;
	const body = await response.json().catch(() => ({}));
	return body.error ?? words.something_wrong;
}

// The value of the button that was pressed; empty where the dialog was left otherwise.
function answered(form) {
	const dialog = make("dialog", "", { className: "ask" });
	dialog.append(form);
	document.body.append(dialog);
	dialog.showModal();
	return new Promise((done) =>
		dialog.addEventListener("close", () => {
			dialog.remove();
			done(dialog.returnValue);
		}),
	);
}

function asking(text, ...elements) {
	const form = make("form", "", { method: "dialog" });
	form.append(make("p", text), ...elements);
	return form;
}

// What is to be typed stands between backticks in the sentences of the program.
export const tell = (text) => answered(asking(text.replaceAll("`", ""), make("button", "OK", { value: "" })));

// Whether the button that says ``act``, and means it, was pressed.
export const confirmedAs = async (question, act, words) => {
	const buttons = [make("button", words.cancel, { value: "" }), make("button", act, { value: "yes", className: "danger" })];
	return (await answered(asking(question, ...buttons))) === "yes";
};

export const confirmed = async (question, words) => {
	const buttons = [
		make("button", words.cancel, { value: "" }),
		make("button", words.delete, { value: "yes", className: "danger" }),
	];
	return (await answered(asking(question, ...buttons))) === "yes";
};

// Whether the button that says ``act`` was pressed.
export const agreed = async (question, act, words) => {
	const buttons = [make("button", words.cancel, { value: "" }), make("button", act, { value: "yes" })];
	return (await answered(asking(question, ...buttons))) === "yes";
};

// A line that was written, or null where the dialog was left; `list` is the id of a list of what could be meant.
export async function written(question, value, words, { list = "" } = {}) {
	const input = make("input", "", { type: "text", value, autocomplete: "off" });
	if (list) input.setAttribute("list", list);
	input.setAttribute("aria-label", question);
	// "Save" comes first in the form, so that Enter presses it
	const form = asking(question, input, make("button", words.save, { value: "yes" }), make("button", words.cancel, { value: "" }));
	return (await answered(form)) === "yes" ? input.value : null;
}
