// On the settings screen: where vectors are searched, and the button that moves them to another store.
// Text is only ever set as text.

import { agreed, fill, make, refusal, send, sleep } from "./common.js";

const BETWEEN_LOOKS_MS = 700;

class Vectors extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.said = make("p", "", { className: "fine" });
		this.progress = make("progress", "", { hidden: true });
		this.refused = make("p", "", { className: "note problem", hidden: true });
		this.refused.setAttribute("role", "alert");
		this.store = make("select", "");
		this.store.setAttribute("aria-label", this.words.vectors_to);
		for (const name of this.dataset.stores.split(" ")) this.store.append(make("option", name, { value: name }));
		this.url = make("input", "", { type: "url", placeholder: "http://127.0.0.1:8000", autocomplete: "off" });
		this.url.setAttribute("aria-label", this.words.vectors_url);
		this.button = make("button", this.words.vectors_ask, { type: "button" });
		this.button.addEventListener("click", () => this.move());
		const details = make("details", "");
		const bar = make("div", "", { className: "bar" });
		bar.append(make("span", this.words.vectors_to), this.store, this.url, this.button);
		details.append(make("summary", this.words.vectors_title), this.said, this.progress, this.refused, bar);
		details.addEventListener("toggle", () => details.open && this.follow());
		this.replaceChildren(details);
	}

	// Shows the store in use and how far a move is; returns what the server said.
	async look() {
		try {
			const response = await fetch("/api/vectors");
			const now = await response.json();
			const moving = now.moving_to !== null;
			this.said.textContent = moving ? fill(this.words.vectors_moving, now) : now.ok && !now.url ? fill(this.words.vectors_now, now) : now.text;
			this.progress.hidden = !moving;
			if (now.total) Object.assign(this.progress, { max: now.total, value: now.done });
			return now;
		} catch {
			this.refuse(this.words.connection_lost);
			return null;
		}
	}

	// Looks until no move is under way, whoever began it, and says why one came to nothing.
	async follow() {
		if (this.following) return;
		this.following = true;
		try {
			let now = await this.look();
			while (now?.moving_to) {
				this.button.disabled = true;
				await sleep(BETWEEN_LOOKS_MS);
				now = await this.look();
			}
			if (now?.problem) this.refuse(now.problem);
		} finally {
			this.following = false;
			this.button.disabled = false;
		}
	}

	refuse(reason) {
		this.refused.textContent = reason ?? "";
		this.refused.hidden = !reason;
	}

	async move() {
		this.refuse(null);
		const asked = { to: this.store.value, url: this.url.value.trim() || null };
		this.button.disabled = true;
		try {
			const planned = await send("POST", "/api/vectors/move", { ...asked, dry_run: true });
			const reason = await refusal(planned, this.words);
			if (reason) return this.refuse(reason);
			const plan = await planned.json();
			const cost = { ...plan, target: plan.url ? `${plan.target} (${plan.url})` : plan.target };
			if (!(await agreed(fill(this.words.vectors_cost, cost), this.words.vectors_move, this.words))) return;
			const moving = send("POST", "/api/vectors/move", asked);
			let ended = false;
			moving.finally(() => (ended = true)).catch(() => {});
			while (!ended) {
				await this.look();
				await sleep(BETWEEN_LOOKS_MS);
			}
			const moved = await moving;
			this.refuse(await refusal(moved, this.words));
			await this.look();
			if (!this.refused.hidden) return;
			const { is_removed } = await moved.json();
			this.said.textContent = fill(is_removed ? this.words.vectors_done : this.words.vectors_stays, plan);
		} catch {
			this.refuse(this.words.connection_lost);
		} finally {
			this.button.disabled = false;
		}
	}
}

customElements.define("footnote-vectors", Vectors);
