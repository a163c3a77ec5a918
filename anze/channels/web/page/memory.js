// What the browser keeps: the session across visits, draft and unsent messages for this tab.
// Storage may be forbidden or full; the page then works on and forgets at a reload.

function attempt(storage, work) {
	try {
		return work(window[storage]);
	} catch {
		return null;
	}
}

const box = (storage) => ({
	get: (key) => attempt(storage, (box) => JSON.parse(box.getItem(key))),
	set: (key, value) => attempt(storage, (box) => box.setItem(key, JSON.stringify(value))),
});

export const kept = box("localStorage");
export const tab = box("sessionStorage");
