// On the settings screen: the accounts, their groups, and who sees which collection. Text is only ever set as text.

import { confirmedAs, fill, make, refusal, send, tell, written } from "./common.js";
import { labelled, openSharing, options } from "./sharing.js";

const ROLES = ["reader", "editor", "owner"];

class People extends HTMLElement {
	connectedCallback() {
		this.words = JSON.parse(this.dataset.words);
		const words = this.words;
		this.people = make("tbody", "");
		this.groups = make("ul", "", { className: "groups" });
		this.problem = make("p", "", { className: "problem", hidden: true });
		this.problem.setAttribute("role", "alert");
		const collections = options(make("select", ""), JSON.parse(this.dataset.collections), {}, "");
		collections.selectedIndex = 0;
		const sees = make("button", words.who_sees_it, { type: "button" });
		sees.addEventListener("click", () => openSharing(collections.value, collections.value, words));
		const seen = make("p", "", { className: "bar" });
		seen.append(labelled(words.collection, collections), sees);
		const shared = collections.options.length ? [make("h3", words.collections), seen] : [];
		const table = make("table", "");
		table.append(head([words.name, words.role, words.last_seen, ""]), this.people);
		this.replaceChildren(
			make("p", words.people_hint, { className: "hint" }),
			table,
			this.personForm(),
			this.problem,
			make("h3", words.groups),
			this.groups,
			this.groupForm(),
			...shared,
		);
		this.look();
	}

	async look() {
		try {
			this.showPeople(await all("/api/people", "people"));
			this.showGroups(await all("/api/groups", "groups"));
		} catch {
			this.say(this.words.connection_lost);
		}
	}

	say(text) {
		this.problem.textContent = text ?? "";
		this.problem.hidden = !text;
	}

	// Does what `ask` asks for, and shows what is there then; what it was answered, or null where it was refused.
	async act(ask) {
		try {
			const response = await ask();
			const refused = await refusal(response, this.words);
			this.say(refused);
			await this.look();
			return refused ? null : response;
		} catch {
			this.say(this.words.connection_lost);
			return null;
		}
	}

	showPeople(people) {
		const { words } = this;
		this.people.replaceChildren(
			...people.map(({ name, role, last_seen: seen }) => {
				const row = make("tr", "");
				const called = make("th", "", { scope: "row" });
				called.append(make("bdi", name));
				const roles = options(make("select", ""), ROLES, words, role);
				roles.setAttribute("aria-label", fill(words.role_of, { name }));
				roles.addEventListener("change", () => this.act(() => send("PATCH", addressOf("people", name), { role: roles.value })));
				const acts = cell(
					button(words.new_password, fill(words.new_password_of, { name }), () => this.newPassword(name)),
					button(words.remove, fill(words.remove_of, { name }), () => this.removePerson(name)),
				);
				row.append(called, cell(roles), make("td", seen ? new Date(seen).toLocaleDateString() : words.never), acts);
				return row;
			}),
		);
	}

	showGroups(groups) {
		const { words } = this;
		this.groups.replaceChildren(
			...groups.map(({ name, members }) => {
				const item = make("li", "");
				const who = make("span", "");
				who.append(make("bdi", name), `: ${members.join(", ") || words.nobody}`);
				item.append(
					who,
					button(words.change, fill(words.change_of, { name }), () => this.changeGroup(name, members)),
					button(words.remove, fill(words.remove_of, { name }), () => this.removeGroup(name)),
				);
				return item;
			}),
		);
		if (!groups.length) this.groups.append(make("li", words.no_groups, { className: "hint" }));
	}

	personForm() {
		const { words } = this;
		const name = make("input", "", { type: "text", required: true, maxLength: 64, autocomplete: "off" });
		const role = options(make("select", ""), ROLES, words, "editor");
		return form([labelled(words.new_person, name), labelled(words.role, role)], words.add_person, async () => {
			const made = await this.act(() => send("POST", "/api/people", { name: name.value.trim(), role: role.value }));
			if (!made) return;
			name.value = "";
			await this.showPassword(await made.json());
		});
	}

	groupForm() {
		const { words } = this;
		const name = make("input", "", { type: "text", required: true, maxLength: 64, autocomplete: "off" });
		const members = make("input", "", { type: "text", autocomplete: "off" });
		return form([labelled(words.new_group, name), labelled(words.members, members)], words.add_group, async () => {
			const body = { name: name.value.trim(), members: namesOf(members.value) };
			if (await this.act(() => send("POST", "/api/groups", body))) name.value = members.value = "";
		});
	}

	// The password that was made, once, in a field that it can be copied from.
	async showPassword({ name, password }) {
		const dialog = make("dialog", "", { className: "ask" });
		const box = make("form", "", { method: "dialog" });
		const field = make("input", "", { type: "text", readOnly: true, value: password });
		const text = fill(this.words.made, { name });
		field.setAttribute("aria-label", text);
		box.append(make("p", text), field, make("button", "OK", { value: "" }));
		dialog.append(box);
		document.body.append(dialog);
		dialog.addEventListener("close", () => dialog.remove());
		dialog.showModal();
		field.select();
	}

	async newPassword(name) {
		const password = await written(fill(this.words.new_password_for, { name }), "", this.words);
		if (password === null) return;
		if (await this.act(() => send("PATCH", addressOf("people", name), { password }))) await tell(fill(this.words.password_changed, { name }));
	}

	async removePerson(name) {
		if (await confirmedAs(fill(this.words.confirm_remove, { name }), this.words.remove, this.words)) {
			await this.act(() => send("DELETE", addressOf("people", name)));
		}
	}

	async changeGroup(name, before) {
		const line = await written(fill(this.words.members_of, { name }), before.join(", "), this.words);
		if (line === null) return;
		const after = namesOf(line);
		const add = after.filter((each) => !before.includes(each));
		const remove = before.filter((each) => !after.includes(each));
		if (add.length + remove.length) await this.act(() => send("PATCH", addressOf("groups", name), { add, remove }));
	}

	async removeGroup(name) {
		if (await confirmedAs(fill(this.words.confirm_remove_group, { name }), this.words.remove, this.words)) {
			await this.act(() => send("DELETE", addressOf("groups", name)));
		}
	}
}

const addressOf = (kind, name) => `/api/${kind}/${encodeURIComponent(name)}`;
const namesOf = (line) => line.split(/[,，、;；]/).map((name) => name.trim()).filter(Boolean);

// Every row of a list, page by page.
async function all(address, field) {
	const rows = [];
	let cursor = "";
	do {
		const response = await fetch(`${address}?${new URLSearchParams({ limit: 1000, cursor })}`);
		if (!response.ok) throw new Error(response.statusText);
		const page = await response.json();
		rows.push(...page[field]);
		cursor = page.next_cursor;
	} while (cursor);
	return rows;
}

function head(words) {
	const row = make("tr", "");
	row.append(...words.map((word) => make(word ? "th" : "td", word, word ? { scope: "col" } : {})));
	const element = make("thead", "");
	element.append(row);
	return element;
}

function cell(...children) {
	const element = make("td", "");
	element.append(...children);
	return element;
}

function button(text, label, act) {
	const element = make("button", text, { type: "button" });
	element.setAttribute("aria-label", label);
	element.addEventListener("click", act);
	return element;
}

function form(fields, text, act) {
	const element = make("form", "", { className: "bar" });
	element.append(...fields, make("button", text, { type: "submit" }));
	element.addEventListener("submit", (event) => {
		event.preventDefault();
		act();
	});
	return element;
}

customElements.define("footnote-people", People);
