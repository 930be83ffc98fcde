// What the bookmark took along stands behind `#`: it goes into the form, and out of the address and the history.
// Where somebody had to sign in first it has waited in this tab.
import { keep, take } from "./shared_text.js";

const NAMES = ["title", "url", "text", "collection"];
const form = document.querySelector('form[action="/add"]');
const waited = take();
const behind = [...new URLSearchParams(location.hash.slice(1))].filter(([name]) => name !== "collection");
const came = new Map(behind.length ? behind : waited);
if (form && came.size) {
	for (const name of NAMES.slice(0, 3)) {
		const field = form.elements[name];
		if (!field.value.trim()) field.value = came.get(name) ?? "";
	}
	const chosen = form.elements.collection;
	if ([...chosen.options].some((option) => option.value === came.get("collection"))) {
		chosen.value = came.get("collection");
	}
	history.replaceState(null, "", location.pathname);
	document.querySelector(".account > .problem")?.remove();
	form.querySelector('button[type="submit"]').focus();
}

// Whoever was signed out meanwhile signs in once more, and finds the form as it was.
form?.addEventListener("submit", async (event) => {
	event.preventDefault();
	const answer = await fetch("/add", { redirect: "manual" }).catch(() => null);
	const fields = NAMES.map((name) => [name, form.elements[name].value]);
	if (answer?.type === "opaqueredirect" && keep(fields)) location.assign("/sign-in?next=/add");
	else form.submit();
});
