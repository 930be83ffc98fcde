// Whatever is pressed shows at once that it was: it is busy until what it asked the server for has come.

const BELONGS_MS = 100; // a request that begins so long after a press is its request

let pressed = null;
let at = 0;
const waits = new WeakMap(); // control -> how many of its requests are on their way

document.addEventListener(
	"click",
	({ target }) => {
		pressed = target.closest?.("button, a, summary") ?? null;
		at = performance.now();
	},
	true,
);

function count(control, change) {
	const open = (waits.get(control) ?? 0) + change;
	waits.set(control, open);
	if (open) control.setAttribute("aria-busy", "true");
	else control.removeAttribute("aria-busy");
}

const send = window.fetch.bind(window);
window.fetch = async (...request) => {
	const control = performance.now() - at < BELONGS_MS ? pressed : null;
	if (!control) return send(...request);
	count(control, 1);
	try {
		return await send(...request);
	} finally {
		count(control, -1);
	}
};
