// What a person did, until the server has it: kept on the phone, sent in order, again after growing pauses.
// The server takes each once, by its client_id.

import * as api from "./api.js";
import * as phone from "./phone.js";
import { nextItem } from "./rules.js";

const FIRST_PAUSE_MS = 2000;
const LAST_PAUSE_MS = 60_000;
/** So long the words of a hazard wait for its photos. */
const PHOTOS_FIRST_MS = 20_000;

let items = [];
let running = false;
let failures = 0;
let timer;
let heavy; // what is large makes way at once
let held = new Set(); // what the server failed at waits for the next round
let listener = () => {};

/** What is under way: {id, part} with 0–1 of its files. */
export let current = null;

/** `onChange({item, result}?)`: it looks different; with what has just got through. */
export const whenChanged = (onChange) => (listener = onChange);
export const waiting = () => items;
export const lineBroken = () => failures > 0;
export const newId = () =>
	[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const next = () => nextItem(items, held);
const without = (id) => items.filter((item) => item.id !== id);
const changed = () => {
	listener();
	kick();
};

export async function load() {
	items = await phone.all("queue");
	failures = 0;
	changed();
}

export function unload() {
	items = [];
	clearTimeout(timer);
}

/** Keep an item and begin to send; the draft that it came from goes in the same moment. */
export async function add(kind, number, body, { files = [], draft } = {}) {
	const item = { kind, number, body: { client_id: newId(), ...body }, files, at: Date.now(), state: "waiting" };
	await phone.together(["queue", "drafts"], (stores) => {
		stores.queue.add(item).onsuccess = ({ target }) => (item.id = target.result);
		if (draft) stores.drafts.delete(draft);
	});
	items.push(item);
	if (current && next().id !== current.id) heavy?.abort();
	changed();
}

export async function again({ id }) {
	await update(id, { state: "waiting", reason: undefined });
	kick();
}

/** Take an item out with its files, or put `draft` in its place; false when it is on its way. */
export async function take({ id, files }, draft) {
	if (current?.id === id || !items.some((item) => item.id === id)) return false;
	await phone.together(["queue", "drafts", "files"], (stores) => {
		stores.queue.delete(id);
		if (draft) stores.drafts.put(draft);
		else for (const key of files) stores.files.delete(key);
	});
	items = without(id);
	changed();
	return true;
}

async function update(id, change) {
	const item = items.find((one) => one.id === id);
	if (!item) return;
	await phone.put("queue", Object.assign(item, change));
	listener();
}

export function kick() {
	clearTimeout(timer);
	if (running || !items.length || !api.session()?.token) return;
	running = true;
	const { locks } = navigator; // one tab sends at a time
	const work = locks ? locks.request("anze.provider", { ifAvailable: true }, (lock) => lock && run()) : run();
	work.catch(reportError).finally(() => {
		running = false;
		held = new Set();
		const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), LAST_PAUSE_MS);
		if (next() && api.session()?.token) timer = setTimeout(kick, pause * (0.75 + Math.random() / 2));
	});
}

async function run() {
	items = await phone.all("queue"); // another tab may have sent some
	for (let item = next(); item; item = next()) {
		progress(item, 0);
		try {
			const result = await send(item);
			current = null;
			failures = 0;
			listener({ item, result });
		} catch (problem) {
			current = null;
			if (!(problem instanceof api.Problem)) throw problem;
			const { status, passing, message: reason, code, stepAside } = problem;
			if (!passing) await update(item.id, { state: "refused", reason, code });
			if (!passing || stepAside) continue;
			if (status !== 401) failures += 1;
			listener();
			if (status !== 500) return; // no line, or no session: the others fare no better
			held.add(item.id);
		}
	}
}

const progress = ({ id }, part) => {
	current = { id, part };
	listener();
};

async function send(item) {
	const { kind, number, body } = item;
	if (kind === "hazard") return sendHazard(item);
	const ids = await upload(item);
	if (kind === "photos") return sent(item, await api.photos(body.hazard, ids));
	return sent(item, await api.step(number, kind, kind === "report" ? { ...body, file_id: ids[0] } : body));
}

/** With its photos, if they take no time; else the words go alone and the photos follow. */
async function sendHazard(item) {
	const late = new AbortController();
	const clock = setTimeout(() => late.abort(), PHOTOS_FIRST_MS);
	try {
		await upload(item, late.signal);
	} catch (problem) {
		if (!problem.passing || problem.status === 401) throw problem;
	} finally {
		clearTimeout(clock);
	}
	const { number, body, at } = item;
	const photos = await Promise.all(item.files.map((key) => phone.get("files", key)));
	const there = photos.map(({ file_id }) => file_id).filter(Boolean);
	const result = await api.step(number, "hazards", { ...body, file_ids: there });
	const files = photos.filter(({ file_id }) => !file_id).map(({ key }) => key);
	const rest = { kind: "photos", number, body: { hazard: result.number }, files, at, state: "waiting" };
	return sent(item, result, files.length ? rest : null);
}

/** Upload what is not there yet of an item's files; gives all ids. */
async function upload(item, signal = (heavy = new AbortController()).signal) {
	const ids = [];
	for (const [position, key] of item.files.entries()) {
		const file = await phone.get("files", key);
		const onProgress = (part) => progress(item, (position + part) / item.files.length);
		try {
			file.file_id ??= await api.upload(file, { onProgress, signal });
		} catch (problem) {
			throw Object.assign(problem, { stepAside: next()?.id !== item.id });
		}
		await phone.put("files", file);
		ids.push(file.file_id);
	}
	return ids;
}

/** The server has it: it goes, and what follows comes, in one moment. */
async function sent(item, result, follows) {
	await phone.together(["queue", "files"], (stores) => {
		stores.queue.delete(item.id);
		for (const key of item.files) if (!follows?.files.includes(key)) stores.files.delete(key);
		if (follows) stores.queue.add(follows).onsuccess = ({ target }) => (follows.id = target.result);
	});
	items = without(item.id);
	if (follows) items.push(follows);
	return result;
}

addEventListener("online", kick);
document.addEventListener("visibilitychange", () => document.hidden || kick());
