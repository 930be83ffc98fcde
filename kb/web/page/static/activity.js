// The activity: asked for again every few seconds while its screen is shown and the window is looked at. Markup comes
// ready from the server (kb/web/page/activity/render.py).

import { make, refusal, released, send, sleep, tell } from "./common.js";
import { current } from "./router.js";

const EVERY_MS = 3000;
const PLOTS_EVERY = 5; // looks: they change slowly, and are read from the whole log

class Activity extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.wanted = { kind: "", status: "", before: "" };
		this.span = "day";
		this.plots = make("div", "");
		this.lost = make("p", this.words.connection_lost, { className: "note problem", hidden: true });
		this.lost.setAttribute("role", "alert");
		this.body = make("div", "");
		this.replaceChildren(this.lost, this.body);
		this.addEventListener("click", (event) => this.clicked(event.target.closest("button")));
		this.addEventListener("change", (event) => {
			if (event.target.dataset.span !== undefined) this.lookAtPlots(event.target.value);
			else if (event.target.dataset.narrow) this.narrow({ [event.target.dataset.narrow]: event.target.value, before: "" });
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
		for (let looks = 0; this.isConnected && current().screen === "activity"; looks++) {
			if (!document.hidden) await this.look();
			if (!document.hidden && looks % PLOTS_EVERY === 0) await this.lookAtPlots();
			await sleep(EVERY_MS);
		}
		this.following = false;
	}

	async look() {
		const asked = new URLSearchParams(Object.entries(this.wanted).filter(([, value]) => value));
		try {
			const response = await fetch(`/ui/activity?${asked}`);
			if (!response.ok) throw new Error(response.statusText);
			this.show((await released(response.json())).html);
			this.lost.hidden = true;
		} catch {
			this.lost.hidden = false;
		}
	}

	async lookAtPlots(span = this.span) {
		this.span = span;
		const asked = new URLSearchParams({ span, ...(this.wanted.kind && { kind: this.wanted.kind }) });
		const response = await fetch(`/ui/activity/plots?${asked}`).catch(() => null);
		if (!response?.ok || span !== this.span) return;
		const { html } = await released(response.json());
		if (html === this.plots.shown) return;
		const focused = this.plots.contains(document.activeElement);
		this.plots.shown = html;
		this.plots.innerHTML = html;
		if (focused) this.plots.querySelector("[data-span]").focus();
	}

	show(html) {
		if (html === this.shown) return;
		this.shown = html;
		const focused = document.activeElement?.dataset?.narrow;
		const inPlots = this.plots.contains(document.activeElement);
		this.body.innerHTML = html;
		this.querySelector("[data-plots]").append(this.plots);
		if (inPlots) this.plots.querySelector("[data-span]").focus();
		if (focused) this.querySelector(`[data-narrow=${focused}]`)?.focus();
	}

	narrow(changed) {
		Object.assign(this.wanted, changed);
		if ("kind" in changed) this.lookAtPlots();
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
