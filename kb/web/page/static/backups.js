// Backups are made and restored, and Footnote is started again; the page comes back by itself.

import { agreed, fill, refusal, send, sleep } from "./common.js";

const LOOK_MS = 400;
const PATIENCE_MS = 90000; // a large library is opened and compared meanwhile

const wordsOf = (button) => JSON.parse(button.closest("[data-backups]").dataset.backups);

export async function backUp(settings, button) {
	const words = wordsOf(button);
	await told(button, words, words.backing_up, () => send("POST", "/api/backups", {}), () => settings.look());
}

export async function restore(settings, button) {
	const words = wordsOf(button);
	const { path, what } = button.dataset;
	if (!(await agreed(fill(words.confirm_restore, { what }), words.restore_act, words))) return;
	const before = await started();
	await told(button, words, words.verifying, () => send("POST", "/api/backups/restore", { path }), (say) => back(before, words, say));
}

export async function restart(button) {
	const words = wordsOf(button);
	const before = await started();
	await told(button, words, words.restarting, () => send("POST", "/api/restart"), (say) => back(before, words, say));
}

// Says what is being done, why it was refused, or what comes then.
async function told(button, words, doing, ask, then) {
	const place = button.closest("[data-backups]");
	const said = place.querySelector("[data-backed-up]") ?? place.querySelector("span");
	const say = (text, wrong = false) => {
		said.textContent = text;
		said.classList.toggle("problem", wrong);
	};
	button.disabled = true;
	say(doing);
	try {
		const refused = await refusal(await ask(), words);
		if (refused) return say(refused, true);
		say("");
		await then(say);
	} catch {
		say(words.connection_lost, true);
	} finally {
		button.disabled = false;
	}
}

async function started() {
	const response = await fetch("/ui/pulse").catch(() => null);
	return response?.ok ? (await response.json()).started : null;
}

// Waits for another start than the one `before`, and shows the page as that has it.
async function back(before, words, say) {
	say(words.restarting);
	for (const until = Date.now() + PATIENCE_MS; Date.now() < until; ) {
		await sleep(LOOK_MS);
		const now = await started();
		if (now && now !== before) return location.reload();
	}
	say(words.not_back, true);
}
