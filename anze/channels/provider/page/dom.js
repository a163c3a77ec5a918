// Building blocks. Strings only ever become text nodes or attribute values, never markup.

export const $ = (id) => document.getElementById(id);

/** `h("a.card", {href}, …)`; the attributes can be left out. */
export function h(name, ...children) {
	const [tag, ...classes] = name.split(".");
	const element = document.createElement(tag);
	if (tag === "button") element.type = tag;
	if (classes.length) element.className = classes.join(" ");
	const attributes = children[0]?.constructor === Object ? children.shift() : {};
	for (const [key, value] of Object.entries(attributes)) {
		if (typeof value === "function") element.addEventListener(key, value);
		else if (![undefined, null, false].includes(value)) element.setAttribute(key, value === true ? "" : value);
	}
	element.append(...children.flat(Infinity).filter(Boolean));
	return element;
}

const PATHS = {
	back: "m14.5 5-7 7 7 7",
	account: "M8 8a4 4 0 1 0 8 0 4 4 0 1 0-8 0M4.5 20.5a7.5 7.5 0 0 1 15 0",
	phone: "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2Z",
	camera: "M4 8h3.5l1.5-2.5h6L16.5 8H20v11H4ZM8.5 13a3.5 3.5 0 1 0 7 0 3.5 3.5 0 1 0-7 0",
	file: "M6 3.5h7.5l5 5v12H6Zm7.5 0v5h5",
	close: "m6 6 12 12m0-12L6 18",
};
const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
	const svg = document.createElementNS(SVG, "svg");
	svg.setAttribute("viewBox", "0 0 24 24");
	svg.setAttribute("aria-hidden", "true");
	const path = document.createElementNS(SVG, "path");
	path.setAttribute("d", PATHS[name]);
	svg.append(path);
	return svg;
}

export const show = (element, visible) => element.toggleAttribute("hidden", !visible);

export function say(element, text) {
	element.textContent = text ?? "";
	show(element, text);
}

export const soft = (...content) => h("span.soft", content);
export const line = (...content) => h("span.line", content);
export const tag = (kind, text) => h("span", { class: `tag ${kind}` }, text);
export const go = (...path) => {
	location.hash = ["#", ...path].join("/");
};

let fading;

export function toast(text) {
	const place = $("said");
	clearTimeout(fading);
	say(place, text);
	fading = setTimeout(() => say(place), 4000);
}
