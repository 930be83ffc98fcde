// A text that waits for somebody to sign in: it stays in this tab, goes to no server meanwhile, and is gone once it is taken.
const KEY = "footnote.shared";
const MOST = 1_000_000;
const LASTS_MS = 3_600_000;

/** Returns whether the fields wait; there may be no room for them. */
export function keep(fields) {
	const kept = JSON.stringify({ at: Date.now(), fields });
	if (kept.length > MOST) return false;
	try {
		sessionStorage.setItem(KEY, kept);
	} catch {
		return false;
	}
	return true;
}

/** Returns the fields that wait, as names and values; empty for none, and for those that have waited too long. */
export function take() {
	try {
		const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
		sessionStorage.removeItem(KEY);
		return kept && Date.now() - kept.at < LASTS_MS ? kept.fields : [];
	} catch {
		return [];
	}
}
