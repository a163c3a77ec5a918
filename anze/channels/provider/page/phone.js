// What the phone keeps, in IndexedDB, one database a person.

const STORES = { drafts: "key", files: "key", seen: "key", queue: "id" };
const NAME = "anze.provider.";
let database;

const done = (request) =>
	new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});

export async function open(username) {
	database?.close();
	const request = indexedDB.open(NAME + username);
	request.onupgradeneeded = () => {
		for (const [store, keyPath] of Object.entries(STORES))
			request.result.createObjectStore(store, { keyPath, autoIncrement: keyPath === "id" });
	};
	database = await done(request);
	database.onversionchange = () => database.close();
}

export async function forget(username) {
	database.close();
	await done(indexedDB.deleteDatabase(NAME + username));
}

/** Run `work(stores)` as one transaction: all of it is kept, or nothing. */
export const together = (names, work) =>
	new Promise((resolve, reject) => {
		const transaction = database.transaction(names, "readwrite", { durability: "strict" });
		transaction.oncomplete = resolve;
		transaction.onabort = () => reject(transaction.error);
		work(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
	});

const store = (name, mode) => database.transaction(name, mode).objectStore(name);

export const get = (name, key) => done(store(name).get(key));
export const all = (name) => done(store(name).getAll());
export function put(name, value) {
	const request = store(name, "readwrite").put(value);
	request.transaction.commit(); // the page may close soon
	return done(request);
}
export const remove = (name, key) => done(store(name, "readwrite").delete(key));
