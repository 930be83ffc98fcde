// Where documents are to go: a collection that is there, or a new one.

import { written } from "./common.js";

// Returns the collection that was chosen, or null where the dialog was left or nothing was written.
export async function whereTo(library, question) {
	const general = library.words.general;
	const line = await written(question, "", library.words, { list: "collections" });
	const name = line?.trim();
	if (!name) return null;
	return name === general ? library.dataset.defaultCollection : name;
}
