// Building blocks for the DOM. Strings only ever become text nodes or attribute values, never markup.

export const $ = (id) => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	if (tag === "button") element.type = tag;
	for (const [name, value] of Object.entries(attributes)) {
		if (typeof value === "function") element.addEventListener(name, value);
		else if (![undefined, null, false].includes(value)) element.setAttribute(name, value);
	}
	element.append(...children.filter(Boolean));
	return element;
}

export function icon(name) {
	const svg = $("icons").cloneNode();
	const path = $(`i-${name}`).cloneNode();
	for (const part of [svg, path]) part.removeAttribute("id");
	show(svg, true);
	svg.append(path);
	return svg;
}

export const show = (element, visible) => (element.toggleAttribute("hidden", !visible));

/** Put `text` into `element` and hide it when there is none. */
export function say(element, text) {
	element.textContent = text ?? "";
	show(element, text);
}

/** Greyed out and without effect, yet focusable, so that the keyboard's place is not lost. */
export const disable = (element, off) => element.setAttribute("aria-disabled", Boolean(off));
export const disabled = (element) => element.getAttribute("aria-disabled") === "true";

for (const place of document.querySelectorAll("[data-icon]")) place.prepend(icon(place.dataset.icon));
