// What the list can be narrowed to: the selects of the bar, filled with what the library holds.

import { make } from "./common.js";

const NAMES = { collection: "collections", folder: "folders", type: "types", state: "states", tag: "tags" };
const AT_LEAST_MS = 2000; // between two looks while an import changes the library all the time

// What the bar says: name -> value, without what is not narrowed.
export function filterOf(library) {
	const filter = {};
	for (const control of library.querySelectorAll("[data-filter]")) {
		const value = control.value.trim();
		if (value) filter[control.dataset.filter] = value;
	}
	return filter;
}

// Fills the selects with what there is now; what is chosen stays, though nothing has it any more.
export async function showOptions(library) {
	if (library.optionsAt && Date.now() - library.optionsAt < AT_LEAST_MS) {
		clearTimeout(library.optionsLater);
		library.optionsLater = setTimeout(() => showOptions(library), AT_LEAST_MS);
		return;
	}
	library.optionsAt = Date.now();
	const response = await fetch("/api/library/options").catch(() => null);
	if (!response?.ok) return;
	const found = await response.json();
	for (const [name, plural] of Object.entries(NAMES)) {
		const select = library.querySelector(`select[data-filter="${name}"]`);
		fillSelect(select, found[plural], (value) => shown(library, name, value));
	}
	const known = Object.keys(found.collections).map((value) => make("option", "", { value: shown(library, "collection", value) }));
	library.querySelector("#collections").replaceChildren(...known);
	document.dispatchEvent(new Event("footnote:options"));
}

function fillSelect(select, counts, said) {
	const chosen = select.value;
	const values = Object.keys(counts);
	if (chosen && !values.includes(chosen)) values.push(chosen);
	const options = values.map((value) => make("option", `${said(value)} (${counts[value] ?? 0})`, { value }));
	select.replaceChildren(select.options[0], ...options);
	select.value = chosen;
	select.hidden = values.length < 1 || (values.length === 1 && !chosen && select.dataset.filter !== "state");
}

function shown(library, name, value) {
	if (name === "state") return library.words[value];
	if (name === "tag") return `#${value}`;
	if (name === "type") return value.toUpperCase();
	return name === "collection" && value === library.dataset.defaultCollection ? library.words.general : value;
}
