// Read before anything is drawn, so that nothing flashes or moves: the colours, and how wide the rail is.
{
	const root = document.documentElement;
	root.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);
	root.classList.toggle("rail-narrow", Boolean(localStorage.getItem("footnote_rail_narrow")));
}
