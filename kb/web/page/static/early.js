// Read before anything is drawn, so that nothing flashes or moves: the colours, the size and the language that this
// browser remembers (`looks.js`), and how wide the rail is.
{
	const root = document.documentElement;
	const theme = localStorage.getItem("footnote_theme");
	const system = matchMedia.bind(window);
	// Gradio goes by what the system prefers, and asks for it again when it is drawn.
	window.matchMedia = (query) => {
		const found = system(query);
		const asked = /prefers-color-scheme:\s*dark/.test(query) && localStorage.getItem("footnote_theme");
		return asked ? new Proxy(found, { get: (of, name) => (name === "matches" ? asked === "dark" : typeof of[name] === "function" ? of[name].bind(of) : of[name]) }) : found;
	};
	root.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);
	root.classList.toggle("rail-narrow", Boolean(localStorage.getItem("footnote_rail_narrow")));
	const size = localStorage.getItem("footnote_text_size");
	if (size) root.style.fontSize = `${size}px`;
	const language = document.cookie.split("; ").find((each) => each.startsWith("footnote_language="))?.split("=")[1];
	if (language) {
		const said = language === "zh" ? "zh-CN" : "en";
		for (const [name, value] of [["language", said], ["languages", [said]]]) Object.defineProperty(navigator, name, { get: () => value });
	}
}
