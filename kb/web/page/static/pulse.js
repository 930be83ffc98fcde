// Asks the server every few seconds, while the page is looked at: is it there, what is being imported, and has somebody
// asked something else in the conversation that is shown? Each is a short request: one that waits would hold one of the
// six connections that a browser has for all windows together.

import { sleep } from "./common.js";
import { current } from "./router.js";

const EVERY_MS = 3000;
const AGAIN_MS = 400;

const others = new BroadcastChannel("footnote");
let lost = false;

async function beat() {
	const { screen, id } = current();
	const conversation = screen === "ask" ? id : "";
	try {
		const response = await fetch(`/ui/pulse?${new URLSearchParams({ conversation })}`);
		if (response.status === 401) return location.assign(`/sign-in?${new URLSearchParams({ next: location.pathname })}`);
		if (!response.ok) throw new Error(response.statusText);
		told({ conversation, ...(await response.json()) });
	} catch {
		connected(false);
	}
}

function told(found) {
	connected(true);
	const entry = document.querySelector("a[data-screen=library]");
	if (entry) {
		if (found.imports) entry.dataset.imports = found.imports;
		else delete entry.dataset.imports;
		entry.classList.toggle("is-importing", found.importing);
	}
	document.dispatchEvent(new CustomEvent("footnote:pulse", { detail: found }));
}

function connected(now) {
	if (lost === !now) return;
	lost = !now;
	document.getElementById("lost").hidden = now;
	if (now) document.dispatchEvent(new Event("footnote:connected"));
}

// Tells the browser's other windows that there is something new.
export const tellOthers = () => others.postMessage("changed");
others.addEventListener("message", async () => {
	document.dispatchEvent(new Event("footnote:conversations"));
	await beat();
	await sleep(AGAIN_MS);
	beat();
});
document.addEventListener("visibilitychange", () => document.hidden || beat());

(async () => {
	for (;;) {
		await sleep(EVERY_MS);
		if (!document.hidden) await beat();
	}
})();
