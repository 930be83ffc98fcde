// The activity: asked for again every few seconds while its screen is shown and the window is looked at. Markup comes
// ready from the server (kb/web/page/render_activity.py).

import { make, refusal, send, sleep, tell } from "./common.js";
import { current } from "./router.js";

const EVERY_MS = 3000;

class Activity extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.wanted = { kind: "", status: "", before: "" };
		this.lost = make("p", this.words.connection_lost, { className: "note problem", hidden: true });
		this.lost.setAttribute("role", "alert");
		this.body = make("div", "");
		this.replaceChildren(this.lost, this.body);
		this.addEventListener("click", (event) => this.clicked(event.target.closest("button")));
		this.addEventListener("change", (event) => {
			if (event.target.dataset.narrow) this.narrow({ [event.target.dataset.narrow]: event.target.value, before: "" });
		});
		this.follow = () => this.following || this.keepFresh();
		document.addEventListener("footnote:route", this.follow);
		this.follow();
	}

	disconnectedCallback() {
		document.removeEventListener("footnote:route", this.follow);
	}

	async keepFresh() {
		this.following = true;
		while (this.isConnected && current().screen === "activity") {
			if (!document.hidden) await this.look();
			await sleep(EVERY_MS);
		}
		this.following = false;
	}

	async look() {
		const asked = new URLSearchParams(Object.entries(this.wanted).filter(([, value]) => value));
		try {
			const response = await fetch(`/ui/activity?${asked}`);
			if (!response.ok) throw new Error(response.statusText);
			this.show((await response.json()).html);
			this.lost.hidden = true;
		} catch {
			this.lost.hidden = false;
		}
	}

	show(html) {
		if (html === this.shown) return;
		this.shown = html;
		const focused = document.activeElement?.dataset?.narrow;
		this.body.innerHTML = html;
		if (focused) this.querySelector(`[data-narrow=${focused}]`)?.focus();
	}

	narrow(changed) {
		Object.assign(this.wanted, changed);
		return this.look();
	}

	async clicked(button) {
		if (button?.dataset.before !== undefined) return this.narrow({ before: button.dataset.before });
		if (button?.dataset.act !== "put-away") return;
		const refused = await refusal(await send("DELETE", `/api/notices/${button.dataset.notice}`), this.words);
		if (refused) await tell(refused);
		await this.look();
	}
}

customElements.define("footnote-activity", Activity);
