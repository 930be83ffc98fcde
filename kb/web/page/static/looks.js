// How the page looks in this browser: theme, language and size of the text. `early.js` reads the same on every start.

const root = document.documentElement;
const LANGUAGE = "footnote_language";
const YEAR_S = 31_536_000;

const cookie = (name) => document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.split("=")[1] ?? "";

export const looks = () => ({
	theme: localStorage.getItem("footnote_theme") ?? "",
	size: localStorage.getItem("footnote_text_size") ?? "",
	language: cookie(LANGUAGE),
});

export function remember(what, value) {
	if (what === "language") {
		// a cookie, since the server chooses the words
		document.cookie = `${LANGUAGE}=${value}; path=/; max-age=${value ? YEAR_S : 0}; samesite=strict`;
		return location.reload();
	}
	const name = what === "size" ? "footnote_text_size" : "footnote_theme";
	value ? localStorage.setItem(name, value) : localStorage.removeItem(name);
	if (what === "size") root.style.fontSize = value ? `${value}px` : "";
	else {
		const dark = value ? value === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
		for (const element of [root, document.body]) element.classList.toggle("dark", dark);
	}
}
