// Who sees a collection: a dialog that lists with whom it is shared, and the button in the library that opens it.
// Text is only ever set as text.

import { fill, make, refusal, send } from "./common.js";

const ROLES = ["reader", "editor"];
const CHANGES = ["footnote:into", "footnote:options"];

export function options(select, values, words, chosen) {
	select.append(...values.map((value) => make("option", words[value] ?? value, { value })));
	select.value = chosen;
	return select;
}

export function labelled(text, field) {
	const label = make("label", `${text} `);
	label.append(field);
	return label;
}

// Opens the dialog about `collection`, which a person calls `called`.
export async function openSharing(collection, called, words) {
	const address = `/api/collections/${encodeURIComponent(collection)}/shares`;
	const dialog = make("dialog", "", { className: "ask wide sharing" });
	const title = fill(words.who_sees, { collection: called });
	dialog.setAttribute("aria-label", title);
	const list = make("ul", "");
	const name = make("input", "", { type: "text", required: true, maxLength: 200, autocomplete: "off" });
	const role = options(make("select", ""), ROLES, words, "reader");
	const problem = make("p", "", { className: "problem", hidden: true });
	problem.setAttribute("role", "alert");
	const form = make("form", "", { className: "adding-share" });
	form.append(labelled(words.with_whom, name), labelled(words.as_what, role), make("button", words.do_share, { type: "submit" }));
	const close = make("button", words.close, { type: "button" });
	close.addEventListener("click", () => dialog.close());
	dialog.append(make("h3", title), make("p", words.share_hint, { className: "hint" }), list, form, problem, close);
	const say = (text) => {
		problem.textContent = text ?? "";
		problem.hidden = !text;
	};
	const look = async () => {
		const response = await fetch(`${address}?limit=1000`);
		const refused = await refusal(response, words);
		if (refused) return say(refused);
		const { shares } = await response.json();
		list.replaceChildren(...shares.map((share) => line(share, words, change)));
		if (!shares.length) list.append(make("li", words.shared_with_nobody, { className: "hint" }));
	};
	const change = async (ask) => {
		try {
			const refused = await refusal(await ask(address), words);
			say(refused);
			await look();
			return !refused;
		} catch {
			say(words.connection_lost);
			return false;
		}
	};
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		if (await change((to) => send("PUT", to, { name: name.value.trim(), role: role.value }))) name.value = "";
		name.focus();
	});
	document.body.append(dialog);
	dialog.showModal();
	name.focus();
	dialog.addEventListener("close", () => dialog.remove());
	await look().catch(() => say(words.connection_lost));
}

function line(share, words, change) {
	const item = make("li", "");
	const who = make("span", "");
	who.append(make("bdi", share.name), share.kind === "group" ? ` (${words.group})` : "");
	const role = options(make("select", ""), ROLES, words, share.role);
	role.setAttribute("aria-label", fill(words.role_of, { name: share.name }));
	role.addEventListener("change", () => change((to) => send("PUT", to, { name: share.name, role: role.value })));
	const end = make("button", words.end, { type: "button" });
	end.setAttribute("aria-label", fill(words.end_for, { name: share.name }));
	end.addEventListener("click", () => change((to) => send("DELETE", `${to}?${new URLSearchParams({ name: share.name })}`)));
	item.append(who, role, end);
	return item;
}

// The button in the bar of the library: about the collection that is listed, where it is theirs to share.
class Share extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		this.button = make("button", this.words.share, { type: "button", hidden: true });
		this.button.addEventListener("click", () => openSharing(this.listed.value, this.listed.textContent.replace(/ \(\d+\)$/, ""), this.words));
		this.replaceChildren(this.button);
		this.follow = () => this.show();
		for (const name of CHANGES) document.addEventListener(name, this.follow);
		this.show();
	}

	disconnectedCallback() {
		for (const name of CHANGES) document.removeEventListener(name, this.follow);
	}

	// The collection that is chosen, else the only one that there is; null where several are listed.
	get listed() {
		const { selectedOptions, options } = this.closest("footnote-library").querySelector("select[data-filter=collection]");
		const [chosen] = selectedOptions;
		return chosen?.value ? chosen : options.length === 2 ? options[1] : null;
	}

	show() {
		this.button.hidden = !this.listed?.value.startsWith(this.dataset.home);
	}
}

customElements.define("footnote-share", Share);
