// On the settings screen: the embedding model, what another one costs, and the way back.
// Text is only ever set as text.

import { agreed, fill, make, refusal, send, sleep } from "./common.js";

const BETWEEN_LOOKS_MS = 700;

class Embedder extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.said = make("p", "", { className: "fine" });
		this.progress = make("progress", "", { hidden: true });
		this.progress.setAttribute("aria-label", this.words.embedder_title);
		this.told = make("p", "", { className: "fine" });
		this.told.setAttribute("aria-live", "polite");
		this.refused = make("p", "", { className: "note problem", hidden: true });
		this.refused.setAttribute("role", "alert");
		this.models = make("datalist", "", { id: "embedding-models" });
		const engines = make("select", "");
		engines.append(make("option", "–", { value: "" }));
		const scope = make("select", "");
		scope.append(make("option", this.words.whole, { value: "" }));
		for (const name of JSON.parse(this.dataset.collections)) scope.append(make("option", this.called(name), { value: name }));
		this.tasks = make("select", "");
		this.tasks.append(make("option", this.words.task_none, { value: "" }));
		const tasks = Object.entries(JSON.parse(this.dataset.tasks));
		for (const [name, said] of tasks) this.tasks.append(make("option", said, { value: name }));
		this.own = make("ul", "", { className: "own" });
		this.fields = {
			collection: scope,
			model: make("input", "", { type: "text", autocomplete: "off" }),
			engine: engines,
			width: make("input", "", { type: "number", min: 0, max: 65536, step: 1 }),
			url: make("input", "", { type: "url", placeholder: "http://127.0.0.1:8000/v1", autocomplete: "off" }),
			task: this.tasks,
			instruction: make("input", "", { type: "text", autocomplete: "off" }),
		};
		this.fields.model.setAttribute("list", this.models.id);
		const bar = make("div", "", { className: "bar" });
		for (const [name, field] of Object.entries(this.fields)) {
			const label = make("label", `${this.words[`embedder_${name}`] ?? this.words[name]} `);
			label.append(field);
			bar.append(label);
		}
		this.button = make("button", this.words.embedder_ask, { type: "button" });
		this.button.addEventListener("click", () => this.change());
		this.back = make("button", "", { type: "button", hidden: true });
		this.back.addEventListener("click", () => this.undo(this.back));
		bar.append(this.models, this.button, this.back);
		const details = make("details", "");
		details.append(
			make("summary", this.words.embedder_title),
			this.said,
			this.progress,
			this.told,
			this.refused,
			this.own,
			make("p", this.words.embedder_hint, { className: "fine" }),
			make("p", this.words.task_hint, { className: "fine" }),
			bar,
		);
		details.addEventListener("toggle", () => details.open && this.follow());
		this.replaceChildren(details);
	}

	// Shows the model in use and how far a change is; returns what the server said, null where it did not.
	async look() {
		try {
			const now = await (await fetch("/api/embedder")).json();
			this.offer(now);
			this.own.replaceChildren(...now.collections.map((own) => this.collection(own)));
			const changing = now.switching_to !== null;
			const step = this.words[`embedder_${now.step}`];
			this.said.textContent = changing ? fill(step ? this.words.embedder_changing : this.words.embedder_proving, { ...now, step }) : now.width ? fill(this.words.embedder_now, { ...now, engine: now.engine === "auto" ? this.words.embedder_quickest : now.engine }) : now.text;
			const filling = now.collections.find((own) => own.lacking && !own.problem);
			this.progress.hidden = !changing && !filling;
			if (filling && !changing) Object.assign(this.progress, { max: filling.passages, value: filling.passages - filling.lacking });
			else if (now.total) Object.assign(this.progress, { max: now.total, value: now.done });
			else this.progress.removeAttribute("value");
			this.back.hidden = !changing && now.undo === null;
			this.back.textContent = changing ? this.words.embedder_stop : fill(this.words.embedder_undo, now);
			this.button.disabled = changing;
			return now;
		} catch {
			this.refuse(this.words.connection_lost);
			return null;
		}
	}

	// Fills the choices, once.
	offer(now) {
		if (this.models.children.length) return;
		for (const name of now.models) this.models.append(make("option", "", { value: name }));
		for (const name of now.engines) this.fields.engine.append(make("option", name, { value: name }));
	}

	// The collection that everything goes to first is called otherwise among people.
	called(name) {
		return name === this.dataset.defaultCollection ? this.words.general : name;
	}

	// A line about a collection that has, or had, something of its own, with the way back.
	collection(own) {
		const model = own.model?.startsWith("/") ? own.model.split("/").pop() : own.model;
		const said = [model ?? this.words.own_model, own.instruction].filter(Boolean).join(" · ");
		const text = make("div", fill(this.words.own, { collection: this.called(own.collection), said }), { title: own.model ?? "" });
		const hints = [];
		if (own.problem) hints.push(fill(this.words.own_problem, own));
		else if (own.lacking) hints.push(fill(this.words.own_lacking, own));
		if (own.questions) hints.push(fill(this.words.embedder_questions, own.questions));
		for (const hint of hints) text.append(make("p", hint, { className: "hint" }));
		const line = make("li", "");
		const back = make("button", this.words.own_undo, { type: "button" });
		back.setAttribute("aria-label", `${this.words.own_undo}: ${this.called(own.collection)}`);
		back.addEventListener("click", () => this.undo(back, { collection: own.collection }));
		line.append(text, back);
		return line;
	}

	// Looks until no change is under way, and says how it ended.
	async follow() {
		if (this.following) return;
		this.following = true;
		try {
			let now = await this.look();
			while (now?.switching_to || now?.collections.some((own) => (own.lacking || own.is_asked) && !own.problem)) {
				await sleep(BETWEEN_LOOKS_MS);
				now = await this.look();
			}
			if (now?.problem) this.refuse(now.problem);
			this.told.textContent = now?.questions ? fill(this.words.embedder_questions, now.questions) : "";
		} finally {
			this.following = false;
		}
	}

	refuse(reason) {
		this.refused.textContent = reason ?? "";
		this.refused.hidden = !reason;
	}

	// What was filled in; what is empty stays as it is.
	asked() {
		const filled = Object.entries(this.fields).map(([name, field]) => [name, field.value.trim()]);
		const asked = Object.fromEntries(filled.filter(([, value]) => value));
		if (asked.width) asked.width = Number(asked.width);
		return asked;
	}

	async change() {
		this.refuse(null);
		const asked = this.asked();
		this.button.disabled = true;
		this.told.textContent = this.words.embedder_measuring;
		try {
			const planned = await send("POST", "/api/embedder/switch", { ...asked, dry_run: true });
			const reason = await refusal(planned, this.words);
			this.told.textContent = "";
			if (reason) return this.refuse(reason);
			const plan = await planned.json();
			const cost = fill(plan.model_run ? this.words.embedder_cost : this.words.embedder_cost_none, {
				...plan,
				source: plan.from.model,
				target: plan.to.model,
				width: plan.to.width,
				minutes: Math.max(0.1, plan.minutes).toFixed(1),
				megabytes: Math.max(0.1, plan.megabytes).toFixed(1),
			});
			const cut = plan.cut ? ` ${fill(this.words.embedder_cut, plan)}` : "";
			if (!(await agreed(cost + cut, this.words.embedder_switch, this.words))) return;
			this.refuse(await refusal(await send("POST", "/api/embedder/switch", asked), this.words));
			if (this.refused.hidden) await this.follow();
		} catch {
			this.refuse(this.words.connection_lost);
		} finally {
			this.button.disabled = false;
			if (this.told.textContent === this.words.embedder_measuring) this.told.textContent = "";
		}
	}

	async undo(button, asked) {
		this.refuse(null);
		button.disabled = true;
		try {
			const undone = send("POST", "/api/embedder/undo", asked);
			undone.catch(() => {});
			await Promise.race([undone, sleep(BETWEEN_LOOKS_MS)]);
			this.follow(); // it may be seconds until the model before is loaded and proved
			this.refuse(await refusal(await undone, this.words));
			await this.follow();
			await this.look();
		} catch {
			this.refuse(this.words.connection_lost);
		} finally {
			button.disabled = false;
		}
	}
}

customElements.define("footnote-embedder", Embedder);
