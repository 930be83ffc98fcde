// Which documents of the list are selected: some by their ids, or all that the filter leaves but a few.

export class Selection {
	constructor() {
		this.clear();
	}

	clear() {
		this.ids = new Map(); // id -> what is known of its row
		this.all = false;
		this.but = new Set();
	}

	// Selects everything that the list leaves, shown or not.
	takeAll() {
		this.clear();
		this.all = true;
	}

	set(id, selected, row) {
		if (this.all) selected ? this.but.delete(id) : this.but.add(id);
		else selected ? this.ids.set(id, row) : this.ids.delete(id);
	}

	has(id) {
		return this.all ? !this.but.has(id) : this.ids.has(id);
	}

	count(total) {
		return this.all ? Math.max(0, total - this.but.size) : this.ids.size;
	}

	// Whether one of them can be given to `act`; of all that match nobody knows.
	offers(act) {
		return this.all || [...this.ids.values()].some((row) => row.acts.split(" ").includes(act));
	}

	// The documents as the API takes them; of a few thousand ids each request names a part.
	asked(filter) {
		if (this.all) return [{ matching: filter, but: [...this.but] }];
		const ids = [...this.ids.keys()];
		const parts = [];
		for (let at = 0; at < ids.length; at += 1000) parts.push({ ids: ids.slice(at, at + 1000) });
		return parts;
	}
}
