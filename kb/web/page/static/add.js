// What the bookmark took along stands behind `#`: it goes into the form, and out of the address and the history.
const came = new URLSearchParams(location.hash.slice(1));
const form = document.querySelector('form[action="/add"]');
if (form && [...came].length) {
	for (const name of ["title", "url", "text"]) {
		const field = form.elements[name];
		if (!field.value.trim()) field.value = came.get(name) ?? "";
	}
	history.replaceState(null, "", location.pathname);
	document.querySelector(".account > .problem")?.remove();
	form.querySelector('button[type="submit"]').focus();
}
