// Building blocks for the DOM. Strings only ever become text nodes or attribute values, never markup.

export const $ = (id) => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	if (tag === "button") element.type = tag;
	for (const [name, value] of Object.entries(attributes)) {
		if (typeof value === "function") element.addEventListener(name, value);
		else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value);
	}
	element.append(...children.filter((child) => child !== undefined && child !== null));
	return element;
}

export function icon(name) {
	const svg = $("attach").firstElementChild.cloneNode(true);
	svg.firstElementChild.setAttribute("href", `#i-${name}`);
	return svg;
}

export const show = (element, visible) => (element.hidden = !visible);

/** Put `text` into `element` and hide it when there is none. */
export function say(element, text) {
	element.textContent = text ?? "";
	show(element, text);
}

/** Greyed out and without effect, yet focusable, so that the keyboard's place is not lost. */
export const disable = (element, off) => element.setAttribute("aria-disabled", Boolean(off));
export const disabled = (element) => element.getAttribute("aria-disabled") === "true";
