// Named connections on the settings' screen: the form that adds or changes one, and taking one back.

import { confirmedAs, fill, refusal, send } from "./common.js";

const NUMBERS = ["context", "max_tokens", "temperature", "top_p"];

export const addConnection = (screen, words) => filled(screen, words.add_connection, {}, words);

export function editConnection(screen, item, words) {
	const { connection: name, ...held } = item.dataset;
	const values = Object.fromEntries(Object.entries(held).map(([field, value]) => [field.replace(/[A-Z]/g, (at) => `_${at.toLowerCase()}`), value]));
	return filled(screen, fill(words.change, { name }), { name, ...values }, words);
}

export async function removeConnection(item, words, set) {
	const name = item.dataset.connection;
	if (await confirmedAs(fill(words.confirm_remove, { name }), words.remove, words)) await set({ [`connections.${name}`]: null });
}

// Asks for the settings of a connection in a dialog, and sends them; what is refused is said in it.
function filled(screen, title, values, words) {
	const dialog = Object.assign(document.createElement("dialog"), { className: "ask wide" });
	dialog.append(screen.querySelector("[data-connection-form]").content.cloneNode(true));
	const form = dialog.querySelector("form");
	const problem = form.querySelector(".problem");
	form.querySelector("h3").textContent = title;
	dialog.setAttribute("aria-label", title);
	for (const field of form.elements) if (field.name) field.value = values[field.name] ?? field.value;
	form.elements.name.readOnly = Boolean(values.name);
	form.elements.key.placeholder = values.name ? "••••••••" : "";
	document.body.append(dialog);
	dialog.showModal();
	form.addEventListener("submit", async (event) => {
		if (event.submitter?.value !== "yes") return;
		event.preventDefault();
		try {
			const response = await send("PATCH", "/api/settings", { values: asked(form, Boolean(values.name)) });
			problem.textContent = (await refusal(response, words)) ?? "";
		} catch {
			problem.textContent = words.connection_lost;
		}
		problem.hidden = !problem.textContent;
		if (problem.hidden) dialog.close("yes");
	});
	return new Promise((done) =>
		dialog.addEventListener("close", async () => {
			dialog.remove();
			if (dialog.returnValue === "yes") await screen.look();
			done();
		}),
	);
}

// The values of the form by the names of their settings. An empty key leaves the one that is set.
function asked(form, isThere) {
	const values = {};
	for (const { name, value } of form.elements) {
		if (!name || name === "name" || (value === "" && (!isThere || name === "key"))) continue;
		values[`connections.${form.elements.name.value}.${name}`] =
			value === "" ? null : NUMBERS.includes(name) ? Number(value) : name === "thinking" ? value === "true" : value;
	}
	return values;
}
