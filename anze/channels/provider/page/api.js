// The HTTP contract. The token lives in localStorage and travels in a header only.

import { T } from "./texts.js";

const ANSWER_LIMIT_MS = 30_000;
const PIECE_LIMIT_MS = 120_000;
const PIECE = 256 * 1024;
const KEY = "anze.provider";

export class Problem extends Error {
	constructor(status, body = {}) {
		super(body.detail ?? (status ? T.failed : T.noAnswer));
		this.status = status;
		this.code = body.code;
		this.received = body.received;
		/** The same request may succeed later. */
		this.passing = [0, 401, 408, 429].includes(status) || status >= 500;
	}
}

let current = JSON.parse(localStorage.getItem(KEY) ?? "null");
let onEnded = () => {};

export const session = () => current;
export const whenEnded = (listener) => (onEnded = listener);

function keep(session) {
	current = session;
	if (session) localStorage.setItem(KEY, JSON.stringify(session));
	else localStorage.removeItem(KEY);
}

async function bare(method, path, { body, raw, headers, limit = ANSWER_LIMIT_MS, signal } = {}) {
	const stop = new AbortController();
	const end = () => stop.abort();
	const timer = setTimeout(end, limit);
	signal?.addEventListener("abort", end);
	if (signal?.aborted) end();
	try {
		const response = await fetch(path, {
			method,
			headers: { Authorization: `Bearer ${current?.token}`, "Content-Type": "application/json", ...headers },
			body: raw ?? (body && JSON.stringify(body)),
			signal: stop.signal,
			cache: "no-store",
		});
		if (response.status === 204) return null;
		if (response.ok) return await response.json();
		throw new Problem(response.status, await response.json().catch(() => ({}))); // {}: a proxy's own page
	} catch (error) {
		throw error instanceof Problem ? error : new Problem(0); // no line, or it broke half-way
	} finally {
		clearTimeout(timer);
	}
}

/** A call with the token; when that is refused, the person signs in again. */
async function call(method, path, options = {}) {
	const { token } = current ?? {};
	try {
		return await bare(method, path, options);
	} catch (problem) {
		if (problem.status === 401 && current?.token === token) {
			keep({ username: current.username });
			onEnded();
		}
		throw problem;
	}
}

export async function login(username, password) {
	const { token, role } = await bare("POST", "/api/staff/login", { body: { username, password } });
	if (role !== "provider") throw new Problem(403, { detail: T.otherRole });
	keep({ token, username });
}

export async function logout() {
	await call("DELETE", "/api/sessions").catch(() => null); // without a line the token ends by itself
	keep(null);
}

const order = (number) => `/api/provider/orders/${encodeURIComponent(number)}`;

export const me = () => call("GET", "/api/sessions/me");
export const orders = (which, size) => call("GET", `/api/provider/orders?which=${which}&size=${size}`);
export const one = (number) => call("GET", order(number));
export const hazards = (number) => call("GET", `${order(number)}/hazards`);
export const step = (number, kind, body) => call("POST", `${order(number)}/${kind}`, { body });
export const photos = (hazard, ids) =>
	call("POST", `/api/provider/hazards/${encodeURIComponent(hazard)}/photos`, { body: { file_ids: ids } });

/** Send a kept file in pieces from where the last attempt ended; gives its file_id. */
export async function upload({ key, name, blob }, { onProgress, signal }) {
	const begun = await call("POST", "/api/uploads", { body: { client_id: key, name, size: blob.size }, signal });
	let { received, file_id } = begun;
	while (!file_id) {
		onProgress(received / blob.size);
		const raw = blob.slice(received, received + PIECE);
		const headers = { "Upload-Offset": received, "Content-Type": "application/offset+octet-stream" };
		const path = `/api/uploads/${begun.upload_id}`;
		try {
			({ received, file_id } = await call("PATCH", path, { raw, headers, limit: PIECE_LIMIT_MS, signal }));
		} catch (problem) {
			if (problem.status !== 409 || problem.received === undefined) throw problem;
			received = problem.received;
		}
	}
	onProgress(1);
	return file_id;
}
