// The box for questions: what is searched and which model answers. Both are remembered by this browser, and written
// into fields that nobody sees, from which Gradio sends them with the question.

import { fill, make } from "./common.js";
import { openModels } from "./models.js";

const SCOPE = "footnote_scope";
const MODEL = "footnote_model";
const LISTS = ["documents", "folders", "types", "languages", "tags"];
const EMPTY = { collection: "", documents: [], folders: [], types: [], languages: [], tags: [], since: "", until: "" };
const MOST_NAMES = 200; // in the list at once; the rest is found by typing

function remembered() {
	try {
		return { ...EMPTY, ...JSON.parse(localStorage.getItem(SCOPE) ?? "{}") };
	} catch {
		return { ...EMPTY };
	}
}

function write(id, value) {
	const field = document.querySelector(`#${id} textarea`);
	if (!field) return setTimeout(() => write(id, value), 50); // not drawn yet
	field.value = value;
	field.dispatchEvent(new Event("input", { bubbles: true }));
}

class Composer extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.scope = remembered();
		this.model = localStorage.getItem(MODEL) ?? "";
		this.shown = {}; // how each value of each list is shown
		this.addEventListener("click", (event) => this.clicked(event.target.closest("button")));
		this.addEventListener("input", (event) => this.chosen(event.target));
		document.addEventListener("keydown", (event) => event.key === "Escape" && this.close(event));
		document.addEventListener("pointerdown", ({ target }) => this.open && !this.contains(target) && this.close());
		this.addEventListener("focusout", ({ relatedTarget: to }) => this.open && to && !this.contains(to) && this.close());
		document.addEventListener("footnote:which-model", () => this.which && this.announce());
		this.tell();
		this.look();
	}

	// Which model answers is of interest elsewhere on the page.
	announce() {
		document.dispatchEvent(new CustomEvent("footnote:model", { detail: this.which }));
	}

	async look() {
		const [scope, models] = await Promise.all([
			fetch("/ui/scope"),
			fetch(`/ui/models?${new URLSearchParams({ model: this.model })}`),
		]).catch(() => []);
		if (scope?.ok) this.offer(await scope.json());
		if (models?.ok) this.offerModels(await models.json());
	}

	// --- What can be chosen -------------------------------------------------------------------

	offer(found) {
		for (const name of LISTS) {
			this.shown[name] = new Map(found[name].map(({ value, shown }) => [value, shown]));
			// what is not in the library any more would find nothing, and nobody would see why
			this.scope[name] = this.scope[name].filter((value) => this.shown[name].has(value));
			this.querySelector(`fieldset[data-of=${name}]`).hidden = !this.shown[name].size;
			this.draw(name);
		}
		const names = found.collections;
		if (!names.some(({ value }) => value === this.scope.collection)) this.scope.collection = "";
		const select = this.querySelector("[name=collection]");
		const options = [{ value: "", shown: this.words.all_collections }, ...names];
		select.replaceChildren(...options.map(({ value, shown }) => make("option", shown, { value })));
		this.shown.collection = new Map(names.map(({ value, shown }) => [value, shown]));
		this.tell();
	}

	draw(name) {
		const words = this.querySelector("[name=find]").value.toLowerCase();
		const values = [...this.shown[name]].filter(([, shown]) => name !== "documents" || shown.toLowerCase().includes(words));
		const chosen = new Set(this.scope[name]);
		const picks = values
			.sort(([a], [b]) => chosen.has(b) - chosen.has(a))
			.slice(0, MOST_NAMES)
			.map(([value, shown]) => this.pick({ type: "checkbox", name, value, checked: chosen.has(value) }, shown));
		this.querySelector(`fieldset[data-of=${name}] .picks`).replaceChildren(...picks);
	}

	pick(properties, shown) {
		const label = make("label", "", { className: "pick" });
		label.append(make("input", "", properties), make("bdi", shown));
		return label;
	}

	offerModels(found) {
		const name = this.modelName(found.name, found.quotes);
		const says = found.name && fill(found.fails ? this.words.cannot_answer : this.words.answers_now, { name });
		// of the best available the sheet says all there is to say; what was chosen by name may not be there
		const now = [says, (found.fails || this.model) && found.better].filter(Boolean).join(" · ");
		this.which = { name, now, quotes: found.name === found.quotes || !found.name };
		this.announce();
		const shown = this.model || found.name;
		const opener = this.querySelector(".opens.model");
		opener.querySelector("span").textContent = shown ? this.modelName(shown, found.quotes) : this.words.best;
		opener.classList.toggle("fails", found.fails);
		opener.title = found.fails ? now : "";
	}

	offersModels() {
		openModels({ chosen: this.model, now: this.which?.now ?? "", take: (name) => this.choose(name) });
	}

	modelName(name, quotes) {
		if (!name) return this.words.best;
		return name === quotes ? this.words.quotes : name.split("/").slice(1).join("/") || name;
	}

	// --- What is chosen -----------------------------------------------------------------------

	chosen({ name, value, checked }) {
		if (name === "find") return this.draw("documents");
		if (LISTS.includes(name)) {
			this.scope[name] = checked ? [...this.scope[name], value] : this.scope[name].filter((each) => each !== value);
		} else this.scope[name] = value;
		this.tell();
	}

	async choose(model) {
		this.model = model;
		localStorage.setItem(MODEL, model);
		this.tell();
		const response = await fetch(`/ui/models?${new URLSearchParams({ model })}`).catch(() => null);
		if (response?.ok) this.offerModels(await response.json());
	}

	// Says everywhere what is chosen: in the hidden fields, the chips, the button, and the empty box.
	tell() {
		localStorage.setItem(SCOPE, JSON.stringify(this.scope));
		const { collection, ...conditions } = this.scope;
		write("collection", collection);
		write("scope", JSON.stringify(conditions));
		write("model", this.model);
		const chips = this.conditions();
		const row = this.querySelector(".chips");
		row.replaceChildren(...chips.map(({ shown, act }) => this.chip(shown, act)));
		row.hidden = !chips.length;
		const opener = this.querySelector(".opens.scope span");
		opener.textContent = chips.length ? fill(this.words.narrowed, { count: chips.length }) : this.words.everything;
		const box = document.querySelector("#question textarea");
		const scope = chips.map(({ shown }) => shown).join(", ");
		if (box) box.placeholder = scope ? fill(this.words.ask_in, { scope }) : this.words.ask_all;
		for (const name of ["collection", "since", "until"]) this.querySelector(`[name=${name}]`).value = this.scope[name];
	}

	conditions() {
		const { collection, since, until } = this.scope;
		const shown = (name, value) => this.shown[name]?.get(value) ?? value;
		const one = (name, text) => ({ shown: text, act: () => (this.scope[name] = "") });
		return [
			...(collection ? [one("collection", shown("collection", collection))] : []),
			...LISTS.flatMap((name) =>
				this.scope[name].map((value) => ({
					shown: shown(name, value),
					act: () => (this.scope[name] = this.scope[name].filter((each) => each !== value)),
				})),
			),
			...(since ? [one("since", fill(this.words.since, { date: since }))] : []),
			...(until ? [one("until", fill(this.words.until, { date: until }))] : []),
		];
	}

	chip(shown, act) {
		const chip = make("button", "", { type: "button", className: "chip", title: shown });
		chip.setAttribute("aria-label", fill(this.words.remove, { name: shown }));
		chip.append(make("bdi", shown), make("span", "×"));
		chip.act = () => {
			act();
			this.redraw();
			this.querySelector(".opens.scope").focus();
		};
		return chip;
	}

	redraw() {
		for (const name of LISTS) if (this.shown[name]) this.draw(name);
		this.tell();
	}

	// --- Panels -------------------------------------------------------------------------------

	clicked(button) {
		if (!button) return;
		if (button.act) button.act();
		else if (button.dataset.panel === "model") this.offersModels();
		else if (button.dataset.panel) this.open === button.dataset.panel ? this.close() : this.show(button);
		else if (button.dataset.act === "done") this.close();
		else if (button.dataset.act === "clear") {
			this.scope = structuredClone(EMPTY);
			this.redraw();
		}
	}

	show(button) {
		this.close();
		this.open = button.dataset.panel;
		const panel = this.querySelector(`.panel[data-of=${this.open}]`);
		panel.hidden = false;
		panel.focus({ preventScroll: true });
		button.setAttribute("aria-expanded", "true");
		this.look();
	}

	close(event) {
		if (!this.open) return;
		event?.preventDefault();
		const opener = this.querySelector(`.opens[data-panel=${this.open}]`);
		const panel = this.querySelector(`.panel[data-of=${this.open}]`);
		const inside = panel.contains(document.activeElement);
		this.open = null;
		panel.hidden = true;
		opener.setAttribute("aria-expanded", "false");
		if (inside || event) opener.focus({ preventScroll: true });
	}
}

customElements.define("footnote-composer", Composer);
