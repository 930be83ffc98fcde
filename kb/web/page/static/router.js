// The address and the screen that belongs to it. Every address is the same page; `go` shows another screen without
// loading it again, and the event `footnote:route` on the document says so: {screen, id, query}.

const NAMED = { "": "ask", c: "ask", d: "document" };
const TAB = (screen) => document.getElementById(`tab-${screen}-button`);

export function current() {
	const [name, id] = location.pathname.split("/").slice(1);
	return { screen: NAMED[name] ?? name, id: id ? decodeURIComponent(id) : "", query: new URLSearchParams(location.search) };
}

// Shows what stands at `address`. With `replace` nothing is added to the history; with `quietly` the screen is there
// already, and only its address is written.
export function go(address, { replace = false, quietly = false } = {}) {
	if (replace || quietly) history.replaceState(null, "", address);
	else if (address !== location.pathname + location.search) history.pushState(null, "", address);
	quietly ? mark() : show();
}

let asked = "/"; // where the way back to the questions leads

function mark() {
	const { screen } = current();
	if (screen === "ask") asked = location.pathname;
	document.documentElement.dataset.screen = screen;
	for (const link of document.querySelectorAll("a[data-screen]")) {
		if (link.dataset.screen === "ask") link.setAttribute("href", asked);
		link.toggleAttribute("aria-current", link.dataset.screen === screen);
		if (link.dataset.screen === screen) link.setAttribute("aria-current", "page");
	}
}

function show() {
	if (!TAB("ask")) return mark(); // it is shown once the screens are drawn
	const route = current();
	const tab = TAB(route.screen);
	if (!tab) return go("/", { replace: true }); // a screen that this page does not have
	if (tab.getAttribute("aria-selected") !== "true") {
		tab.click();
		scrollTo(0, 0);
	}
	mark();
	document.dispatchEvent(new CustomEvent("footnote:route", { detail: route }));
}

// Gradio draws its tabs a moment after this script is read, or before; what listens for routes is read by then.
async function drawn() {
	await new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }));
	return new Promise((done) => {
		if (TAB("ask")) return done();
		const waiting = new MutationObserver(() => {
			if (!TAB("ask")) return;
			waiting.disconnect();
			done();
		});
		waiting.observe(document.body, { childList: true, subtree: true });
	});
}

document.addEventListener("click", (event) => {
	const link = event.target.closest?.("a[data-go]");
	if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
	event.preventDefault();
	go(link.getAttribute("href"));
});
addEventListener("popstate", show);
mark();
drawn().then(show);
