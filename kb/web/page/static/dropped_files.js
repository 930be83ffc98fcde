// The files of what was dropped: those of folders with their paths; hidden ones are left out.

// Must be called while the event is handled: afterwards the browser tells nothing of what was dropped.
export function dropped(transfer) {
	const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
	if (!entries.some((entry) => entry.isDirectory)) return Promise.resolve([...transfer.files]);
	return allOf(entries);
}

async function allOf(entries) {
	return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry) {
	try {
		if (entry.isFile) {
			const file = await new Promise((done, failed) => entry.file(done, failed));
			return [Object.assign(file, { within: entry.fullPath })];
		}
		const reader = entry.createReader();
		const found = [];
		for (;;) {
			const more = await new Promise((done, failed) => reader.readEntries(done, failed)); // a hundred at a time
			if (!more.length) break;
			found.push(...more.filter((each) => !each.name.startsWith(".")));
		}
		return allOf(found);
	} catch {
		return [Object.assign(new File([], entry.name), { unreadable: true })];
	}
}

// Whether the bytes of a file can be read: a folder that came as a file, or one without rights, has none to give.
export async function isReadable(file) {
	if (file.unreadable) return false;
	try {
		await file.slice(0, 1).arrayBuffer();
		return true;
	} catch {
		return false;
	}
}
