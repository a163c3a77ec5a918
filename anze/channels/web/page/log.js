// The visible log: elements in the conversation's order, time lines, scrolling, the new-message pill.

import { $, say, show } from "./dom.js";
import { sameDay, timeLine } from "./format.js";
import { renderMessage, renderState } from "./render.js";
import { T } from "./texts.js";

const PAUSE_MS = 5 * 60_000;
const NEAR_END_PX = 96;

export class Log {
	#scroll = $("scroll");
	#elements = new Map();
	#unseen = 0;
	#pinned = true;

	constructor(conversation, actions, now) {
		Object.assign(this, { conversation, actions, now });
		this.#scroll.onscroll = () => {
			const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
			this.#follow(scrollHeight - scrollTop - clientHeight < NEAR_END_PX);
		};
		$("pill").onclick = () => {
			this.toEnd();
			this.#scroll.focus({ preventScroll: true });
		};
		const resized = new ResizeObserver(() => this.#pinned && this.#jump());
		resized.observe(this.#scroll);
		resized.observe(this.#scroll.firstElementChild);
	}

	/**
	 * Show the conversation as it is now. Items in `changed` are drawn anew, of those in `restated` only the delivery
	 * mark; `fresh` counts messages that just came in.
	 */
	update({ changed = [], restated = [], fresh = 0 } = {}) {
		for (const item of restated) renderState(this.#elements.get(item), item, this.actions);
		for (const item of changed) this.#remove(item);
		const { items } = this.conversation;
		for (const item of this.#elements.keys()) if (!items.includes(item)) this.#remove(item);
		let place = $("log").firstChild;
		let previous = null;
		for (const item of items) {
			if (!this.#elements.has(item)) this.#elements.set(item, renderMessage(item, this.actions));
			const element = this.#elements.get(item);
			if (element === place) place = place.nextSibling;
			else $("log").insertBefore(element, place);
			this.#head(element, item.msg, previous);
			previous = item.msg;
		}
		this.#unseen += fresh;
		this.#follow(this.#pinned);
	}

	toEnd() {
		this.#follow(true);
		this.#jump();
	}

	#remove(item) {
		this.#elements.get(item).remove();
		this.#elements.delete(item);
	}

	#head(element, msg, previous) {
		const at = Date.parse(msg.at);
		const before = Date.parse(previous?.at);
		const paused = !previous || at - before > PAUSE_MS || !sameDay(at, before);
		const follows = !paused && previous.direction === msg.direction && previous.sender === msg.sender;
		say(element.querySelector(".when"), paused ? timeLine(at, this.now()) : "");
		element.classList.toggle("follows", follows);
	}

	#follow(end) {
		this.#pinned = end;
		if (end) this.#unseen = 0;
		show($("pill"), !end);
		$("pill").lastElementChild.textContent = T.newMessages(this.#unseen);
	}

	#jump() {
		this.#scroll.scrollTop = this.#scroll.scrollHeight;
	}
}
