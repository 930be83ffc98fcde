// On the settings screen: how long passages are, what another length costs, and the way back.
// Text is only ever set as text.

import { agreed, fill, make, refusal, send, sleep } from "./common.js";

const BETWEEN_LOOKS_MS = 700;

class Chunker extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.said = make("p", "", { className: "hint" });
		this.said.setAttribute("role", "status");
		this.progress = make("progress", "", { hidden: true });
		this.progress.setAttribute("aria-label", this.words.title);
		this.told = make("p", "", { className: "hint" });
		this.refused = make("p", "", { className: "note problem", hidden: true });
		this.refused.setAttribute("role", "alert");
		this.tokens = make("input", "", { type: "number", min: 32, max: 8192, step: 1, id: "chunk-tokens" });
		this.button = make("button", this.words.ask, { type: "button" });
		this.button.addEventListener("click", () => this.change());
		this.back = make("button", "", { type: "button", hidden: true });
		this.back.addEventListener("click", () => this.act(this.back, "undo"));
		this.forget = make("button", this.words.forget, { type: "button", hidden: true });
		this.forget.addEventListener("click", () => this.drop());
		const name = make("div", "", { className: "name" });
		name.append(make("label", this.words.title, { htmlFor: "chunk-tokens" }), make("p", this.words.hint, { className: "hint" }), this.said);
		const control = make("div", "", { className: "control" });
		const acts = make("div", "", { className: "acts" });
		acts.append(this.button, this.back, this.forget);
		control.append(this.tokens, acts);
		const row = make("div", "", { className: "setting" });
		row.append(name, control);
		this.replaceChildren(row, this.progress, this.told, this.refused);
		this.follow();
	}

	// Shows the length in use and how far a change is; returns what the server said, null where it did not.
	async look() {
		try {
			const now = await (await fetch("/api/chunker")).json();
			const changing = now.switching_to !== null;
			const parts = changing ? [fill({ cutting: this.words.cutting, checking: this.words.checking }[now.step] ?? "", now)] : [fill(this.words.now, now)];
			if (now.paused) parts.push(this.words.paused);
			if (!changing && now.others) parts.push(fill(this.words.others, now));
			if (!changing && now.kept_megabytes) parts.push(fill(this.words.kept, now));
			this.said.textContent = parts.join(" ");
			this.progress.hidden = !changing;
			if (now.total) Object.assign(this.progress, { max: now.total, value: now.done });
			else this.progress.removeAttribute("value");
			this.back.hidden = !changing && now.undo === null;
			this.back.textContent = changing ? this.words.stop : fill(this.words.undo, now);
			this.forget.hidden = changing || !now.kept_megabytes;
			this.button.disabled = changing;
			if (!this.tokens.value) this.tokens.value = now.chunk_tokens;
			return now;
		} catch {
			this.refuse(this.words.connection_lost);
			return null;
		}
	}

	// Looks until no change is under way, and says how it ended.
	async follow() {
		if (this.following) return;
		this.following = true;
		try {
			let now = await this.look();
			while (now?.switching_to) {
				await sleep(BETWEEN_LOOKS_MS);
				now = await this.look();
			}
			if (now?.problem) this.refuse(now.problem);
			this.told.textContent = now?.questions ? fill(this.words.questions, now.questions) : "";
		} finally {
			this.following = false;
		}
	}

	refuse(reason) {
		this.refused.textContent = reason ?? "";
		this.refused.hidden = !reason;
	}

	async change() {
		this.refuse(null);
		const asked = { chunk_tokens: Number(this.tokens.value) };
		this.button.disabled = true;
		this.told.textContent = this.words.measuring;
		try {
			const planned = await send("POST", "/api/chunker/switch", { ...asked, dry_run: true });
			const reason = await refusal(planned, this.words);
			this.told.textContent = "";
			if (reason) return this.refuse(reason);
			const plan = await planned.json();
			const cost = fill(plan.kept ? this.words.cost_kept : this.words.cost, { ...plan, minutes: plan.minutes.toFixed(1), megabytes: plan.megabytes.toFixed(1) });
			if (!(await agreed(cost, this.words.switch, this.words))) return;
			this.refuse(await refusal(await send("POST", "/api/chunker/switch", asked), this.words));
			if (this.refused.hidden) await this.follow();
		} catch {
			this.refuse(this.words.connection_lost);
		} finally {
			this.button.disabled = false;
			if (this.told.textContent === this.words.measuring) this.told.textContent = "";
		}
	}

	async drop() {
		if (await agreed(this.words.forget_sure, this.words.forget, this.words)) await this.act(this.forget, "forget");
	}

	async act(button, name) {
		this.refuse(null);
		button.disabled = true;
		this.told.textContent = "";
		try {
			this.refuse(await refusal(await send("POST", `/api/chunker/${name}`), this.words));
			this.tokens.value = "";
			await this.follow();
		} catch {
			this.refuse(this.words.connection_lost);
		} finally {
			button.disabled = false;
		}
	}
}

customElements.define("footnote-chunker", Chunker);
