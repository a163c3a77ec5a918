// The conversation as the page knows it: what the server has, then what is not sent yet.

import { tab } from "./memory.js";

/** 128 random bits; crypto.randomUUID exists on https only. */
const randomId = () => crypto.getRandomValues(new BigUint64Array(2)).join("-");

/** What a reader sees of a message. */
const look = ({ text, files = [], buttons = [], citations = [], table, data }) =>
	JSON.stringify([text, files.map((file) => file.file_id), buttons, citations, table, data]);

/**
 * Items are {key, order, msg, state, reason?}. `state`: stored (by the server), queued, sending, failed (may succeed
 * later), refused. `key`: the server's id; half a step before the first answer while that is not known; else Infinity.
 */
export class Conversation {
	items = [];
	/** Highest id of an unbroken history: where reading on starts. */
	last = 0;
	#titles = new Map();
	#order = 0;
	#stash = tab.get("anze.outbox") ?? [];

	/** Take a message of the server. Returns {item, change}: "new", "changed" (looks different), "state" or "same". */
	take(msg) {
		for (const { payload, title } of msg.buttons ?? []) this.#titles.set(payload, title);
		const own = msg.direction === "in";
		if (own) msg = { ...msg, text: this.#titles.get(msg.text) ?? msg.text };
		const known = this.items.findLast(
			(item) => item.msg.id === msg.id || (own && item.msg.message_id && item.msg.message_id === msg.message_id),
		);
		if (!known) return { item: this.#add({ key: msg.id, msg, state: "stored" }), change: "new" };
		const change = look(known.msg) !== look(msg) ? "changed" : known.state === "stored" ? "same" : "state";
		this.update(known, { key: msg.id, msg, state: "stored" });
		return { item: known, change };
	}

	/** Put an own message at the end, to be sent. */
	write({ text, payload = text, files = [], at }) {
		const msg = { direction: "in", at, text, message_id: randomId(), files };
		this.#add({ key: Infinity, msg, payload, state: "queued" });
	}

	update(item, fields) {
		Object.assign(item, fields);
		this.#settled();
	}

	/** The server has `item` and gave the answers with these ids. */
	settle(item, answers) {
		this.update(item, { state: "stored", key: (answers.length ? Math.min(...answers) - 1 : this.newest()) + 0.5 });
	}

	drop(...items) {
		this.items = this.items.filter((item) => !items.includes(item));
		this.#settled();
	}

	/** Forget what belongs to an ended session; unsent messages stay. */
	forget() {
		this.last = 0;
		this.drop(...this.in("stored"));
	}

	/** Bring back what was unsent before a reload, without what did arrive. */
	restore() {
		const arrived = new Set(this.items.map(({ msg }) => msg.message_id));
		const unsent = this.#stash.splice(0).filter(({ msg }) => !arrived.has(msg.message_id));
		for (const { msg, payload } of unsent) this.#add({ key: Infinity, msg, payload, state: "failed" });
	}

	/** The highest id of the server. */
	newest() {
		return Math.max(0, ...this.items.map(({ msg }) => msg.id ?? 0));
	}

	in(wanted) {
		return this.items.filter(({ state }) => state === wanted);
	}

	#add(item) {
		item.order = this.#order++;
		this.items.push(item);
		this.#settled();
		return item;
	}

	#settled() {
		this.items.sort((one, other) => (one.key === other.key ? one.order - other.order : one.key - other.key));
		const unsent = this.items.filter(({ state }) => state !== "stored");
		tab.set("anze.outbox", [...this.#stash, ...unsent.map(({ msg, payload }) => ({ msg, payload }))]);
	}
}
