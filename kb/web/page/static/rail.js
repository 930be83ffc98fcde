// The rail: the conversations, and whether it is wide, narrow or away.

import { confirmed, fill, refusal, released, send, tell, written } from "./common.js";
import { openMenu } from "./menu.js";
import { current, go } from "./router.js";

const NARROW = "footnote_rail_narrow";
const root = document.documentElement;

class Rail extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.list = this.querySelector(".list");
		this.find = this.querySelector(".find");
		this.menu = this.querySelector("[data-act=open-menu]");
		this.narrow = this.querySelector("[data-act=narrow]");
		this.addEventListener("click", (event) => this.clicked(event.target.closest("[data-act], a[data-go]")));
		this.find.addEventListener("input", () => this.look());
		document.addEventListener("keydown", (event) => this.pressed(event));
		document.addEventListener("footnote:route", () => this.marked());
		document.addEventListener("footnote:conversations", () => this.look());
		this.name();
		this.look();
	}

	async look() {
		const query = new URLSearchParams({ saying: this.find.value.trim() });
		const response = await fetch(`/ui/conversations?${query}`).catch(() => null);
		if (!response?.ok) return;
		const { html } = await released(response.json());
		if (html !== this.shown) this.list.innerHTML = this.shown = html;
		this.marked();
	}

	marked() {
		const { screen, id } = current();
		for (const item of this.list.querySelectorAll("li")) {
			const link = item.querySelector("a");
			if (screen === "ask" && item.dataset.conversation === id) link.setAttribute("aria-current", "page");
			else link.removeAttribute("aria-current");
		}
	}

	name() {
		const label = root.classList.contains("rail-narrow") ? this.words.widen : this.words.narrow;
		this.narrow.setAttribute("aria-label", label);
		this.narrow.title = label;
	}

	clicked(element) {
		const act = element?.dataset.act;
		if (act === "conversation") this.menuOf(element);
		else if (act === "narrow") {
			const narrow = root.classList.toggle("rail-narrow");
			narrow ? localStorage.setItem(NARROW, "1") : localStorage.removeItem(NARROW);
			this.name();
		} else if (act === "open-menu") this.open();
		else if (act === "close" || element?.matches("a[data-go]")) this.close();
	}

	menuOf(button) {
		const { words } = this;
		const { conversation: id, title, pinned } = button.closest("li").dataset;
		const address = `/api/conversations/${encodeURIComponent(id)}`;
		openMenu(button, [
			{ label: words.rename, act: () => this.rename(address, title) },
			{ label: pinned === undefined ? words.pin : words.unpin, act: () => this.change(address, { pinned: pinned === undefined }) },
			{ label: words.export_markdown, act: () => location.assign(`${address}/export`) },
			{ label: words.export_json, act: () => location.assign(`${address}/export?format=json`) },
			{ label: words.delete, danger: true, act: () => this.remove(id, title) },
		]);
	}

	async rename(address, title) {
		const name = await written(this.words.new_name, title, this.words);
		if (name?.trim()) this.change(address, { title: name });
	}

	async change(address, labels) {
		const refused = await refusal(await send("PATCH", address, labels), this.words);
		if (refused) tell(refused);
		this.look();
	}

	async remove(id, title) {
		if (!(await confirmed(fill(this.words.confirm_delete, { name: title }), this.words))) return;
		const refused = await refusal(await send("DELETE", `/api/conversations/${encodeURIComponent(id)}`), this.words);
		if (refused) return tell(refused);
		if (current().id === id) go("/", { replace: true });
		this.look();
	}

	open() {
		root.classList.add("rail-open");
		this.menu.setAttribute("aria-expanded", "true");
		this.find.focus({ preventScroll: true });
	}

	close() {
		if (!root.classList.contains("rail-open")) return;
		root.classList.remove("rail-open");
		this.menu.setAttribute("aria-expanded", "false");
		this.menu.focus({ preventScroll: true });
	}

	pressed(event) {
		if (event.key === "Escape" && !document.querySelector("dialog[open]")) this.close();
		if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
		event.preventDefault();
		go("/");
	}
}

customElements.define("footnote-rail", Rail);
