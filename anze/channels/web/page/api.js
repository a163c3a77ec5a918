// The gateway's HTTP contract. The token lives in localStorage and travels in a header only.

import { kept } from "./memory.js";
import { T } from "./texts.js";

const ANSWER_LIMIT_MS = 30_000;
const SILENCE_LIMIT_MS = 60_000;

class Problem extends Error {
	constructor(status, detail) {
		super(detail);
		this.status = status;
		/** The same request may succeed later. */
		this.passing = status === 0 || status === 408 || status === 429 || status >= 500;
	}
}

function problemOf(status, body) {
	try {
		return new Problem(status, JSON.parse(body).detail ?? T.failed);
	} catch {
		return new Problem(status, T.failed); // a proxy's page instead of a problem document
	}
}

async function bare(method, path, token, { body, headers, signal = AbortSignal.timeout(ANSWER_LIMIT_MS) } = {}) {
	let response;
	try {
		response = await fetch(path, {
			method,
			headers: { ...(token && { Authorization: `Bearer ${token}` }), "Content-Type": "application/json", ...headers },
			body: body && JSON.stringify(body),
			signal,
			cache: "no-store",
		});
	} catch {
		throw new Problem(0, T.noAnswer);
	}
	if (!response.ok) throw problemOf(response.status, await response.text());
	return response;
}

async function content(response) {
	try {
		return await response.json();
	} catch {
		throw new Problem(0, T.noAnswer); // the line broke half-way
	}
}

let current = kept.get("anze.session");
let opening = null;
let onRenewed = () => {};

export const session = () => current;

/** `listener()` is called when a new session takes the place of a refused one. */
export const whenRenewed = (listener) => (onRenewed = listener);

/** Another session than the `refused` one. */
async function open(refused) {
	const other = kept.get("anze.session");
	const known = other && other.token !== refused;
	current = known ? other : await content(await bare("POST", "/api/sessions", null, { body: {} }));
	kept.set("anze.session", current);
	if (refused) onRenewed();
}

const opened = (refused) => (opening ??= open(refused).finally(() => (opening = null)));

/** Run `request(token)`; when the token is refused, once more with another session. */
async function authorised(request) {
	if (!current) await opened();
	const { token } = current;
	try {
		return await request(token);
	} catch (error) {
		if (error.status !== 401) throw error;
	}
	if (current.token === token) await opened(token);
	return request(current.token);
}

const call = (method, path, options) => authorised((token) => bare(method, path, token, options));
const json = async (method, path, body) => content(await call(method, path, { body }));

export const me = () => json("GET", "/api/sessions/me");
export const consent = (version) => call("POST", "/api/sessions/consent", { body: { version } });
export const read = (id) => call("POST", "/api/sessions/read", { body: { message_id: id } });
export const actFor = (id) => call("POST", "/api/sessions/acting-for", { body: { insured_id: id } });
export const bind = (step, fields) => json("POST", `/api/sessions/bind${step}`, fields);
export const send = (message) => json("POST", "/api/messages", message);
export const history = (after) => json("GET", `/api/messages?after=${after}`);

const blobs = new Map();

/** Keep the local copy of an uploaded file, so that it is not fetched again. */
export const rememberFile = (fileId, blob) => blobs.set(fileId, URL.createObjectURL(blob));

/** A blob: URL of a file of this conversation. */
export async function fileUrl(fileId) {
	if (!blobs.has(fileId)) {
		const response = await call("GET", `/api/files/${fileId}`, { signal: null });
		rememberFile(fileId, await response.blob());
	}
	return blobs.get(fileId);
}

/** Upload a File → {file_id, sha256}; `onProgress` gets 0–1 (fetch reports no progress). */
export function upload(file, onProgress = () => {}, signal = AbortSignal.timeout(180_000)) {
	const attempt = (token) =>
		new Promise((resolve, reject) => {
			const request = new XMLHttpRequest();
			const form = new FormData();
			form.append("file", file);
			request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
			request.onload = () => {
				if (request.status === 201) resolve(JSON.parse(request.responseText));
				else reject(problemOf(request.status, request.responseText));
			};
			request.onerror = request.onabort = () => reject(new Problem(0, T.noAnswer));
			signal.onabort = () => request.abort();
			request.open("POST", "/api/files");
			request.setRequestHeader("Authorization", `Bearer ${token}`);
			request.send(form);
		});
	return authorised(attempt);
}

/** Server-sent events: chunks of text → [{event, data}]; each field is one line. */
function eventParser() {
	let rest = "";
	return (chunk) => {
		const blocks = (rest + chunk).split("\n\n");
		rest = blocks.pop();
		return blocks.map((block) => Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/, 2))));
	};
}

/** Read events until the stream ends; one that misses its heartbeats is given up. */
export async function events(after, onOpen, onEvent, control) {
	const headers = { "Last-Event-ID": after };
	const response = await call("GET", "/api/events", { signal: control.signal, headers });
	onOpen();
	const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	const parse = eventParser();
	for (;;) {
		const silence = setTimeout(() => control.abort(), SILENCE_LIMIT_MS);
		const { done, value } = await reader.read().finally(() => clearTimeout(silence));
		if (done) return;
		parse(value).forEach(onEvent);
	}
}
