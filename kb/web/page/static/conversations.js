// The list of earlier conversations, and which of them this browser shows.

import { confirmed, fill, send } from "./common.js";

// Its id is all that the browser keeps of a conversation; the server reads it when the page opens.
export const remember = (id) => {
	document.cookie = `footnote_conversation=${id}; path=/; SameSite=Strict; max-age=${id ? 31536000 : 0}`;
};

class Conversations extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.details = this.querySelector("details");
		this.list = this.querySelector(".list");
		this.details.addEventListener("toggle", () => this.details.open && this.look());
		this.list.addEventListener("click", (event) => this.clicked(event.target.closest("[data-act]")));
	}

	async look() {
		const response = await fetch("/ui/conversations");
		if (response.ok) this.list.innerHTML = (await response.json()).html;
	}

	async clicked(button) {
		if (!button) return;
		const item = button.closest("li");
		const id = item.dataset.conversation;
		if (button.dataset.act === "open") {
			remember(id);
			document.getElementById("reopen").click();
			this.details.open = false;
			return;
		}
		const name = item.querySelector("[data-act=open]").textContent;
		if (!(await confirmed(fill(this.words.confirm, { name }), this.words))) return;
		await send("DELETE", `/api/conversations/${encodeURIComponent(id)}`);
		const shown = document.querySelector("#current .question")?.dataset.conversation;
		if (shown === id) document.getElementById("anew").click();
		this.look();
	}
}

document.addEventListener(
	"click",
	(event) => event.target.closest?.("#anew") && remember(""),
	true,
);

customElements.define("footnote-conversations", Conversations);
