// The turns of a long conversation that are not on the page yet: they come when what stands above the others is scrolled
// to, or pressed. What is read stays where it is.

const NEAR = "800px 0px 0px"; // above the window: they are there before they are seen

class Earlier extends HTMLElement {
	connectedCallback() {
		this.querySelector("button").addEventListener("click", () => this.bring());
		// at first the newest turn is brought into view, and this one stands in it for a moment
		this.waiting = setTimeout(() => this.watch(), 500);
	}

	disconnectedCallback() {
		clearTimeout(this.waiting);
		this.watching?.disconnect();
	}

	watch() {
		this.watching = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && this.bring(), { rootMargin: NEAR });
		this.watching.observe(this);
	}

	async bring() {
		if (this.bringing) return;
		this.bringing = true;
		const button = this.querySelector("button");
		const pressed = document.activeElement === button;
		button.setAttribute("aria-busy", "true");
		const { conversation, before } = this.dataset;
		try {
			const response = await fetch(`/ui/conversations/${encodeURIComponent(conversation)}/earlier?before=${encodeURIComponent(before)}`);
			if (!response.ok) throw new Error(response.statusText);
			this.show((await response.json()).html, pressed);
		} catch {
			button.removeAttribute("aria-busy"); // pressed again, it tries again
			this.bringing = false;
		}
	}

	show(html, pressed) {
		const turns = document.createElement("template");
		turns.innerHTML = html;
		const place = this.parentElement; // a block of its own, where Markdown would make it a part of a paragraph
		const next = place.nextElementSibling;
		const from = next.getBoundingClientRect().top;
		const questions = turns.content.querySelectorAll(".question");
		place.replaceWith(turns.content);
		scrollBy({ top: next.getBoundingClientRect().top - from, behavior: "instant" });
		const last = questions[questions.length - 1];
		if (!pressed || !last) return;
		last.tabIndex = -1;
		last.focus({ preventScroll: true });
	}
}

customElements.define("footnote-earlier", Earlier);
