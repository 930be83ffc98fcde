// The settings: each field is sent when it changes, and the screen shows what is in force then. Markup comes ready from
// the server (kb/web/page/settings/render.py); here text is only ever set as text.

import { backUp, restart, restore } from "./backups.js";
import { addConnection, editConnection, removeConnection } from "./connections.js";
import { fill, make, refusal, send, tell } from "./common.js";
import { looks, remember } from "./looks.js";
import { current } from "./router.js";

class Settings extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.lost = make("p", this.words.connection_lost, { className: "note problem", hidden: true });
		this.lost.setAttribute("role", "alert");
		this.body = make("div", "", { className: "frame" });
		this.replaceChildren(this.lost, this.body);
		this.addEventListener("click", (event) => this.clicked(event));
		this.addEventListener("change", (event) => this.changed(event.target));
		this.addEventListener("input", (event) => {
			if (event.target.type === "range") event.target.nextElementSibling.textContent = event.target.value;
		});
		this.follow = () => current().screen === "settings" && this.look();
		document.addEventListener("footnote:route", this.follow);
		this.follow();
	}

	disconnectedCallback() {
		document.removeEventListener("footnote:route", this.follow);
	}

	// Shows what is in force now; what is as it was keeps its elements, and so the focus.
	async look() {
		try {
			const response = await fetch("/ui/settings");
			if (!response.ok) throw new Error(response.statusText);
			const fresh = make("template", "");
			fresh.innerHTML = (await response.json()).html;
			this.show(fresh.content);
			this.lost.hidden = true;
		} catch {
			this.lost.hidden = false;
			return;
		}
		for (const [name, value] of Object.entries(looks())) this.querySelector(`[data-look=${name}]`).value = value;
		this.askModels();
	}

	show(content) {
		const before = [...this.body.querySelectorAll("section")];
		const after = [...content.querySelectorAll("section")];
		if (before.length !== after.length) {
			for (const section of after) for (const part of section.children) part.fresh = part.outerHTML;
			this.body.replaceChildren(content);
			for (const details of this.body.querySelectorAll("details")) details.open = true;
			return;
		}
		before.forEach((section, at) => mergeParts(section, after[at]));
	}

	// Puts the models that can answer into their list, once somebody has said which there are.
	async askModels() {
		const list = this.querySelector('[data-setting="answering.model"] select');
		const said = this.querySelector("[data-model-now]");
		try {
			const found = await (await fetch("/api/models/answering")).json();
			const listed = new Set([...list.options].map((option) => option.value));
			for (const [name, what] of Object.entries(found.models)) {
				if (!listed.has(name)) list.append(make("option", what ? `${name} (${what})` : name, { value: name }));
			}
			const names = { extractive: this.words.model_quotes };
			said.textContent = fill(this.words.model_now, { name: names[found.in_use] ?? found.in_use });
		} catch {
			said.textContent = "";
		}
	}

	async changed(field) {
		if (field.dataset.look) return remember(field.dataset.look, field.value);
		const row = field.closest("[data-setting]");
		if (row) await this.set({ [row.dataset.setting]: valueOf(field) }, row);
	}

	// Sends values; says beside `row` what came of it.
	async set(values, row) {
		let said;
		try {
			const response = await send("PATCH", "/api/settings", { values });
			said = await refusal(response, this.words);
			await this.look();
			if (!said) {
				const done = await response.json();
				if (done.notes.length) await tell(done.notes.join("\n"));
				this.say(row?.dataset.setting, done.waiting.includes(row?.dataset.setting) ? "" : this.words.saved);
			}
		} catch {
			said = this.words.connection_lost;
		}
		if (said) this.say(row?.dataset.setting, said, true);
		return !said;
	}

	say(setting, text, isProblem = false) {
		const row = setting && this.querySelector(`[data-setting="${CSS.escape(setting)}"]`);
		if (!row) return isProblem && text ? tell(text) : null;
		row.querySelector(".outcome")?.remove();
		const outcome = make("p", text, { className: `outcome ${isProblem ? "problem" : ""}` });
		outcome.setAttribute("role", isProblem ? "alert" : "status");
		if (text) row.querySelector(".control").append(outcome);
	}

	async clicked(event) {
		const link = event.target.closest("a[data-part]");
		if (link) {
			event.preventDefault();
			return document.getElementById(`head-${link.dataset.part}`).focus();
		}
		const button = event.target.closest("button[data-act]");
		if (!button) return;
		const item = button.closest("[data-connection]");
		const row = button.closest("[data-setting]");
		const set = (values) => this.set(values);
		const acts = {
			reset: () => this.set({ [row.dataset.setting]: null }, row),
			test: () => this.test(button, item?.querySelector("[data-result]") ?? this.querySelector("[data-model-now]")),
			"add-connection": () => addConnection(this, this.words),
			"edit-connection": () => editConnection(this, item, this.words),
			"remove-connection": () => removeConnection(item, this.words, set),
			"back-up": () => backUp(this, button),
			restore: () => restore(this, button),
			restart: () => restart(button),
			widths: () => this.widths(button),
		};
		await acts[button.dataset.act]?.();
	}

	async test(button, said) {
		button.disabled = true;
		said.classList.remove("problem");
		said.textContent = this.words.testing;
		try {
			const name = item(button) ?? this.querySelector('[data-setting="answering.model"] select').value;
			const asked = name === "auto" ? (await (await fetch("/api/models/answering")).json()).in_use : name;
			if (asked === "extractive") {
				said.textContent = this.words.test_quotes;
				return;
			}
			const response = await send("POST", "/api/models/test", { name: asked });
			const refused = await refusal(response, this.words);
			const done = refused ? { ok: false, text: refused } : await response.json();
			const seconds = done.first_token_seconds?.toFixed(2);
			const timed = done.tokens_per_second ? this.words.tested : this.words.tested_untimed;
			const told = fill(timed, { seconds, speed: done.tokens_per_second });
			const whole = done.context_tokens ? fill(this.words.tested_context, { told, context: done.context_tokens }) : told;
			said.textContent = done.ok ? `${asked}: ${whole}` : done.text;
			said.classList.toggle("problem", !done.ok);
		} catch {
			said.textContent = this.words.connection_lost;
		} finally {
			button.disabled = false;
		}
	}

	async widths(button) {
		const said = this.querySelector("[data-widths-said]");
		button.disabled = true;
		said.textContent = this.words.width_measuring;
		try {
			const response = await send("POST", "/ui/settings/widths");
			const refused = await refusal(response, this.words);
			said.textContent = refused ?? "";
			if (!refused) this.querySelector("[data-widths]").innerHTML = (await response.json()).html;
		} catch {
			said.textContent = this.words.connection_lost;
		} finally {
			button.disabled = false;
		}
	}
}

const item = (button) => button.closest("[data-connection]")?.dataset.connection;

// What a field says, as the settings take it; null takes back what was set.
export function valueOf(field) {
	if (field.value === "") return null;
	if (field.type === "number" || field.type === "range") return Number(field.value);
	return field.value;
}

// Makes `before` show what `after` does; parts that are the same stay.
function mergeParts(before, after) {
	const fresh = [...after.children];
	for (const part of fresh) part.fresh = part.outerHTML;
	const old = [...before.children];
	if (old.length !== fresh.length) return before.replaceChildren(...fresh);
	old.forEach((part, at) => {
		if (part.fresh === fresh[at].fresh) return;
		const id = part.contains(document.activeElement) && document.activeElement.id;
		part.replaceWith(fresh[at]);
		if (id) document.getElementById(id)?.focus({ preventScroll: true });
	});
}

customElements.define("footnote-settings", Settings);
