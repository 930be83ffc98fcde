// Marks words within text that is on the page already, whatever elements stand between them.

const SILENT = /[\s|]/; // white space, and what stands between the cells of a row
export const BETWEEN_QUOTES = " … ";

const bare = (text) => [...text].filter((letter) => !SILENT.test(letter)).join("");

// The letters of an element without white space, and the text node and offset of each UTF-16 unit.
function lettersOf(element) {
	const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
	const places = [];
	let letters = "";
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		for (let at = 0; at < node.length; at++) {
			if (SILENT.test(node.data[at])) continue;
			letters += node.data[at];
			places.push([node, at]);
		}
	}
	return { letters, places };
}

function wrap(places, className) {
	const runs = [];
	for (const [node, at] of places) {
		const last = runs.at(-1);
		if (last?.node === node) last.to = at + 1;
		else runs.push({ node, from: at, to: at + 1 });
	}
	return runs.map(({ node, from, to }) => {
		const range = document.createRange();
		range.setStart(node, from);
		range.setEnd(node, to);
		const mark = document.createElement("mark");
		mark.className = className;
		range.surroundContents(mark);
		return mark;
	});
}

// Marks the parts of a quote, in their order; returns the elements, none where it does not stand there.
export function markQuote(element, quote, className) {
	const whole = lettersOf(element).letters.includes(bare(quote));
	const made = [];
	let from = 0;
	for (const part of whole ? [quote] : quote.split(BETWEEN_QUOTES)) {
		const wanted = bare(part);
		const { letters, places } = lettersOf(element);
		const at = wanted ? letters.indexOf(wanted, from) : -1;
		if (at < 0) continue;
		made.push(...wrap(places.slice(at, at + wanted.length), className));
		from = at + wanted.length;
	}
	return made;
}

// Marks every place of some words; returns a list of elements for each place.
export function markEvery(element, words, className) {
	const wanted = bare(words).toLowerCase();
	const made = [];
	for (let from = 0; wanted; ) {
		const { letters, places } = lettersOf(element);
		const at = letters.toLowerCase().indexOf(wanted, from);
		if (at < 0) break;
		made.push(wrap(places.slice(at, at + wanted.length), className));
		from = at + wanted.length;
	}
	return made;
}

export function unmark(element, className) {
	for (const mark of element.querySelectorAll(`mark.${className}`)) {
		const parent = mark.parentNode;
		mark.replaceWith(...mark.childNodes);
		parent.normalize();
	}
}
